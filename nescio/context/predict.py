"""The table ``context``: ``dep_flag`` and section of every paragraph, document by document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple

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


class _Open(NamedTuple):
    """A section that is open, with the heading that opened it."""

    name: str
    depth: int
    weight: tuple[float, bool]


@dataclass
class _Sections:
    """The sections that are open at one place, outermost first.

    A numbered heading ends what is as deep or deeper. One without number ends what another
    without number opened, if it is known, or written at least as large; and what a numbered one
    opened, if it is written larger. One that names nothing known is in no section of its own:
    rules that skip sections must not skip what only follows one. Sections made of one part a
    subject go on through headings that are not known.
    """

    open: list[_Open] = field(default_factory=list)

    def enter(self, verdict: Verdict) -> None:
        """Take note of a heading."""
        if verdict.section is None:
            return
        if verdict.level == RECORD_LEVEL:
            self._close(lambda entry: entry.depth >= UNNUMBERED and entry.name not in RECORDS)
        elif verdict.level:
            self._close(lambda entry: entry.depth >= verdict.level)
        else:
            self._close(lambda entry: self._outweighs(verdict, entry))
        if verdict.section or verdict.level not in (0, RECORD_LEVEL):
            depth = min(verdict.level or UNNUMBERED, UNNUMBERED)
            self.open.append(_Open(verdict.section or self.name, depth, verdict.weight))

    @staticmethod
    def _outweighs(verdict: Verdict, entry: _Open) -> bool:
        if entry.name in RECORDS and not verdict.section:
            return False
        if entry.depth < UNNUMBERED:
            return verdict.weight > entry.weight
        return bool(verdict.section) or verdict.weight >= entry.weight

    def _close(self, ends: Callable[[_Open], bool]) -> None:
        while self.open and ends(self.open[-1]):
            self.open.pop()

    @property
    def name(self) -> str:
        """The innermost section, or ``""``."""
        return self.open[-1].name if self.open else ""


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
