"""Removes glyphs, pixels and paths under boxes from page contents, with MuPDF's content filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pymupdf
from pymupdf import mupdf

Rect = tuple[float, float, float, float]

ALONG: Final = 0.35
"""Share of a glyph's advance that must lie in a box for the glyph to belong to it."""

ACROSS: Final = 0.5
"""Share of a glyph's height that must lie in a box; less is a neighbouring line's box."""

SKEW: Final = 0.05
"""Sine of the angle from which a line is slanted, so that its glyphs' boxes overlap."""

SKEWED: Final = 0.85
"""Share of width and height that must lie in a box on a slanted line: boxes of slanted words
hold corners of their neighbours, but their own glyphs whole."""

DOT: Final = 0.02
"""Half the side, in points, of the dot by which one glyph is removed."""

CENTRE: Final = ((0.5, 0.5),)
GRID: Final = (*CENTRE, *((v / 8, u / 8) for v in (4, 3, 5, 2, 6, 1, 7) for u in range(1, 8)))
"""Where in a glyph's box the dot may stand, as shares of height and width; best first."""

PAD: Final = 0.8
"""Points by which a box grows where it clears pixels and paths: anti-aliased edges, rounding."""


def clear_text(page: pymupdf.Page, boxes: Sequence[Rect]) -> int:
    """Remove the glyphs that stand in ``boxes`` and return how many there were.

    MuPDF removes every glyph whose own box overlaps a redaction however slightly, and boxes of
    neighbours do overlap (kerning, tight leading, slanted lines). So not the box is given to it
    but, for each glyph that belongs to the box, a dot that touches no other glyph.

    Args:
        page: a page without rotation (see :func:`unrotated`).
        boxes: in points of that page.
    """
    doomed, kept = _sort_glyphs(page, boxes)
    _redact(page, [_dot(glyph, kept) for glyph in doomed], text=mupdf.PDF_REDACT_TEXT_REMOVE)
    return len(doomed)


def clear_pixels_and_paths(page: pymupdf.Page, boxes: Sequence[Rect]) -> None:
    """Rewrite image pixels and drop vector paths under ``boxes`` of an unrotated page."""
    grown = [(x0 - PAD, y0 - PAD, x1 + PAD, y1 + PAD) for x0, y0, x1, y1 in boxes]
    _redact(
        page,
        grown,
        text=mupdf.PDF_REDACT_TEXT_NONE,
        images=mupdf.PDF_REDACT_IMAGE_PIXELS,
        paths=mupdf.PDF_REDACT_LINE_ART_REMOVE_IF_COVERED,
    )


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


def _sort_glyphs(page: pymupdf.Page, boxes: Sequence[Rect]) -> tuple[list[Rect], list[Rect]]:
    """Return the boxes of the glyphs to remove, and those of glyphs to keep on the same lines."""
    doomed: list[Rect] = []
    kept: list[Rect] = []
    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_PRESERVE_LIGATURES
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block["lines"]:
            near = [box for box in boxes if _overlap(line["bbox"], box)]
            if not near:
                continue
            shares = _shares(line["dir"])
            for span in line["spans"]:
                for char in span["chars"]:
                    glyph = char["bbox"]
                    mine = any(_belongs(glyph, box, shares) for box in near)
                    (doomed if mine else kept).append(glyph)
    return doomed, kept


def _shares(direction: tuple[float, float]) -> tuple[float, float]:
    """Return which shares of a glyph's width and height must lie in a box, for a line."""
    cosine, sine = abs(direction[0]), abs(direction[1])
    if min(cosine, sine) > SKEW:
        return SKEWED, SKEWED
    return (ALONG, ACROSS) if cosine > sine else (ACROSS, ALONG)


def _belongs(glyph: Rect, box: Rect, shares: tuple[float, float]) -> bool:
    x = min(glyph[2], box[2]) - max(glyph[0], box[0])
    y = min(glyph[3], box[3]) - max(glyph[1], box[1])
    return x >= shares[0] * (glyph[2] - glyph[0]) and y >= shares[1] * (glyph[3] - glyph[1])


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _dot(glyph: Rect, kept: Sequence[Rect]) -> Rect:
    """Return a small rectangle inside ``glyph`` that keeps away from ``kept`` if it can."""
    rivals = [other for other in kept if _overlap(glyph, other)]
    width, height = glyph[2] - glyph[0], glyph[3] - glyph[1]
    candidates = (
        (glyph[0] + u * width, glyph[1] + v * height) for v, u in (CENTRE if not rivals else GRID)
    )
    x, y = max(candidates, key=lambda point: _clearance(point, rivals))
    return x - DOT, y - DOT, x + DOT, y + DOT


def _clearance(point: tuple[float, float], rivals: Sequence[Rect]) -> float:
    """Return how far (points) a point lies outside the nearest rival; negative inside it."""
    x, y = point
    return min((max(r[0] - x, x - r[2], r[1] - y, y - r[3]) for r in rivals), default=0.0)


def _redact(
    page: pymupdf.Page,
    rects: Iterable[Rect],
    *,
    text: int,
    images: int = mupdf.PDF_REDACT_IMAGE_NONE,
    paths: int = mupdf.PDF_REDACT_LINE_ART_NONE,
) -> None:
    """Put all rectangles into one Redact annotation and apply it: one pass over the contents."""
    pdf_page = page._pdf_page()
    annotation = mupdf.pdf_create_annot(pdf_page, mupdf.PDF_ANNOT_REDACT)
    empty = True
    for rect in rects:
        mupdf.pdf_add_annot_quad_point(annotation, pymupdf.JM_quad_from_py(pymupdf.Rect(rect).quad))
        empty = False
    if empty:
        mupdf.pdf_delete_annot(pdf_page, annotation)
        return
    options = mupdf.PdfRedactOptions()
    options.black_boxes = 0
    options.text = text
    options.image_method = images
    options.line_art = paths
    if not mupdf.pdf_redact_page(pdf_page.doc(), pdf_page, options):
        raise RuntimeError("MuPDF applied no redaction")
