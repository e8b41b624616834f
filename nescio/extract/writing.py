"""Pages and paragraphs become tables, column by column."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from nescio import tables
from nescio.extract.notes import Note
from nescio.extract.page_text import PageText
from nescio.extract.paragraphs import Paragraph
from nescio.extract.words import Style

NOTES_FROM: Final = tables.PARAGRAPHS_PER_PAGE * 9 // 10
"""Index on its page of the first note; the paragraphs of contents have those below."""
MOST_NOTES: Final = tables.PARAGRAPHS_PER_PAGE - NOTES_FROM

_NO_STYLE: Final = Style("", 0.0, False, False)
_WORD_NUMBERS: Final = (
    "page", "paragraph", "start", "end", "x0", "y0", "x1", "y1", "direction", "confidence",
)  # fmt: skip


_FRACTIONS: Final = frozenset(("x0", "y0", "x1", "y1", "confidence"))


class Writer:
    """Collects the rows of one document's PAGES, WORDS and PARAGRAPHS."""

    def __init__(self, doc: str) -> None:
        self.doc = doc
        self._columns: dict[str, dict[str, Any]] = {
            name: {column: [] for column in tables.SCHEMAS[name].names if column != "doc"}
            for name in ("pages", "paragraphs")
        }
        self._words: dict[str, array[Any]] = {
            name: array("f" if name in _FRACTIONS else "i") for name in _WORD_NUMBERS
        }
        self._edges = array("f")
        self._offsets = array("i", [0])

    def add_page(
        self, page: PageText, paragraphs: Sequence[Paragraph], notes: Sequence[Note]
    ) -> None:
        """Add a page with its paragraphs and notes."""
        first = page.number * tables.PARAGRAPHS_PER_PAGE
        for index, paragraph in enumerate(paragraphs):
            self._add_paragraph(paragraph, page.number, first + index)
            self._add_words(paragraph, page.number, first + index)
        if len(notes) > MOST_NOTES:
            rest = "\n".join(note.text for note in notes[MOST_NOTES - 1 :])
            notes = [*notes[: MOST_NOTES - 1], Note(rest, notes[MOST_NOTES - 1].origin)]
        for index, note in enumerate(notes):
            self._add_note(note, page.number, first + NOTES_FROM + index)
        row = {
            "page": page.number,
            "width": page.width,
            "height": page.height,
            "rotation": page.rotation,
            "words": sum(len(paragraph.words) for paragraph in paragraphs),
            "images": page.images,
            "confidence": page.confidence,
            "flags": page.flags,
        }
        self._add("pages", row)

    def add_notes(self, notes: Sequence[Note]) -> None:
        """Add what stands on no page."""
        for index, note in enumerate(notes):
            self._add_note(note, -1, tables.OFF_PAGE_PARAGRAPHS + index)

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Return PAGES, WORDS and PARAGRAPHS."""
        return self._table("pages"), self._word_table(), self._table("paragraphs")

    def _add(self, name: str, row: dict[str, Any]) -> None:
        columns = self._columns[name]
        for column, value in row.items():
            columns[column].append(value)

    def _add_paragraph(self, item: Paragraph, page: int, number: int) -> None:
        x0, y0, x1, y1 = item.box
        row = {
            "page": page,
            "paragraph": number,
            "text": item.text,
            "kind": item.kind,
            "origin": item.origin,
            "x0": x0,
            "y0": y0,
            "x1": x1,
            "y1": y1,
            "font": item.style.font,
            "size": item.style.size,
            "bold": item.style.bold,
            "italic": item.style.italic,
            "indent": item.indent,
            "gap": item.gap,
            "table": item.table,
            "row": item.row,
            "in_scope": True,
        }
        self._add("paragraphs", row)

    def _add_note(self, note: Note, page: int, number: int) -> None:
        item = Paragraph(note.text, [], "note", note.origin, note.box, _NO_STYLE)
        self._add_paragraph(item, page, number)

    def _add_words(self, item: Paragraph, page: int, number: int) -> None:
        columns = [self._words[name].append for name in _WORD_NUMBERS]
        for start, word in item.words:
            row = (
                page,
                number,
                start,
                start + len(word.text),
                *word.box,
                word.direction,
                word.confidence,
            )
            for append, value in zip(columns, row, strict=True):
                append(value)
            self._edges.extend(word.edges)
            self._offsets.append(len(self._edges))

    def _table(self, name: str) -> pa.Table:
        schema = tables.SCHEMAS[name]
        columns = self._columns[name]
        length = len(columns["page"])
        values = {"doc": [self.doc] * length, **columns}
        return pa.table(values, schema=schema)

    def _word_table(self) -> pa.Table:
        schema = tables.WORDS
        length = len(self._words["page"])
        edges = pa.ListArray.from_arrays(
            pa.array(np.asarray(self._offsets)), pa.array(np.asarray(self._edges))
        )
        columns = {name: pa.array(np.asarray(values)) for name, values in self._words.items()}
        doc = pa.array([self.doc] * length, pa.string())
        arrays = {"doc": doc, "edges": edges, **columns}
        return pa.table(
            [arrays[name].cast(schema.field(name).type) for name in schema.names], schema
        )
