"""Finds identifiers by their written form: regular expressions from a data file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import regex
import yaml

from nescio import tables
from nescio.search.words import is_eponym

_FILE: Final = Path(__file__).parent / "data" / "patterns.yaml"


class Pattern(NamedTuple):
    """One pattern; its group ``value``, where it has one, is the span."""

    label: str
    kind: str
    score: float
    regex: regex.Pattern[str]


@cache
def _patterns() -> tuple[Pattern, ...]:
    return tuple(
        Pattern(item["label"], item.get("kind", ""), item["score"], regex.compile(item["regex"]))
        for item in yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    )


def find_patterns(paragraphs: pa.Table) -> pa.Table:
    """Return the spans that patterns find in paragraphs.

    Args:
        paragraphs: PARAGRAPHS; doc, paragraph and text are read.

    Returns:
        SPANS with the source ``pattern``, which may overlap.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    rows: list[dict[str, Any]] = []
    for item in paragraphs.select(["doc", "paragraph", "text"]).to_pylist():
        text = item["text"]
        if text not in found:
            found[text] = list(_spans(text))
        place = {"doc": item["doc"], "paragraph": item["paragraph"], "sources": ["pattern"]}
        rows += [place | span for span in found[text]]
    return tables.from_rows("patterns", rows)


def _spans(text: str) -> list[dict[str, Any]]:
    spans = []
    for pattern in _patterns():
        for match in pattern.regex.finditer(text):
            group = "value" if "value" in pattern.regex.groupindex else 0
            start, end = match.span(group)
            if pattern.label == "NAME" and is_eponym(text[start:end]):
                continue
            spans.append(
                {
                    "start": start,
                    "end": end,
                    "label": pattern.label,
                    "kind": pattern.kind,
                    "score": pattern.score,
                }
            )
    return spans
