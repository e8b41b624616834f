"""Removes glyphs, pixels and paths under boxes from page contents, with MuPDF's content filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import hypot
from typing import Any, Final

import pymupdf
from pymupdf import mupdf

from nescio.redact.glyphs import FLAGS, Glyphs, Rect, Setting, dots, overlap, sort_glyphs
from nescio.redact.text_arrays import Cut, join_text, mend_numbers, split_text

PAD: Final = 0.8
"""Points by which a box grows where it clears pixels and paths: anti-aliased edges, rounding."""

BLEED: Final = 4.0
"""Points that contents may reach over the page's edge: bleed of pictures, nothing to read."""

Drawings = Sequence[dict[str, Any]]
"""What ``pymupdf.Page.get_cdrawings`` returns."""

Images = Sequence[dict[str, Any]]
"""Pictures that a page draws: ``bbox``, ``transform``, ``width``, ``height`` and more."""


@dataclass(frozen=True)
class Cleared:
    """What stood in boxes: index -> setting of its first glyph; indices over pictures."""

    settings: dict[int, Setting]
    pictured: set[int]


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


def read_text(page: pymupdf.Page) -> pymupdf.TextPage:
    """Return all glyphs of an unrotated page, also those beyond its edges or clipped."""
    return page.get_textpage(flags=FLAGS, clip=pymupdf.INFINITE_RECT())


def images_of(page: pymupdf.Page, xrefs: bool = False) -> Images:
    """Return bounding box, transform (and xref) of each picture that an unrotated page draws."""
    if not page.get_images() and b"BI" not in page.read_contents():
        return []
    images: Images = page.get_image_info(xrefs=xrefs)
    return images


def clear_outside(page: pymupdf.Page, text: pymupdf.TextPage, images: Images) -> bool:
    """Remove what an unrotated page draws beyond its edges; say whether there was anything."""
    x0, y0, x1, y1 = page.rect
    limit = pymupdf.Rect(x0 - BLEED, y0 - BLEED, x1 + BLEED, y1 + BLEED)
    places = [pymupdf.Rect(block[:4]) for block in text.extractBLOCKS()]
    places += [pymupdf.Rect(image["bbox"]) for image in images]
    places.append(_drawn(page))
    if all(place.is_empty or place in limit for place in places):
        return False
    page.clip_to_rect(page.rect)
    mend_numbers(page)
    return True


def clear_pixels(page: pymupdf.Page, places: Sequence[Rect]) -> None:
    """Rewrite the pixels of all pictures of an unrotated page in these places."""
    _redact(page, places, text=mupdf.PDF_REDACT_TEXT_NONE, images=mupdf.PDF_REDACT_IMAGE_PIXELS)


def _drawn(page: pymupdf.Page) -> pymupdf.Rect:
    """Return the box around all drawings of a page that no clip hides."""
    box = mupdf.FzRect(mupdf.FzRect.Fixed_EMPTY)
    device = mupdf.fz_new_bbox_device(box)
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return pymupdf.Rect(box.x0, box.y0, box.x1, box.y1)


def clear_boxes(
    page: pymupdf.Page,
    boxes: Sequence[Rect],
    text: pymupdf.TextPage,
    images: Images,
    drawings: Drawings,
    cut: Cut = "words",
) -> Cleared:
    """Remove from an unrotated page the glyphs, pixels and paths under ``boxes``.

    Args:
        page: the page.
        boxes: what to clear, in points of the unrotated page.
        text: the page's glyphs, from :func:`read_text`.
        images: the page's pictures, from :func:`images_of`.
        drawings: the page's paths, from ``pymupdf.Page.get_cdrawings``.
        cut: how finely strings are cut before glyphs are taken out of them.
    """
    glyphs = sort_glyphs(text, boxes)
    remove_glyphs(page, glyphs, cut)
    grown = [(x0 - PAD, y0 - PAD, x1 + PAD, y1 + PAD) for x0, y0, x1, y1 in boxes]
    if images or any(overlap(item["rect"], box) for item in drawings for box in grown):
        _redact(
            page,
            _cells(grown, images),
            text=mupdf.PDF_REDACT_TEXT_NONE,
            images=mupdf.PDF_REDACT_IMAGE_PIXELS,
            paths=mupdf.PDF_REDACT_LINE_ART_REMOVE_IF_COVERED,
        )
    pictured = {
        number
        for number, box in enumerate(grown)
        if any(overlap(box, image["bbox"]) for image in images)
    }
    return Cleared(glyphs.settings, pictured)


def remove_glyphs(page: pymupdf.Page, glyphs: Glyphs, cut: Cut = "words") -> None:
    """Take the doomed glyphs out of an unrotated page; the others stay where they are."""
    if glyphs.doomed:
        split_text(page, cut)
        _redact(page, dots(glyphs), text=mupdf.PDF_REDACT_TEXT_REMOVE)
        join_text(page)


def _cells(boxes: Sequence[Rect], images: Images) -> Iterator[Rect]:
    """Yield the boxes or, where a picture is slanted, the cells that they are made of.

    MuPDF blanks the upright rectangle around a box in the picture's own grid, which for a
    long box on a slanted picture is far larger than the box.
    """
    skew = max((_skew(image["transform"]) for image in images), default=0.0)
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
    quads = [mupdf.fz_quad_from_rect(mupdf.FzRect(*rect)) for rect in rects]
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
    mend_numbers(page)
