"""The table ``context``: ``dep_flag`` and section of every paragraph, document by document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.context.rules import (
    RECORD_LEVEL,
    Paragraph,
    Typography,
    Verdict,
    judge,
    stream_of,
)

THRESHOLD: Final = 0.5
"""``dep_flag`` is true where the score is at least this."""

UNNUMBERED: Final = 50
"""Depth of a heading without a number: below every numbered one."""

RECORDS: Final = frozenset({"narratives", "listings"})
"""Sections made of one part a subject; a line that names a subject does not end them."""

_COLUMNS: Final = (
    "doc",
    "page",
    "paragraph",
    "text",
    "kind",
    "origin",
    "font",
    "size",
    "bold",
    "gap",
    "table",
)


@dataclass
class _Sections:
    """The sections that are open at one place, outermost first, as (depth, name)."""

    open: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, verdict: Verdict) -> None:
        """Open what a heading names; one that names nothing known stays in what is around it."""
        if verdict.section is None:
            return
        if verdict.level == RECORD_LEVEL:
            self._close(lambda depth, name: depth >= UNNUMBERED and name not in RECORDS)
        elif verdict.level:
            self._close(lambda depth, _: depth >= verdict.level)
        elif verdict.section:
            self._close(lambda depth, _: depth >= UNNUMBERED)
        if verdict.section or verdict.level not in (0, RECORD_LEVEL):
            depth = min(verdict.level or UNNUMBERED, UNNUMBERED)
            self.open.append((depth, verdict.section or self.name))

    def _close(self, ends: Callable[[int, str], bool]) -> None:
        while self.open and ends(*self.open[-1]):
            self.open.pop()

    @property
    def name(self) -> str:
        """The innermost section, or ``""``."""
        return self.open[-1][1] if self.open else ""


def _judge_document(paragraphs: Sequence[Paragraph]) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``context`` for one document's paragraphs in reading order."""
    typography = Typography.of(paragraphs)
    last: dict[tuple[str, int], Paragraph] = {}
    sections: dict[tuple[str, int], _Sections] = {}
    for paragraph in paragraphs:
        stream = stream_of(paragraph)
        before = last.get(stream)
        # The first of a stream has nothing before it: judged against itself for its section only.
        verdict = judge(paragraph, before or {**paragraph, "kind": "", "table": -1}, typography)
        state = sections.setdefault(stream, _Sections())
        state.enter(verdict)
        last[stream] = paragraph
        score = verdict.score if before is not None else 0.0
        yield {
            "doc": paragraph["doc"],
            "paragraph": paragraph["paragraph"],
            "dep_flag": score >= THRESHOLD,
            "dep_score": score,
            "section": state.name,
        }


def predict_context(paragraphs: pa.Table) -> pa.Table:
    """Give every paragraph its ``dep_flag`` and section.

    "The one before it" is the paragraph before it in its own stream: running text through all
    pages is one stream; headers, footers, notes and text outside page contents are streams of
    their own on each page. The first paragraph of a stream has ``dep_flag`` False.

    Args:
        paragraphs: table ``paragraphs``, n rows in any order.

    Returns:
        Table ``context``, n rows, sorted by document and paragraph.
    """
    ordered = paragraphs.select(_COLUMNS).sort_by(
        [("doc", "ascending"), ("paragraph", "ascending")]
    )
    rows: list[dict[str, Any]] = []
    for _, document in groupby(ordered.to_pylist(), key=lambda row: row["doc"]):
        rows.extend(_judge_document(list(document)))
    return tables.from_rows("context", rows)
