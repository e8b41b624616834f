"""Clears the boxes of a document, each core a range of pages; what is written is not rebuilt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import pymupdf

from nescio.extract import open_pdf
from nescio.isolation import beside
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
from nescio.redact.prepare import losses, open_prepared
from nescio.redact.ranges import page_ranges
from nescio.redact.secrets import title_search
from nescio.redact.text_arrays import Cut

PICTURE_DPI: Final = 200
"""Resolution of pages that become pictures."""

LEAST_PAGES: Final = 20
"""Pages for which it is worth while to copy the process, and to have a file more."""
MOST_PARTS: Final = 4
"""Files in which a document is cleared at most: each has its own subset of every font."""


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

    files: tuple[Path, ...]
    """The cleared pages, in order; a page range a file."""
    bookmarks: list[Bookmark]
    hardened: dict[int, list[Rect]]
    codecs: dict[Size, Codec]
    boxed: dict[int, list[Rect]]
    """Page -> all its boxes, in PDF user space."""
    notes: tuple[str, ...] = field(default=())


def clear(pdf: Path, cleared: Path, plan: Plan) -> ClearResult:
    """Remove what stands in the boxes and write the pages to ``cleared`` and files beside it.

    Raises:
        RefusedError: the document cannot be opened.
    """
    secrets = [box for boxes in plan.places.values() for box in boxes]
    with open_pdf(pdf, plan.password) as document:
        count = document.page_count
        notes = losses(document)
        outline = document.get_toc()
    bookmarks = clean_bookmarks(outline, title_search(secrets))
    if len(bookmarks) < len(outline):
        notes.append(f"bookmarks_removed:{len(outline) - len(bookmarks)}")
    ranges = page_ranges(count, LEAST_PAGES, MOST_PARTS)
    files = tuple(cleared.with_suffix(f".cleared{number}") for number in range(len(ranges)))
    jobs = [partial(_clear_range, pdf, *each, plan) for each in zip(files, ranges, strict=True)]
    with ExitStack() as stack:
        waiting = [stack.enter_context(beside(job)) for job in jobs[1:]]
        parts = [jobs[0](), *(result() for result in waiting)]
    if covered := sum(part.covered for part in parts):
        notes.append(f"covered_glyphs_removed:{covered}")
    if plan.pictures:
        notes.append(f"pages_as_pictures:{len(plan.pictures)}")
    found = _Part()
    for part in parts:
        found.add(part)
    return ClearResult(files, bookmarks, found.hardened, found.codecs, found.boxed, tuple(notes))


def _clear_range(pdf: Path, cleared: Path, numbers: range, plan: Plan) -> _Part:
    """Clear a range of pages and write those alone."""
    with open_prepared(pdf, plan.password) as document:
        places = final_places(document, plan.places, plan.quantised)
        if len(numbers) < document.page_count:
            document.select(numbers)
        clearing = _Clearing(plan, places, numbers.start)
        cache = Cache()
        for page in document.pages():
            clearing.run(page)
            cache.used_by(page)
        document.subset_fonts()
        document.save(cleared, garbage=1, deflate=True)
    return clearing.part


@dataclass
class _Part:
    """What clearing a range of pages leaves to be done, as in :class:`ClearResult`."""

    hardened: dict[int, list[Rect]] = field(default_factory=dict)
    codecs: dict[Size, Codec] = field(default_factory=dict)
    boxed: dict[int, list[Rect]] = field(default_factory=dict)
    covered: int = 0

    def add(self, other: _Part) -> None:
        """Take in what another range leaves."""
        self.hardened |= other.hardened
        self.codecs |= other.codecs
        self.boxed |= other.boxed
        self.covered += other.covered


class _Clearing:
    """Clears page after page and remembers what the rebuild has to know."""

    def __init__(self, plan: Plan, places: Mapping[int, list[Box]], first: int) -> None:
        """Prepare to clear.

        Args:
            plan: for the whole document.
            places: page of the whole document -> boxes.
            first: number, in the whole document, of the first page.
        """
        self._plan, self._places, self._first = plan, places, first
        self.part = _Part()

    def run(self, page: pymupdf.Page) -> None:
        """Clear one page: what nobody sees, then its boxes."""
        number = self._first + page.number
        self.part.codecs |= codecs_of(page)
        with apply.unrotated(page) as matrix:
            text, images = apply.read_text(page), apply.images_of(page)
            drawings = page.get_cdrawings()
            if self._clear_unseen(page, text, images, drawings):
                text, drawings = apply.read_text(page), page.get_cdrawings()
            if boxes := self._places.get(number):
                rects = [pymupdf.Rect(box.rect) * matrix for box in boxes]
                self._clear_boxes(page, number, boxes, rects, text, images, drawings)
        if number in self._plan.pictures:
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
        self.part.covered += len(covered)
        return changed or bool(covered)

    def _clear_boxes(
        self,
        page: pymupdf.Page,
        number: int,
        boxes: Sequence[Box],
        rects: Sequence[pymupdf.Rect],
        text: pymupdf.TextPage,
        images: apply.Images,
        drawings: apply.Drawings,
    ) -> None:
        thorough = number in self._plan.thorough
        plain: list[Rect] = [corners(rect) for rect in rects]
        cut: Cut = "glyphs" if thorough else "words"
        cleared = apply.clear_boxes(page, plain, text, images, drawings, cut)
        near = [item for item in drawings if any(overlap(item["rect"], box) for box in plain)]
        drawings = page.get_cdrawings() if near else []
        left = range(len(rects)) if thorough else ink_under(drawings, plain)
        to_pdf = ~page.transformation_matrix
        boxed = [corners((rect * to_pdf).normalize()) for rect in rects]
        self.part.boxed[number] = boxed
        if left:
            self.part.hardened[number] = [boxed[i] for i in left]
        whole = number in self._plan.pictures
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
