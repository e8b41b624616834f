"""The table ``context``: ``dep_flag`` and section of every paragraph, document by document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.context.features import pair_features
from nescio.context.model import models, name_sections, same_heading_scores, section_text
from nescio.context.rules import (
    MAX_HEADING_CHARACTERS,
    RECORD_LEVEL,
    Paragraph,
    Typography,
    Verdict,
    judge,
    stream_of,
)
from nescio.context.sections import level_of, section_of

RULE_THRESHOLD: Final = 0.5
"""``dep_flag`` is true where the rule's score is at least this, if it decides alone."""

UNNUMBERED: Final = 50
"""Depth of a heading without a number: below every numbered one."""

RECORDS: Final = frozenset({"narratives", "listings"})
"""Sections made of one part a subject; a line that names a subject does not end them."""

SEEN: Final = (
    "page",
    "text",
    "kind",
    "origin",
    "font",
    "size",
    "bold",
    "indent",
    "gap",
    "table",
)
"""Columns of PARAGRAPHS that say what a paragraph looks like; the others name it."""

_COLUMNS: Final = ("doc", "paragraph", *SEEN)
_OUT: Final = ("doc", "paragraph", "dep_flag", "dep_score", "section")


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


class Pair(NamedTuple):
    """A paragraph, the one before it in its stream, and what the rule says of the two."""

    paragraph: Paragraph
    before: Paragraph | None
    verdict: Verdict
    typography: Typography

    @property
    def settled(self) -> bool:
        """Whether the rule decides alone: no pair, one table, or a line that names a subject.

        Such a line opens another person's part: no model may vote a cut there away.
        """
        before, row = self.before, self.paragraph
        if before is None or self.verdict.level == RECORD_LEVEL:
            return True
        here = row["table"], row["page"]
        return row["table"] >= 0 and here == (before["table"], before["page"])

    @property
    def numbered(self) -> bool:
        """Whether both agree on a heading with a number, or after another: no model joins it.

        Lists of contents, numbered alike, are what training would take it for.
        """
        opens = self.verdict.section is not None and self.paragraph["kind"] == "heading"
        after_heading = self.before is not None and self.before["kind"] == "heading"
        return opens and (self.verdict.level > 0 or after_heading)


def pairs_of(paragraphs: Sequence[Paragraph]) -> Iterator[Pair]:
    """Yield each of one document's paragraphs, in reading order, with the one before it."""
    typography = Typography.of(paragraphs)
    last: dict[tuple[str, int], Paragraph] = {}
    for paragraph in paragraphs:
        stream = stream_of(paragraph)
        before = last.get(stream)
        # The first of a stream has nothing before it: judged against itself for its section only.
        verdict = judge(paragraph, before or {**paragraph, "kind": "", "table": -1}, typography)
        last[stream] = paragraph
        yield Pair(paragraph, before, verdict, typography)


def scores_of(pairs: Sequence[Pair], rules_only: bool) -> list[float]:
    """Return ``dep_score`` of all pairs: the model's in one call, the rule's where it decides."""
    scores = [pair.verdict.score if pair.before is not None else 0.0 for pair in pairs]
    if rules_only:
        return scores
    open_to_model = [
        number for number, pair in enumerate(pairs) if not (pair.settled or pair.numbered)
    ]
    features = [
        pair_features(pair.paragraph, pair.before or {}, pair.typography, pair.verdict)
        for pair in map(pairs.__getitem__, open_to_model)
    ]
    for number, score in zip(open_to_model, same_heading_scores(features), strict=True):
        scores[number] = float(score)
    return scores


def rows_of(
    pairs: Sequence[Pair], scores: Sequence[float], threshold: float, against_rule: float
) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``context`` for one document, with the heading that is in force."""
    sections: dict[tuple[str, int], _Sections] = {}
    heads: dict[tuple[str, int], str] = {}
    for pair, score in zip(pairs, scores, strict=True):
        row, verdict, stream = pair.paragraph, pair.verdict, stream_of(pair.paragraph)
        # A join too many is the worse error: to overrule the rule's cut takes a surer score.
        joins = verdict.score >= RULE_THRESHOLD
        same = score >= (threshold if joins or pair.settled else against_rule)
        opens = verdict.section is not None
        if not same and not opens and pair.before is not None:
            # A heading that the rule did not see.
            weight = round(row["size"] * 2) / 2, row["bold"]
            text = row["text"].strip()
            verdict = Verdict(score, section_of(text), level_of(text), weight)
        state = sections.setdefault(stream, _Sections())
        # What is no heading after all ends no section; a name that is known still opens one.
        if verdict.section or not same:
            state.enter(verdict)
        if not same:
            heads[stream] = row["text"][:MAX_HEADING_CHARACTERS]
        yield {
            "doc": row["doc"],
            "paragraph": row["paragraph"],
            "dep_flag": same,
            "dep_score": score,
            "section": state.name,
            "head": heads.get(stream, ""),
            "text": row["text"],
            "flow": stream[0] == "flow",
        }


def predict_context(paragraphs: pa.Table, *, rules_only: bool = False) -> pa.Table:
    """Give every paragraph its ``dep_flag`` and section.

    "The one before it" is the paragraph before it in its own stream: running text through all
    pages is one stream; headers, footers, notes and text outside page contents are streams of
    their own on each page. The first paragraph of a stream has ``dep_flag`` False.

    The rule judges every pair; the model, which sees the rule's verdict beside layout and words,
    corrects it. Sections follow from the headings; where they name none, the section model does,
    among the sections of medical records alone, and only where it is sure.

    Args:
        paragraphs: table ``paragraphs``, n rows in any order.
        rules_only: leave the models out, to measure them.

    Returns:
        Table ``context``, n rows, sorted by document and paragraph.
    """
    ordered = paragraphs.select(_COLUMNS).sort_by(
        [("doc", "ascending"), ("paragraph", "ascending")]
    )
    documents = [
        list(pairs_of(list(document)))
        for _, document in groupby(ordered.to_pylist(), key=lambda row: row["doc"])
    ]
    scores = iter(scores_of([pair for pairs in documents for pair in pairs], rules_only))
    thresholds = (RULE_THRESHOLD, RULE_THRESHOLD) if rules_only else models()[2:4]
    rows: list[dict[str, Any]] = []
    for pairs in documents:
        rows.extend(rows_of(pairs, list(islice(scores, len(pairs))), *thresholds))
    if not rules_only:
        blank = [row for row in rows if row["flow"] and not row["section"]]
        named = name_sections([section_text(row["head"], row["text"]) for row in blank])
        for row, section in zip(blank, named, strict=True):
            row["section"] = section
    return tables.from_rows("context", [{name: row[name] for name in _OUT} for row in rows])
