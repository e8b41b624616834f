"""Examples of what patterns must and must not find, from ``data/patterns_*.yaml``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import yaml

from nescio import tables
from nescio.search import find_patterns

_DATA = Path(__file__).parent / "data"
_MARK = re.compile(r"\[\[(?P<value>[^\[\]|]+)\|(?P<label>[A-Z]+)/(?P<kind>[a-z_]*)\]\]")


class Expected(NamedTuple):
    start: int
    end: int
    label: str
    kind: str


class Example(NamedTuple):
    """A text with what is in it; ``name`` says where it stands, without saying what it says."""

    name: str
    text: str
    expected: list[Expected]


class Refusal(NamedTuple):
    name: str
    text: str
    label: str


def found_examples() -> list[Example]:
    examples = []
    for path in sorted(_DATA.glob("patterns_*.yaml")):
        for number, marked in enumerate(yaml.safe_load(path.read_text("utf-8"))["found"]):
            examples.append(_unmark(f"{path.stem}-{number}", marked))
    return examples


def refusals() -> list[Refusal]:
    return [
        Refusal(f"{path.stem}-{number}", entry["text"], entry["label"])
        for path in sorted(_DATA.glob("patterns_*.yaml"))
        for number, entry in enumerate(yaml.safe_load(path.read_text("utf-8"))["not_found"])
    ]


def _unmark(name: str, marked: str) -> Example:
    text = ""
    expected = []
    position = 0
    for mark in _MARK.finditer(marked):
        text += marked[position : mark.start()]
        start = len(text)
        text += mark["value"]
        expected.append(Expected(start, len(text), mark["label"], mark["kind"]))
        position = mark.end()
    return Example(name, text + marked[position:], expected)


def paragraphs(
    texts: list[str], kind: str | list[str] = "body", doc: str | list[str] = "d1", **columns: list
) -> pa.Table:
    """Return a PARAGRAPHS table, one row a text; a list gives each row its own value."""
    rows = []
    for number, text in enumerate(texts):
        row = {
            field.name: "" if pa.types.is_string(field.type) else 0 for field in tables.PARAGRAPHS
        }
        row |= {"paragraph": number, "text": text, "origin": "page"}
        row |= {"bold": False, "italic": False, "in_scope": True, "table": -1, "row": -1}
        for name, value in (columns | {"kind": kind, "doc": doc}).items():
            row[name] = value[number] if isinstance(value, list) else value
        rows.append(row)
    return tables.from_rows("paragraphs", rows)


def spans_of(text: str) -> list[dict]:
    return find_patterns(paragraphs([text])).to_pylist()
