"""Clears the boxes of a whole document and writes it down, not rebuilt yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pymupdf

from nescio.extract import open_pdf
from nescio.flatten import flatten
from nescio.redact import apply, overlay
from nescio.redact.boxes import OFF_PAGE, Box
from nescio.redact.covered import covered_glyphs
from nescio.redact.glyphs import Glyphs, Rect
from nescio.redact.image_codecs import Codec, Size, codecs_of
from nescio.redact.outline import Bookmark, clean_bookmarks
from nescio.redact.paths import ink_under
from nescio.redact.prepare import losses
from nescio.redact.secrets import title_search
from nescio.redact.shared_images import spread
from nescio.redact.text_arrays import Cut

PICTURE_DPI: Final = 200
"""Resolution of pages that become pictures."""

STORE_SHRINK: Final = 100
"""Percentage of MuPDF's cache that is given back after a page: long documents stay small."""


@dataclass(frozen=True)
class Plan:
    """What to do to a document.

    Attributes:
        places: page -> boxes.
        password: of the document.
        style: how a removal looks.
        quantised: widen boxes so that their width tells nothing.
        thorough: pages that did not verify before, to be done with every means.
        pictures: pages to turn into pictures of themselves.
    """

    places: dict[int, list[Box]]
    password: str | None
    style: overlay.Style
    quantised: bool = False
    thorough: frozenset[int] = frozenset()
    pictures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ClearResult:
    """What clearing leaves to be done: bookmarks to write, boxes of pages to harden, how pictures
    with cleared pixels were stored; and notes."""

    bookmarks: list[Bookmark]
    hardened: dict[int, list[Rect]]
    codecs: dict[Size, Codec]
    notes: tuple[str, ...] = field(default=())


def clear(pdf: Path, cleared: Path, plan: Plan) -> ClearResult:
    """Remove what stands in the boxes and write the document to ``cleared``.

    Raises:
        RefusedError: the document cannot be opened.
    """
    secrets = [box for boxes in plan.places.values() for box in boxes]
    with open_pdf(pdf, plan.password) as document:
        notes = losses(document)
        outline = document.get_toc()
        bookmarks = clean_bookmarks(outline, title_search(secrets))
        if len(bookmarks) < len(outline):
            notes.append(f"bookmarks_removed:{len(outline) - len(bookmarks)}")
        flatten(document)
        places = spread(document, plan.places)
        hardened: dict[int, list[Rect]] = {}
        codecs: dict[Size, Codec] = {}
        covered = 0
        for page in document.pages():
            boxes = places.get(page.number, [])
            if boxes:
                codecs |= codecs_of(page)
            with apply.unrotated(page) as matrix:
                covered += _clear_whole_page(page)
                thorough = page.number in plan.thorough
                rects = _clear_boxes(page, boxes, matrix, plan.style, thorough)
            if rects:
                hardened[page.number] = rects
            if page.number in plan.pictures:
                _make_picture(page)
        if covered:
            notes.append(f"covered_glyphs_removed:{covered}")
        if plan.pictures:
            notes.append(f"pages_as_pictures:{len(plan.pictures)}")
        if len(plan.places.keys() - {OFF_PAGE}):
            document.subset_fonts()
        document.save(cleared, garbage=1, deflate=True)
    return ClearResult(bookmarks, hardened, codecs, tuple(notes))


def _clear_whole_page(page: pymupdf.Page) -> int:
    """Remove what nobody sees, off the page or under rectangles; returns the glyphs of these."""
    text = apply.read_text(page)
    apply.clear_outside(page, text, apply.images_of(page))
    covered = covered_glyphs(page, page.get_cdrawings(), text.extractWORDS())
    apply.remove_glyphs(page, Glyphs(doomed=covered), cut="glyphs")
    return len(covered)


def _clear_boxes(
    page: pymupdf.Page,
    boxes: list[Box],
    matrix: pymupdf.Matrix,
    style: overlay.Style,
    thorough: bool,
) -> list[Rect]:
    """Clear the boxes of an unrotated page.

    Returns:
        In PDF user space, the boxes that MuPDF cannot clear alone.
    """
    if not boxes:
        return []
    rects = [pymupdf.Rect(box.rect) * matrix for box in boxes]
    plain = [tuple(rect) for rect in rects]
    cut: Cut = "glyphs" if thorough else "words"
    cleared = apply.clear_boxes(page, plain, apply.read_text(page), apply.images_of(page), cut)
    left = range(len(rects)) if thorough else ink_under(page.get_cdrawings(), plain)
    overlay.draw(page, list(zip(boxes, rects, strict=True)), cleared, style)
    to_pdf = ~page.transformation_matrix
    return [tuple((rects[number] * to_pdf).normalize()) for number in left]


def _make_picture(page: pymupdf.Page) -> None:
    """Replace a page's contents by a picture of what shows now, boxes burnt in."""
    document = page.parent
    with apply.unrotated(page):
        pixmap = page.get_pixmap(dpi=PICTURE_DPI, annots=False)
        blank = document.get_new_xref()
        document.update_object(blank, "<<>>")
        document.update_stream(blank, b" ")
        page.set_contents(blank)
        document.xref_set_key(page.xref, "Resources", "<<>>")
        page.insert_image(page.rect, stream=pixmap.tobytes("jpeg", jpg_quality=85))
