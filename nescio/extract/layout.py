"""Segments become paragraphs: prose line under line, labels with their values, rows of tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from nescio import tables
from nescio.extract.segments import Box, Segment, Word, union

CELL_SEPARATOR: Final = "\t"
PARAGRAPH_GAP: Final = 0.75
"""Vertical distance, in font sizes, from which two lines belong to different paragraphs."""
HEADING_LENGTH: Final = 120
"""Characters; a longer line is not a heading."""
LABEL_LENGTH: Final = 40
"""Characters; a longer line above another one is not its label."""
SHORT_CELL: Final = 30
"""Characters; columns of lines no longer than this, side by side, are a form or a table."""

_NUMBERED: Final = re.compile(
    r"(\d{1,2}\.)+\d{0,2}\s+\S|\d{1,2}\s+[A-Z]|(Appendix|Section)\s", re.I
)
_FIELD: Final = re.compile(r"[^\W\d][^:\t]{0,40}:\s*\S")

Row = list[Segment]


@dataclass(slots=True)
class Paragraph:
    """A paragraph: its words with their offsets, and how it looks."""

    page: int
    number: int
    text: str
    words: list[tuple[int, Word]]
    kind: str
    box: Box
    font: str
    size: float
    bold: bool
    italic: bool
    indent: float
    gap: float
    table: int
    row_number: int

    def row(self, doc: str) -> dict[str, Any]:
        """Return the paragraph as a row of PARAGRAPHS."""
        return dict(zip(("x0", "y0", "x1", "y1"), self.box, strict=True)) | {
            "doc": doc,
            "page": self.page,
            "paragraph": self.number,
            "text": self.text,
            "kind": self.kind,
            "origin": "page",
            "font": self.font,
            "size": self.size,
            "bold": self.bold,
            "italic": self.italic,
            "indent": self.indent,
            "gap": self.gap,
            "table": self.table,
            "row": self.row_number,
            "in_scope": True,
        }

    def word_rows(self, doc: str) -> Iterator[dict[str, Any]]:
        """Yield the paragraph's words as rows of WORDS."""
        for start, word in self.words:
            x0, y0, x1, y1 = word.box
            yield {
                "doc": doc,
                "page": self.page,
                "paragraph": self.number,
                "start": start,
                "end": start + len(word.text),
                "x0": x0,
                "y0": y0,
                "x1": x1,
                "y1": y1,
                "edges": word.edges,
                "direction": word.direction,
                "confidence": 1.0,
            }


def paragraphs_of(segments: list[Segment], page: int, width: float) -> list[Paragraph]:
    """Return a page's paragraphs in reading order.

    Args:
        segments: the page's segments in the order of its contents.
        page: number of the page.
        width: width of the page in points.
    """
    groups = [group for unit in _units(segments) for group in _split(unit)]
    sizes: Counter[float] = Counter()
    for segment in segments:
        sizes[round(segment.size, 1)] += len(segment.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    left = min((segment.box[0] for segment in segments), default=0.0)
    found: list[Paragraph] = []
    table, row_number = -1, -1
    for number, rows in enumerate(groups):
        in_table = max(len(row) for row in rows) > 1
        if in_table:
            row_number += 1
            table += row_number == 0
        else:
            row_number = -1
        place = (table, row_number) if in_table else (-1, -1)
        paragraph = _paragraph(rows, page, number, body, left, place)
        paragraph.gap = paragraph.box[1] - found[-1].box[3] if found else -1.0
        found.append(paragraph)
    return found


def _units(segments: list[Segment]) -> list[list[Row]]:
    """Group segments: rows of a form or table across blocks, else the lines of a block."""
    blocks: dict[int, list[Segment]] = {}
    for segment in segments:
        blocks.setdefault(segment.block, []).append(segment)
    gridded = _gridded(blocks)
    units: list[list[Row]] = []
    loose: list[Segment] = []
    for number, own in blocks.items():
        if number in gridded:
            loose += own
            continue
        units += [[row] for row in _rows(loose)]
        loose = []
        units.append([[segment] for segment in own])
    units += [[row] for row in _rows(loose)]
    return units


def _gridded(blocks: dict[int, list[Segment]]) -> set[int]:
    """Return the blocks whose lines share their height with lines beside them."""
    found: set[int] = set()
    numbers = list(blocks)
    for number in numbers:
        own = blocks[number]
        if any(_beside(a, b) for i, a in enumerate(own) for b in own[i + 1 : i + 4]):
            found.add(number)
    for index, number in enumerate(numbers):
        for other in numbers[index + 1 : index + 9]:
            if _columns_of_one_grid(blocks[number], blocks[other]):
                found |= {number, other}
    return found


def _columns_of_one_grid(left: list[Segment], right: list[Segment]) -> bool:
    short = [max(len(segment.text) for segment in side) <= SHORT_CELL for side in (left, right)]
    if not any(short):
        return False
    fewer, more = sorted((left, right), key=len)
    # Two boxes with a label above a value each stand side by side, but are not rows.
    if len(fewer) == len(more) == 2 and not fewer[0].text.endswith(":"):
        return False
    matched = sum(any(_beside(a, b) for b in more) for a in fewer)
    return matched >= 0.6 * len(fewer)


def _beside(a: Segment, b: Segment) -> bool:
    """Say whether two segments stand on one line, one left of the other."""
    if a.direction or b.direction:
        return False
    overlap = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    height = min(a.box[3] - a.box[1], b.box[3] - b.box[1])
    apart = a.box[2] <= b.box[0] or b.box[2] <= a.box[0]
    return apart and overlap > 0.6 * height


def _rows(segments: list[Segment]) -> list[Row]:
    rows: list[Row] = []
    for segment in sorted(segments, key=lambda item: (item.box[1] + item.box[3]) / 2):
        if rows and any(_beside(segment, other) for other in rows[-1]):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda item: item.box[0])
    return rows


