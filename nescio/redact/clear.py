"""Clears the boxes of a whole document and writes it down, not rebuilt yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pymupdf

from nescio.extract import open_pdf
from nescio.flatten import flatten
from nescio.redact import apply, overlay
from nescio.redact.boxes import Box
from nescio.redact.cache import Cache
from nescio.redact.covered import covered_glyphs
from nescio.redact.cropped import hidden_parts
from nescio.redact.glyphs import Glyphs, Rect, corners, overlap
from nescio.redact.image_codecs import Codec, Size, codecs_of
from nescio.redact.outline import Bookmark, clean_bookmarks
from nescio.redact.paths import ink_under
from nescio.redact.places import final_places
from nescio.redact.prepare import losses
from nescio.redact.secrets import title_search
from nescio.redact.text_arrays import Cut

PICTURE_DPI: Final = 200
"""Resolution of pages that become pictures."""


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
    boxed: dict[int, list[Rect]]
    """Page -> all its boxes, in PDF user space."""
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
        clearing = _Clearing(plan, final_places(document, plan.places, plan.quantised))
        cache = Cache()
        for page in document.pages():
            clearing.run(page)
            cache.used_by(page)
        if clearing.covered:
            notes.append(f"covered_glyphs_removed:{clearing.covered}")
        if plan.pictures:
            notes.append(f"pages_as_pictures:{len(plan.pictures)}")
        document.subset_fonts()
        document.save(cleared, garbage=1, deflate=True)
    return ClearResult(bookmarks, clearing.hardened, clearing.codecs, clearing.boxed, tuple(notes))


class _Clearing:
    """Clears page after page and remembers what the rebuild has to know."""

    def __init__(self, plan: Plan, places: Mapping[int, list[Box]]) -> None:
        self._plan = plan
        self._places = places
        self.hardened: dict[int, list[Rect]] = {}
        self.codecs: dict[Size, Codec] = {}
        self.boxed: dict[int, list[Rect]] = {}
        self.covered = 0

    def run(self, page: pymupdf.Page) -> None:
        """Clear one page: what nobody sees, then its boxes."""
        self.codecs |= codecs_of(page)
        with apply.unrotated(page) as matrix:
            text, images = apply.read_text(page), apply.images_of(page)
            drawings = page.get_cdrawings()
            if self._clear_unseen(page, text, images, drawings):
                text, drawings = apply.read_text(page), page.get_cdrawings()
            if boxes := self._places.get(page.number):
                rects = [pymupdf.Rect(box.rect) * matrix for box in boxes]
                self._clear_boxes(page, boxes, rects, text, images, drawings)
        if page.number in self._plan.pictures:
            _make_picture(page)

    def _clear_unseen(
        self,
        page: pymupdf.Page,
        text: pymupdf.TextPage,
        images: apply.Images,
        drawings: apply.Drawings,
    ) -> bool:
        """Remove what is off the page, cropped away, or under rectangles; say whether any was."""
        changed = apply.clear_outside(page, text, images)
        if images:
            apply.clear_pixels(page, hidden_parts(page))
        covered = covered_glyphs(page, drawings, text.extractWORDS())
        apply.remove_glyphs(page, Glyphs(doomed=covered), cut="glyphs")
        self.covered += len(covered)
        return changed or bool(covered)

    def _clear_boxes(
        self,
        page: pymupdf.Page,
        boxes: Sequence[Box],
        rects: Sequence[pymupdf.Rect],
        text: pymupdf.TextPage,
        images: apply.Images,
        drawings: apply.Drawings,
    ) -> None:
        thorough = page.number in self._plan.thorough
        plain: list[Rect] = [corners(rect) for rect in rects]
        cut: Cut = "glyphs" if thorough else "words"
        cleared = apply.clear_boxes(page, plain, text, images, drawings, cut)
        near = [item for item in drawings if any(overlap(item["rect"], box) for box in plain)]
        drawings = page.get_cdrawings() if near else []
        left = range(len(rects)) if thorough else ink_under(drawings, plain)
        to_pdf = ~page.transformation_matrix
        boxed = [corners((rect * to_pdf).normalize()) for rect in rects]
        self.boxed[page.number] = boxed
        if left:
            self.hardened[page.number] = [boxed[i] for i in left]
        whole = page.number in self._plan.pictures
        overlay.draw(page, list(zip(boxes, rects, strict=True)), cleared, self._plan.style, whole)


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
