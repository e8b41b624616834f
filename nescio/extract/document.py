"""A page range of one document becomes three tables."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pymupdf

from nescio import tables
from nescio.errors import RefusedError
from nescio.extract.layout import Paragraph, paragraphs_of
from nescio.extract.opening import open_pdf
from nescio.extract.segments import segments_of
from nescio.flatten import flatten

FLAG_NO_TEXT: Final = "no_text"
"""Flag of a page that shows something but holds no text: it cannot be searched."""

MARGIN: Final = 0.09
"""Share of the page's height, at top and bottom, in which running headers and footers stand."""

_DIGITS: Final = re.compile(r"\d+")


class Extraction(NamedTuple):
    """PAGES, WORDS and PARAGRAPHS of a page range."""

    pages: pa.Table
    words: pa.Table
    paragraphs: pa.Table


def extract_pages(
    pdf: Path, doc: str, first_page: int, last_page: int, password: str | None = None
) -> Extraction:
    """Extract pages ``first_page`` to ``last_page`` (half-open) of a document.

    With page 0 comes what stands on no page: bookmarks, metadata, names of attachments.

    Args:
        pdf: the file.
        doc: the document's opaque id.
        first_page: first page, counted from 0.
        last_page: the page after the last one.
        password: the password, where one is needed.

    Raises:
        RefusedError: the file cannot be opened, or a page cannot be read.
    """
    pages: list[dict[str, Any]] = []
    found: list[Paragraph] = []
    with open_pdf(pdf, password) as document:
        notes = _off_page_notes(document) if first_page == 0 else []
        for number in range(first_page, last_page):
            notes += _annotation_notes(document, number)
        flatten(document)
        for number in range(first_page, last_page):
            try:
                page = document[number]
                own = paragraphs_of(segments_of(page), number, page.rect.width)
                pages.append(_page_row(page, doc, own))
            except (RuntimeError, ValueError):
                raise RefusedError(
                    f"page {number + 1} is damaged.", "Export it again.", doc, "damaged"
                ) from None
            found += own
            pymupdf.TOOLS.store_shrink(100)
        heights = {row["page"]: row["height"] for row in pages}
    _mark_running_lines(found, heights)
    words = [row for item in found for row in item.word_rows(doc)]
    rows = [item.row(doc) for item in found]
    rows += [_note_row(doc, *note, number) for number, note in enumerate(notes)]
    return Extraction(
        tables.from_rows("pages", pages),
        tables.from_rows("words", words),
        tables.from_rows("paragraphs", rows),
    )


def _has_annotations(document: pymupdf.Document, number: int) -> bool:
    return bool(document.xref_get_key(document.page_xref(number), "Annots")[0] != "null")


def _page_row(page: pymupdf.Page, doc: str, own: list[Paragraph]) -> dict[str, Any]:
    words = sum(len(item.words) for item in own)
    images = len(page.get_images())
    flags = []
    if not words and (images or page.get_drawings()):
        flags.append(FLAG_NO_TEXT)
    return {
        "doc": doc,
        "page": page.number,
        "width": page.rect.width,
        "height": page.rect.height,
        "rotation": page.rotation,
        "words": words,
        "images": images,
        "confidence": 1.0,
        "flags": flags,
    }


def _mark_running_lines(found: list[Paragraph], heights: dict[int, float]) -> None:
    """Call a line at a page's edge a running header or footer if other pages have it, too."""

    def key(item: Paragraph) -> tuple[str, str] | None:
        height = heights[item.page]
        if item.box[3] <= height * MARGIN:
            return "header", _DIGITS.sub("#", item.text)
        if item.box[1] >= height * (1 - MARGIN):
            return "footer", _DIGITS.sub("#", item.text)
        return None

    seen = Counter(key(item) for item in found)
    for item in found:
        place = key(item)
        if place and (seen[place] > 1 or len(heights) == 1):
            item.kind = place[0]


Note = tuple[int, str, str]
"""Page (or -1), origin, text."""


def _annotation_notes(document: pymupdf.Document, number: int) -> list[Note]:
    """Return what annotations and links say beside their appearance."""
    if not _has_annotations(document, number):
        return []
    page = document[number]
    notes: list[Note] = []
    for annotation in page.annots() or ():
        info = annotation.info
        texts = [info.get(name, "") for name in ("content", "title", "subject")]
        notes += [(number, "annotation", text) for text in texts if text.strip()]
    notes += [(number, "script", link["uri"]) for link in page.get_links() if link.get("uri")]
    return notes


def _off_page_notes(document: pymupdf.Document) -> list[Note]:
    notes: list[Note] = [(-1, "bookmark", entry[1]) for entry in document.get_toc()]
    metadata = document.metadata or {}
    notes += [
        (-1, "metadata", str(metadata[name]))
        for name in ("title", "author", "subject", "keywords")
        if metadata.get(name)
    ]
    notes += [(-1, "attachment", name) for name in document.embfile_names()]
    return [note for note in notes if note[2].strip()]


def _note_row(doc: str, page: int, origin: str, text: str, number: int) -> dict[str, Any]:
    numbered = tables.OFF_PAGE_PARAGRAPHS + number
    if page >= 0:  # notes of a page are numbered from the top of its range, downwards
        numbered = (page + 1) * tables.PARAGRAPHS_PER_PAGE - 1 - number % 1000
    place = dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap", "size"), 0.0)
    return place | {
        "doc": doc,
        "page": page,
        "paragraph": numbered,
        "text": text,
        "kind": "note",
        "origin": origin,
        "font": "",
        "bold": False,
        "italic": False,
        "table": -1,
        "row": -1,
        "in_scope": True,
    }