def _split(rows: list[Row]) -> Iterator[list[Row]]:
    """Split the lines of a block where a gap or a change of style starts a new paragraph."""
    if _label_above_value(rows):
        yield [[segment for row in rows for segment in row]]
        return
    current: list[Row] = []
    for row in rows:
        if current and _starts_anew(current[-1][0], row[0]):
            yield current
            current = []
        current.append(row)
    if current:
        yield current


def _label_above_value(rows: list[Row]) -> bool:
    """Say whether a block is a cell of a form: a label in small type, its value right below."""
    if len(rows) != 2:
        return False
    label, value = rows[0][0], rows[1][0]
    small = label.size < 0.92 * value.size and len(label.text) <= LABEL_LENGTH
    return small and abs(label.box[0] - value.box[0]) < 0.5 * value.size


def _starts_anew(above: Segment, below: Segment) -> bool:
    if above.direction != below.direction:
        return True
    if above.direction == 0 and below.box[1] - above.box[3] > PARAGRAPH_GAP * below.size:
        return True
    return above.bold != below.bold or abs(above.size - below.size) > 0.15 * below.size


def _paragraph(
    rows: list[Row], page: int, number: int, body: float, left: float, place: tuple[int, int]
) -> Paragraph:
    segments = [segment for row in rows for segment in row]
    text, words = _joined(rows)
    first = segments[0]
    box = reduce(union, (segment.box for segment in segments))
    kind = _kind(rows, text, first, body)
    return Paragraph(
        page,
        page * tables.PARAGRAPHS_PER_PAGE + number,
        text,
        words,
        kind,
        box,
        first.font,
        first.size,
        first.bold,
        first.italic,
        box[0] - left,
        0.0,
        *place,
    )


def _joined(rows: list[Row]) -> tuple[str, list[tuple[int, Word]]]:
    """Join words by spaces and cells by tabs; a word that a hyphen divides stays whole."""
    text = ""
    placed: list[tuple[int, Word]] = []
    for row in rows:
        for number, segment in enumerate(row):
            for position, word in enumerate(segment.words):
                if text:
                    starts_line = number == 0 and position == 0
                    hyphen = starts_line and text[-1] in "-\u00ad\u2010" and text[-2:-1].isalpha()
                    if hyphen:
                        if word.text[0].islower():  # divided for want of room: no hyphen in it
                            text = text[:-1]
                            _drop_last_character(placed)
                    else:
                        text += CELL_SEPARATOR if number and position == 0 else " "
                placed.append((len(text), word))
                text += word.text
    return text, placed


def _drop_last_character(placed: list[tuple[int, Word]]) -> None:
    start, word = placed[-1]
    edges = [*word.edges[:-2], word.edges[-1]]
    placed[-1] = start, Word(word.text[:-1], word.box, edges, word.direction)


def _kind(rows: list[Row], text: str, first: Segment, body: float) -> str:
    if len(rows) == 1 and len(rows[0]) > 1:
        return (
            "field" if _FIELD.match(text) or _label_above_value([[s] for s in rows[0]]) else "cell"
        )
    if len(text) <= HEADING_LENGTH and not text.endswith((".", ",", ";")):
        emphasised = first.size > 1.1 * body or first.bold
        if emphasised and not _FIELD.match(text):
            return "heading"
        if _NUMBERED.match(text) and len(rows) == 1 and (emphasised or text.istitle()):
            return "heading"
    if _FIELD.match(text) and len(text) <= HEADING_LENGTH:
        return "field"
    return "body"
