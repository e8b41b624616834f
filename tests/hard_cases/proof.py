"""Looks for what is left of a planted identity, by other means than the verifier's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pypdfium2

from .case import Case, letters

UNIFORM = 64
"""Grey levels by which pixels of a cleared part may differ: a JPEG rings at its edges."""


def faults(case: Case, out: Path) -> list[str]:
    """Return where the output still tells the secret or has lost what was to stay."""
    parts = _parts(case)
    found = {where for where, text in _texts(out) if any(part in letters(text) for part in parts)}
    for where, data in _bytes(out):
        lowered = data.lower()
        if any(form in lowered for part in parts for form in _forms(part)):
            found.add(where)
        if any(bare in lowered for bare in case.forbidden) and where == "streams":
            found.add("fonts")
    if case.uniform is not None and not all(_is_uniform(p, case.uniform) for p in _pictures(out)):
        found.add("pixels")
    if case.curves and _curves(out):
        found.add("paths")
    seen = letters(" ".join(text for where, text in _texts(out) if where == "MuPDF"))
    if not all(letters(word) in seen for word in case.stays):
        found.add("collateral loss")
    return sorted(found)


def _parts(case: Case) -> list[str]:
    """A surname alone is a trace; so are eight letters of it, where a line break parts it."""
    words = [max(secret.split(), key=len) for secret in case.secrets]
    return [letters(word) for word in words]


def _forms(part: str) -> list[bytes]:
    encodings = ("latin-1", "utf-16-be", "utf-16-le")
    plain = [part.encode(encoding) for encoding in encodings]
    upper = [part.upper().encode(encoding) for encoding in encodings]
    titled = [part.title().encode(encoding) for encoding in encodings]
    return plain + [text.hex().encode() for text in (*plain, *upper, *titled)]


def _texts(out: Path) -> Iterator[tuple[str, str]]:
    flags = pymupdf.TEXT_PRESERVE_WHITESPACE
    with pymupdf.open(out) as document:
        yield "bookmarks", " ".join(entry[1] for entry in document.get_toc())
        pages = [page.get_text(flags=flags, clip=pymupdf.INFINITE_RECT()) for page in document]
        yield "MuPDF", "\n".join(pages)
    second = pypdfium2.PdfDocument(out)
    yield "PDFium", "\n".join(page.get_textpage().get_text_range() for page in second)
    second.close()


def _bytes(out: Path) -> Iterator[tuple[str, bytes]]:
    yield "raw bytes", out.read_bytes()
    with pikepdf.open(out) as pdf:
        for item in pdf.objects:
            yield from _of_object(item)
        yield from _of_object(pdf.trailer)
        for page in pdf.pages:
            shown = b""
            for operands, _ in pikepdf.parse_content_stream(page):
                for operand in operands:
                    pieces = operand if isinstance(operand, pikepdf.Array) else [operand]
                    shown += b"".join(bytes(p) for p in pieces if isinstance(p, pikepdf.String))
            yield "page contents", shown


def _of_object(item: Any) -> Iterator[tuple[str, bytes]]:
    """Yield decoded streams, and strings and names however deep in direct objects."""
    if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != "/Image":
        try:
            yield "streams", item.read_bytes()
        except pikepdf.PdfError:
            yield "streams", item.read_raw_bytes()
    waiting = [item]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.String):
            yield "strings", bytes(each) + b" " + str(each).encode("utf-8")
        elif isinstance(each, pikepdf.Name):
            yield "names", str(each).encode("utf-8")
        elif isinstance(each, pikepdf.Array):
            waiting += [inner for inner in each if isinstance(inner, pikepdf.Object)]
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            for key, value in each.items():
                yield "names", key.encode("utf-8")
                if isinstance(value, pikepdf.Object) and not value.is_indirect:
                    waiting.append(value)


def _pictures(out: Path) -> Iterator[np.ndarray]:
    """Yield all pictures and masks that a program can take out, inline ones too, in grey."""
    with pikepdf.open(out) as pdf:
        streams = [i for i in pdf.objects if isinstance(i, pikepdf.Stream)]
        for item in streams:
            if item.get("/Subtype") == "/Image":
                if item.get("/Filter") == "/JBIG2Decode":  # pikepdf would need another program
                    yield _by_mupdf(out, item.objgen[0])
                    continue
                picture = pikepdf.PdfImage(item).as_pil_image(apply_mask=False)
                yield np.asarray(picture.convert("L"))
        for page in pdf.pages:
            for instruction in pikepdf.parse_content_stream(page):
                if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                    yield np.asarray(instruction.iimage.as_pil_image().convert("L"))


def _by_mupdf(out: Path, xref: int) -> np.ndarray:
    with pymupdf.open(out) as document:
        pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.Pixmap(document, xref))
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)


def _is_uniform(pixels: np.ndarray, part: tuple[float, float, float, float]) -> bool:
    height, width = pixels.shape
    x0, y0, x1, y1 = part
    inside = pixels[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)]
    return inside.size == 0 or int(np.ptp(inside)) <= UNIFORM


def _curves(out: Path) -> int:
    with pymupdf.open(out) as document:
        return sum(
            item[0] == "c"
            for page in document
            for drawing in page.get_drawings()
            for item in drawing["items"]
        )
