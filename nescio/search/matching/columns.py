"""Read tables: a cell is what the heading of its column says, if it looks like it.

A row is a paragraph whose cells are parted by tabs. Rows do not keep their empty cells, so a
column is found from the left and, where that cell does not fit, from the right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from nescio.search.matching import people, quantities
from nescio.search.matching.rules import plain
from nescio.search.matching.scan import Candidate
from nescio.search.words import word_list

CELL_SEPARATOR: Final = "\t"
_FILE: Final = Path(__file__).parents[1] / "data" / "columns.yaml"
_NUMBER: Final = re.compile(
    r"#?(?=[A-Za-z/_.-]{0,14}[0-9])[A-Za-z0-9](?:[A-Za-z0-9]|[-/._ ](?=\w)){2,29}"
)
_SHORT_NUMBER: Final = re.compile(r"[A-Z]{0,4}-?[0-9]{1,7}(?:-[0-9]{1,4})?")
_AGE: Final = re.compile(r"[0-9]{1,3}(?: ?(?:y|yrs?|years?))?")
_INITIALS: Final = re.compile(r"[^\W\d_](?:[. -]{0,2}[^\W\d_]){1,3}\.?")
_UNIT: Final = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\])?")
_NOT_KNOWN: Final = frozenset({"NA", "ND", "NK", "NR", "UN", "UNK", "NONE"})
"""What stands in a column of initials where nobody knows them."""
_ANY_DIGIT: Final = re.compile(r"[0-9]")


class Row(NamedTuple):
    """A paragraph that may be a row of a table."""

    number: int
    doc: str
    kind: str
    text: str
    bold: bool


PROSE_LENGTH: Final = 120
"""A paragraph of body text this long is no cell that was parted from its row."""


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    kind: str
    form: str
    score: float


_Columns = list[_Column | None]


def find_in_columns(rows: Iterable[Row]) -> Iterator[tuple[int, Candidate]]:
    """Yield a row's number and a span for each cell that is what its column holds.

    Headings hold until the next ones, or until the next heading or prose of the document.

    Args:
        rows: all paragraphs of documents, in reading order.
    """
    columns: _Columns | None = None
    doc = ""
    for row in rows:
        if row.doc != doc:
            doc, columns = row.doc, None
        if CELL_SEPARATOR not in row.text:
            if row.kind == "heading" or (row.kind == "body" and len(row.text) > PROSE_LENGTH):
                columns = None
            continue
        cells = row.text.split(CELL_SEPARATOR)
        if all(_UNIT.fullmatch(cell.strip()) for cell in cells):
            continue  # the second line of the headings
        headings = _read_headings(cells)
        if headings and (any(headings) or (row.bold and len(cells) > 2)):
            columns = headings
        elif columns and row.kind not in ("header", "footer"):
            for candidate in _cells(cells, columns):
                yield row.number, candidate


def _read_headings(cells: list[str]) -> _Columns | None:
    """Return the columns that a row announces if it may be one of headings, else None."""
    if len(cells) < 2 or any(_is_value(cell) for cell in cells):
        return None
    return [_headings().get(plain(cell.strip(" :"))) for cell in cells]


def _is_value(cell: str) -> bool:
    """Return whether a cell is no heading: long, with a digit, or a label of its own."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", cell)
    return bool(_ANY_DIGIT.search(bare)) or cell.endswith(":") or len(cell) > 60


def _cells(cells: list[str], columns: _Columns) -> Iterator[Candidate]:
    starts = []
    position = 0
    for cell in cells:
        starts.append(position)
        position += len(cell) + len(CELL_SEPARATOR)
    for number, column in enumerate(columns):
        if column is None:
            continue
        for at in dict.fromkeys((number, len(cells) - len(columns) + number)):
            if not 0 <= at < len(cells):
                continue
            cell = cells[at]
            value = cell.strip()
            if value and _fits(value, column.form):
                start = starts[at] + cell.index(value)
                end = start + len(value)
                yield Candidate(start, end, column.label, column.kind, column.score, "column")
                break


def _fits(value: str, form: str) -> bool:
    if form == "number":
        return bool(_NUMBER.fullmatch(value)) and not quantities.is_quantity(
            value, 0, len(value), (0, len(value))
        )
    if form == "short_number":
        return bool(_SHORT_NUMBER.fullmatch(value)) and not quantities.is_year(value)
    if form == "age":
        return bool(_AGE.fullmatch(value)) and int(re.findall("[0-9]+", value)[0]) <= 125
    if form == "telephone":
        return len(value) < 30 and quantities.telephone_digits(value) > 0
    if form == "address":
        return bool(_ANY_DIGIT.search(value)) and any(c.isalpha() for c in value)
    if form == "initials" or (form == "person_or_initials" and _INITIALS.fullmatch(value)):
        return bool(_INITIALS.fullmatch(value)) and value.isupper() and value not in _NOT_KNOWN
    if form == "place":
        return _is_named(value) and not _ANY_DIGIT.search(value)
    whole = (0, len(value))
    found = people.trim_person(value, 0, len(value), whole, people.Evidence.LABEL)
    return found is not None and found[:2] == whole


def _is_named(value: str) -> bool:
    """Return whether a cell has a capital and some word that no form has."""
    words = re.findall(r"[^\W\d_]+", value)
    known = word_list("not_names")
    return value[:1].isupper() and any(word.lower() not in known for word in words)


@cache
def _headings() -> dict[str, _Column]:
    entries: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        plain(heading): _Column(entry["label"], entry["kind"], entry["form"], entry["score"])
        for entry in entries
        for heading in entry["headings"]
    }
