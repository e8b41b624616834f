"""A page range of one document becomes three tables."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pymupdf

from nescio.extract.fonts import FontCheck
from nescio.extract.layout import paragraphs_of, separate_lines
from nescio.extract.notes import Note, notes_of_document, notes_of_page
from nescio.extract.opening import open_pdf, refused
from nescio.extract.page import begin_page
from nescio.extract.page_pictures import finish_page
from nescio.extract.page_text import PageText
from nescio.extract.paragraphs import Paragraph, limited
from nescio.extract.pictures import PictureReader, number_of_threads
from nescio.extract.running import AROUND, Line, edge_lines, zones_of
from nescio.extract.words import Run
from nescio.extract.writing import NOTES_FROM, Writer

COLLECT_AFTER: Final = 100_000
"""Objects made and not freed, after which Python looks for cycles among them."""
FIRST_HIDDEN_TABLE: Final = 1000
"""Number of the first table of a page that does not show."""
SAMPLE: Final = 8
"""Pages, spread over the document, from which the size of its ordinary text is taken."""


class Extraction(NamedTuple):
    """PAGES, WORDS and PARAGRAPHS of a page range."""

    pages: pa.Table
    words: pa.Table
    paragraphs: pa.Table


def extract_pages(
    pdf: Path, doc: str, first_page: int, last_page: int, password: str | None = None
) -> Extraction:
    """Extract pages ``first_page`` to ``last_page`` (half-open) of a document.

    What a page gets does not depend on the range that it is in. With page 0 comes what stands on
    no page: bookmarks, metadata, names of attachments, scripts, values of hidden fields.

    Args:
        pdf: the file.
        doc: the document's opaque id.
        first_page: first page, counted from 0.
        last_page: the page after the last one.
        password: the password, where one is needed.

    Returns:
        The pages, their words and paragraphs in reading order.

    Raises:
        RefusedError: the file cannot be opened, or a page cannot be read.
    """
    writer = Writer(doc)
    with (
        open_pdf(pdf, password) as document,
        _rare_collection(),
        PictureReader() as pictures,
    ):
        layers = _layers_as_shown(document, pdf, password)
        last_page = min(last_page, document.page_count)
        reader = _Reader(document, layers, pictures, doc, last_page)
        for number in range(first_page, last_page):
            page = reader.page(number)
            zones = zones_of(page.runs, reader.edges(number), page.height, reader.around(number))
            paragraphs = _paragraphs(page, zones, reader.ordinary)
            writer.add_page(page, paragraphs, reader.notes(number, page))
        if first_page == 0:
            writer.add_notes(notes_of_document(document))
    return Extraction(*writer.tables())


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let Python look for cycles after whole pages only: a page makes thousands of objects."""
    thresholds = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _layers_as_shown(
    document: pymupdf.Document, pdf: Path, password: str | None
) -> pymupdf.Document | None:
    """Make all layers of a document visible; return it once more as viewers show it.

    A layer's content is hidden by its group's state, by membership dictionaries, or by visibility
    expressions (ISO 32000-1, 8.11). Without /OCProperties none of them has a say.
    """
    catalogue = document.pdf_catalog()
    if document.xref_get_key(catalogue, "OCProperties")[0] == "null":
        return None
    document.xref_set_key(catalogue, "OCProperties", "null")
    return open_pdf(pdf, password)


class _Reader:
    """Reads pages one after the other, and keeps those around the current one.

    Pictures are read ahead, so that there is one for each thread.
    """

    def __init__(
        self,
        document: pymupdf.Document,
        layers: pymupdf.Document | None,
        pictures: PictureReader,
        doc: str,
        end: int,
    ) -> None:
        self.document = document
        self.layers = layers
        self.doc = doc
        self.ordinary = _ordinary_size(document)
        self._pictures = pictures
        self._fonts = FontCheck()
        self._end = min(end + AROUND, document.page_count)
        self._begun: dict[int, PageText] = {}
        self._pages: dict[int, PageText] = {}
        self._edges: dict[int, list[Line | None]] = {}

    def page(self, number: int) -> PageText:
        """Return what a page holds."""
        page = self._pages.get(number)
        if page is None:
            ahead = min(number + 1 + number_of_threads(), self._end)
            for other in range(number, ahead):
                if other not in self._begun and other not in self._edges:
                    self._begun[other] = self._begin(other)
            page = self._begun.pop(number)
            finish_page(page)
            self._pages[number] = page
            self._edges[number] = edge_lines(page.runs, page.height, number)
        return page

    def _begin(self, number: int) -> PageText:
        try:
            shown = None if self.layers is None else self.layers[number]
            return begin_page(self.document[number], shown, self._pictures, self._fonts)
        except (RuntimeError, ValueError):
            what = f"page {number + 1} is damaged."
            raise refused("damaged", self.doc, what) from None

    def edges(self, number: int) -> list[Line | None]:
        """Return the edge lines of a page that was read."""
        return self._edges[number]

    def around(self, number: int) -> Iterator[list[Line | None]]:
        """Yield the edge lines of the pages around a page, and forget those further back."""
        first = max(0, number - AROUND)
        last = min(number + AROUND, self.document.page_count - 1)
        for other in range(first, last + 1):
            if other != number:
                if other not in self._edges:
                    self.page(other)
                yield self._edges[other]
        self._pages.pop(number, None)
        for old in [n for n in self._edges if n < first]:
            del self._edges[old]
        pymupdf.TOOLS.store_shrink(50)

    def notes(self, number: int, page: PageText) -> list[Note]:
        """Return what a page's annotations, links and fields say beside what they show."""
        return notes_of_page(self.document[number], page)


def _ordinary_size(document: pymupdf.Document) -> float:
    """Return the size, in points, of most characters on pages spread over the document."""
    count = document.page_count
    numbers = sorted({count * part // SAMPLE for part in range(SAMPLE)})
    characters: Counter[float] = Counter()
    for number in numbers:
        try:
            blocks = document[number].get_text("dict", flags=0)["blocks"]
        except (RuntimeError, ValueError):
            continue  # whoever reads that page will say so
        for block in blocks:
            for line in block["lines"]:
                for span in line["spans"]:
                    characters[round(2 * span["size"]) / 2] += len(span["text"])
    return characters.most_common(1)[0][0] if characters else 0.0


def _usual_size(runs: Sequence[Run]) -> float:
    """Return the size of most characters of a page: of a scan the document has no other."""
    characters: Counter[float] = Counter()
    for run in runs:
        for word in run:
            characters[word.style.size] += len(word.text)
    return characters.most_common(1)[0][0] if characters else 0.0


def _paragraphs(page: PageText, zones: Sequence[str | None], ordinary: float) -> list[Paragraph]:
    """Return a page's paragraphs: running header, contents, running footer, then what is hidden."""
    ordinary = ordinary or _usual_size(page.runs)
    parts: dict[str | None, list[Run]] = {"header": [], None: [], "footer": []}
    for run, zone in zip(page.runs, zones, strict=True):
        parts[zone].append(run)
    found: list[Paragraph] = []
    for kind, runs in parts.items():
        tables = 1 + max((item.table for item in found), default=-1)
        own = paragraphs_of(runs, page.rules, ordinary, tables)
        for paragraph in own:
            paragraph.kind = kind or paragraph.kind
        found += own
    found += separate_lines(page.slanted, ordinary)
    if page.hidden:
        found += paragraphs_of(page.hidden, page.rules, ordinary, FIRST_HIDDEN_TABLE)
    return limited(found, NOTES_FROM)
