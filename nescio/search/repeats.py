"""What is hidden once is hidden everywhere: the last look for identifiers that were settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

import ahocorasick_rs
import pyarrow as pa

from nescio import tables

READ_LOOSELY: Final = 6
"""Letters and digits, a digit among them, from which an identifier is looked for in what OCR read
whether spaces stand in it or words are glued to it: OCR loses and invents spaces."""

Counts = Callable[[dict[str, Any], str], bool]
"""Says of a span (a row of SPANS) and its text whether its repetitions must be hidden."""


def repeats(paragraphs: pa.Table, spans: pa.Table, counts: Counts) -> pa.Table:
    """Find every other mention of the identifiers that count, whatever their case.

    Args:
        paragraphs: PARAGRAPHS of whole documents.
        spans: SPANS of the same paragraphs.
        counts: says which spans' texts are looked for.

    Returns:
        SPANS with the source ``carryover``; they may overlap ``spans`` with the same text.
    """
    texts: dict[str, dict[int, str]] = defaultdict(dict)
    read: dict[str, dict[int, str]] = defaultdict(dict)
    for row in paragraphs.select(["doc", "paragraph", "text", "origin"]).to_pylist():
        texts[row["doc"]][row["paragraph"]] = row["text"]
        if row["origin"] == "ocr":
            read[row["doc"]][row["paragraph"]] = row["text"]
    known: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for span in spans.to_pylist():
        text = texts[span["doc"]][span["paragraph"]][span["start"] : span["end"]]
        folded = text.lower()
        if len(folded) == len(text) and counts(span, text):
            best = known[span["doc"]].get(folded)
            if best is None or best["score"] < span["score"]:
                known[span["doc"]][folded] = span
    rows: list[dict[str, Any]] = []
    for doc, identifiers in known.items():
        rows += _search(doc, texts[doc], identifiers)
        rows += _search_read(doc, read[doc], identifiers)
    return tables.from_rows("spans", rows)


def _search(
    doc: str, texts: dict[int, str], identifiers: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    values = list(identifiers)
    machine = ahocorasick_rs.AhoCorasick(values)
    rows = []
    for paragraph, text in texts.items():
        folded = text.lower()
        if len(folded) != len(text):
            continue  # offsets would shift; the verifier still looks at such text
        for number, start, end in machine.find_matches_as_indexes(folded, overlapping=True):
            if _inside_word(folded, start, end):
                continue
            rows.append(_row(identifiers[values[number]], doc, paragraph, start, end))
    return rows


def _search_read(
    doc: str, texts: dict[int, str], identifiers: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Find long identifiers in what OCR read, without regard to spaces."""
    closed = {
        "".join(value.split()): span
        for value, span in identifiers.items()
        if sum(map(str.isalnum, value)) >= READ_LOOSELY and any(map(str.isdigit, value))
    }
    if not closed or not texts:
        return []
    values = list(closed)
    machine = ahocorasick_rs.AhoCorasick(values)
    rows = []
    for paragraph, text in texts.items():
        places = [place for place, char in enumerate(text) if not char.isspace()]
        folded = "".join(text[place] for place in places).lower()
        if len(folded) != len(places):
            continue
        for number, start, end in machine.find_matches_as_indexes(folded, overlapping=True):
            first, last = places[start], places[end - 1] + 1
            rows.append(_row(closed[values[number]], doc, paragraph, first, last))
    return rows


def _row(span: dict[str, Any], doc: str, paragraph: int, start: int, end: int) -> dict[str, Any]:
    place = {"doc": doc, "paragraph": paragraph, "start": start, "end": end}
    names = ("label", "kind", "score")
    return place | {name: span[name] for name in names} | {"sources": ["carryover"]}


def _inside_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    after = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return before or after
