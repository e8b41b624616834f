"""Removes glyphs, pixels and paths under boxes from page contents, with MuPDF's content filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import hypot
from typing import Final

import pymupdf
from pymupdf import mupdf

from nescio.redact.glyphs import Rect, Setting, dots, overlap, sort_glyphs
from nescio.redact.text_arrays import join_text, split_text

PAD: Final = 0.8
"""Points by which a box grows where it clears pixels and paths: anti-aliased edges, rounding."""

BLEED: Final = 4.0
"""Points that contents may reach over the page's edge: bleed of pictures, nothing to read."""

FAR: Final = 20_000.0
"""Points from the page beyond which nothing can stand (ISO 32000-1, Annex C: 14,400)."""

Log = list[tuple[str, Rect]]
"""What a page draws, in order: kind (``fill-text``, ``stroke-path``, ...) and bounding box."""


@contextmanager
def unrotated(page: pymupdf.Page) -> Iterator[pymupdf.Matrix]:
    """Take the page's rotation away for a while; yields the matrix from shown to unrotated.

    PyMuPDF reports text of a rotated page in unrotated coordinates but draws it rotated.
    """
    rotation = page.rotation
    matrix = pymupdf.Matrix(page.derotation_matrix)
    if rotation:
        page.set_rotation(0)
    try:
        yield matrix
    finally:
        if rotation:
            page.set_rotation(rotation)


def clear_outside(page: pymupdf.Page, log: Log) -> bool:
    """Remove what an unrotated page draws beyond its edges; say whether there was anything."""
    x0, y0, x1, y1 = page.rect
    limit = (x0 - BLEED, y0 - BLEED, x1 + BLEED, y1 + BLEED)
    beyond = [kind for kind, box in log if not _inside(box, limit)]
    if not beyond:
        return False
    page.clip_to_rect(page.rect)
    if any("ima" in kind or "img" in kind for kind in beyond):
        frame = [
            (x0 - FAR, y0 - FAR, x1 + FAR, y0),
            (x0 - FAR, y1, x1 + FAR, y1 + FAR),
            (x0 - FAR, y0, x0, y1),
            (x1, y0, x1 + FAR, y1),
        ]
        _redact(
            page,
            frame,
            text=mupdf.PDF_REDACT_TEXT_NONE,
            images=mupdf.PDF_REDACT_IMAGE_PIXELS,
        )
    return True


def clear_boxes(page: pymupdf.Page, boxes: Sequence[Rect], log: Log) -> dict[int, Setting]:
    """Remove from an unrotated page the glyphs, pixels and paths under ``boxes``.

    Returns:
        Index of a box -> how its first glyph was set; boxes without glyphs are left out.
    """
    split_text(page)
    glyphs = sort_glyphs(page, boxes)
    _redact(page, dots(glyphs), text=mupdf.PDF_REDACT_TEXT_REMOVE)
    join_text(page)
    grown = [(x0 - PAD, y0 - PAD, x1 + PAD, y1 + PAD) for x0, y0, x1, y1 in boxes]
    drawn = [box for kind, box in log if not kind.endswith("text")]
    touched = [box for box in grown if any(overlap(box, other) for other in drawn)]
    if touched:
        _redact(
            page,
            _cells(page, touched),
            text=mupdf.PDF_REDACT_TEXT_NONE,
            images=mupdf.PDF_REDACT_IMAGE_PIXELS,
            paths=mupdf.PDF_REDACT_LINE_ART_REMOVE_IF_COVERED,
        )
    return glyphs.settings


def _inside(box: Rect, limit: Rect) -> bool:
    return (
        box[0] >= limit[0] and box[1] >= limit[1] and box[2] <= limit[2] and box[3] <= limit[3]
    ) or box[0] > box[2]


def _cells(page: pymupdf.Page, boxes: Sequence[Rect]) -> Iterator[Rect]:
    """Yield the boxes and, where a picture is slanted, the cells that they are made of.

    MuPDF blanks the upright rectangle around a box in the picture's own grid, which for a
    long box on a slanted picture is far larger than the box. Paths need the whole boxes.
    """
    skew = max((_skew(info["transform"]) for info in page.get_image_info()), default=0.0)
    if skew < 1e-3:
        yield from boxes
        return
    side = max(1.0 / skew, 2.0)
    for x0, y0, x1, y1 in boxes:
        columns, rows = int((x1 - x0) / side) + 1, int((y1 - y0) / side) + 1
        width, height = (x1 - x0) / columns, (y1 - y0) / rows
        for i in range(columns):
            for j in range(rows):
                left, top = x0 + i * width, y0 + j * height
                yield left, top, left + width, top + height


def _skew(transform: Sequence[float]) -> float:
    """Return the sine of the angle between a picture's edges and the page's."""
    a, b = transform[0], transform[1]
    length = hypot(a, b) or 1.0
    return min(abs(a), abs(b)) / length


def _redact(
    page: pymupdf.Page,
    rects: Iterable[Rect],
    *,
    text: int,
    images: int = mupdf.PDF_REDACT_IMAGE_NONE,
    paths: int = mupdf.PDF_REDACT_LINE_ART_NONE,
) -> None:
    """Put all rectangles into one Redact annotation and apply it: one pass over the contents."""
    quads = [pymupdf.JM_quad_from_py(pymupdf.Rect(rect).quad) for rect in rects]
    if not quads:
        return
    pdf_page = page._pdf_page()
    annotation = mupdf.pdf_create_annot(pdf_page, mupdf.PDF_ANNOT_REDACT)
    for quad in quads:
        mupdf.pdf_add_annot_quad_point(annotation, quad)
    options = mupdf.PdfRedactOptions()
    options.black_boxes = 0
    options.text = text
    options.image_method = images
    options.line_art = paths
    if not mupdf.pdf_redact_page(pdf_page.doc(), pdf_page, options):
        raise RuntimeError("MuPDF applied no redaction")
