"""Utility: how much of what identifies nobody is still there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

import pyarrow as pa
import regex

WORD: Final = regex.compile(r"[\p{L}\p{N}](?:[\p{L}\p{N}'’.\-/]*[\p{L}\p{N}])?")
"""A word: a run of letters and digits, with the marks that hold dates and names together."""


class Utility(NamedTuple):
    """Share of non-identifying words kept."""

    words: int
    """In the original."""
    hidden: int
    """Words of which a decision hides at least one character."""
    needless: float
    """Hidden words that identify nobody: counted against known identifiers, or expected."""
    share: float
    """Kept words / (kept words + needless); 1 where there are no such words."""


def utility(paragraphs: pa.Table, decisions: pa.Table) -> Utility:
    """Estimate the share of non-identifying words that were kept.

    U = K / (K + sum over hidden words of (1 - p)), with K the words kept and p the calibrated
    score of the mention that hides the word: the probability that it was right to hide it. A
    measured value needs known identifiers: ``utility_against``.
    Source: Nescio's own; the count of words instead of records is that of the information-loss
    measures in A. Hundepool et al., Statistical Disclosure Control, 2012, ch. 3.

    Args:
        paragraphs: PARAGRAPHS.
        decisions: DECISIONS of the same paragraphs; ``keep`` hides nothing.
    """
    hidden = _hidden(decisions)
    total, doubts = 0, []
    for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist():
        spans = hidden.get((row["doc"], row["paragraph"]), [])
        for word in WORD.finditer(row["text"]):
            total += 1
            scores = [
                score for start, end, score in spans if start < word.end() and end > word.start()
            ]
            if scores:
                doubts.append(1 - max(scores))
    return _utility(total, len(doubts), sum(doubts))


def utility_against(paragraphs: pa.Table, decisions: pa.Table, identifiers: pa.Table) -> Utility:
    """Measure the share of non-identifying words that were kept.

    U = kept / (kept + needless) over the words that no known identifier touches.

    Args:
        paragraphs: PARAGRAPHS.
        decisions: DECISIONS of the same paragraphs.
        identifiers: SPANS that are known to identify, for example of a generated document.
    """
    hidden, known = _hidden(decisions), _spans(identifiers)
    total = covered = 0
    needless = 0
    kept = 0
    for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist():
        key = (row["doc"], row["paragraph"])
        for word in WORD.finditer(row["text"]):
            total += 1
            is_hidden = _touches(word.span(), hidden.get(key, ()))
            covered += is_hidden
            if not _touches(word.span(), known.get(key, ())):
                needless += is_hidden
                kept += not is_hidden
    share = kept / (kept + needless) if kept + needless else 1.0
    return Utility(total, covered, float(needless), share)


def _utility(words: int, hidden: int, needless: float) -> Utility:
    kept = words - hidden
    return Utility(words, hidden, needless, kept / (kept + needless) if kept + needless else 1.0)


Place = tuple[str, int]


def _hidden(decisions: pa.Table) -> dict[Place, list[tuple[int, int, float]]]:
    columns = ["doc", "paragraph", "start", "end", "score", "action"]
    rows = decisions.select(columns).to_pylist()
    found: dict[Place, list[tuple[int, int, float]]] = defaultdict(list)
    for row in rows:
        if row["action"] != "keep":
            found[row["doc"], row["paragraph"]].append((row["start"], row["end"], row["score"]))
    return found


def _spans(spans: pa.Table) -> dict[Place, list[tuple[int, int, float]]]:
    found: dict[Place, list[tuple[int, int, float]]] = defaultdict(list)
    for row in spans.select(["doc", "paragraph", "start", "end", "score"]).to_pylist():
        found[row["doc"], row["paragraph"]].append((row["start"], row["end"], row["score"]))
    return found


def _touches(word: tuple[int, int], spans: Iterable[tuple[int, int, float]]) -> bool:
    return any(start < word[1] and end > word[0] for start, end, _ in spans)
