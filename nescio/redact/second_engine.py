"""PDFium's view of a page: its characters, at the coordinates of the page as shown."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Characters:
    """The visible characters of a page in the order of its contents.

    ``centres`` has one row (x, y) a character, in points of the page as shown.
    """

    text: str
    centres: Floats

    def inside(self, box: tuple[float, float, float, float]) -> str:
        """Return the characters whose centre lies in ``box``."""
        if not self.text:
            return ""
        x, y = self.centres[:, 0], self.centres[:, 1]
        hits = np.flatnonzero((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3]))
        return "".join(self.text[i] for i in hits)


def page_text(page: pypdfium2.PdfPage) -> str:
    """Return all text of a page, hidden or not."""
    text_page = page.get_textpage()
    try:
        return str(text_page.get_text_range(errors="replace"))
    finally:
        text_page.close()


def read_page(page: pypdfium2.PdfPage) -> tuple[Characters, str]:
    """Return the characters of a page with their centres, and all its text, hidden or not."""
    text_page = page.get_textpage()
    try:
        chars, boxes = _read(text_page.raw)
        text = str(text_page.get_text_range(errors="replace"))
    finally:
        text_page.close()
    centres = np.column_stack(((boxes[:, 0] + boxes[:, 1]) / 2, (boxes[:, 2] + boxes[:, 3]) / 2))
    return Characters("".join(chars), _shown(page, centres)), text


def _read(text_page: pdfium.FPDF_TEXTPAGE) -> tuple[list[str], Floats]:
    edges = left, right, bottom, top = tuple(ctypes.c_double() for _ in range(4))
    into = [ctypes.pointer(edge) for edge in edges]
    code_of, box_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharBox
    chars: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        code = code_of(text_page, index)
        if code <= 32 or not box_of(text_page, index, *into):
            continue
        chars.append(chr(code) if code < 0xD800 else "\ufffd")
        boxes.append((left.value, right.value, bottom.value, top.value))
    return chars, np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _shown(page: pypdfium2.PdfPage, points: Floats) -> Floats:
    """Turn points of PDF user space into points of the page as shown (y down)."""
    media, crop = page.get_mediabox(), page.get_cropbox()
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    x, y = points[:, 0] - left, top - points[:, 1]
    width, height = right - left, top - bottom
    match page.get_rotation():
        case 90:
            x, y = height - y, x
        case 180:
            x, y = width - x, height - y
        case 270:
            x, y = y, width - x
    return np.column_stack((x, y))
