"""Finds text that lies under opaque rectangles: what others believed to have redacted.

The freelawproject's x-ray looks for the same: a rectangle drawn after a text and over it hides
the text from readers, not from programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pymupdf

from nescio.redact.apply import Drawings, remove_glyphs
from nescio.redact.glyphs import Glyphs, Rect, overlap

SMALLEST: Final = 3.0
"""Points of width and height from which a rectangle can hide a letter."""

DPI: Final = 100

SEEN: Final = 16
"""Difference of grey levels by which the removal of visible text shows."""


def covered_glyphs(
    page: pymupdf.Page, drawings: Drawings, words: Sequence[Sequence[Any]]
) -> list[Rect]:
    """Return the glyphs of an unrotated page that an opaque rectangle drawn later hides.

    Whether they are hidden is tried out: on a copy of the page without them nothing may change.

    Args:
        page: the page.
        drawings: its drawings.
        words: its words, as (x0, y0, x1, y1, ...).
    """
    covers = [
        (drawing["seqno"], drawing["rect"])
        for drawing in drawings
        if drawing["type"] in {"f", "fs"}
        and drawing.get("fill_opacity", 1.0) >= 1.0
        and min(_size(drawing["rect"])) >= SMALLEST
    ]
    covers = [cover for cover, over in zip(covers, _over_words(covers, words), strict=True) if over]
    if not covers:
        return []
    suspects = []
    for span in page.get_texttrace():
        later = [
            rect
            for number, rect in covers
            if number > span["seqno"] and overlap(rect, span["bbox"])
        ]
        for *_, box in span["chars"] if later else ():
            if min(_size(box)) > 0 and any(_is_inside(box, rect) for rect in later):
                suspects.append(box)
    return _invisible(page, suspects) if suspects else []


def _over_words(
    covers: Sequence[tuple[int, Rect]], words: Sequence[Sequence[Any]]
) -> npt.NDArray[np.bool_]:
    """Return for each cover whether the centre of a word lies in it."""
    rects = np.array([rect for _, rect in covers], np.float64).reshape(-1, 1, 4)
    boxes = np.array([word[:4] for word in words], np.float64).reshape(1, -1, 4)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    inside = np.all((rects[..., :2] < centres) & (centres < rects[..., 2:]), axis=2)
    found: npt.NDArray[np.bool_] = np.any(inside, axis=1)
    return found


def _invisible(page: pymupdf.Page, suspects: Sequence[Rect]) -> list[Rect]:
    with pymupdf.open() as scratch:
        scratch.insert_pdf(page.parent, from_page=page.number, to_page=page.number, annots=False)
        copy = scratch[0]
        copy.set_rotation(0)
        before = _render(copy)
        remove_glyphs(copy, Glyphs(doomed=list(suspects)))
        changed = np.abs(before - _render(copy)) > SEEN
    scale = DPI / 72
    hidden = []
    for x0, y0, x1, y1 in suspects:
        rows = slice(max(int(y0 * scale), 0), int(y1 * scale) + 1)
        columns = slice(max(int(x0 * scale), 0), int(x1 * scale) + 1)
        if not changed[rows, columns].any():
            hidden.append((x0, y0, x1, y1))
    return hidden


def _render(page: pymupdf.Page) -> np.ndarray[Any, np.dtype[np.int16]]:
    pixmap = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY, annots=False)
    grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    return grey.astype(np.int16)


def _size(rect: Rect) -> tuple[float, float]:
    return rect[2] - rect[0], rect[3] - rect[1]


def _is_inside(inner: Sequence[Any], outer: Rect) -> bool:
    """Say whether the centre of a rectangle lies in another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return bool(outer[0] < x < outer[2] and outer[1] < y < outer[3])
