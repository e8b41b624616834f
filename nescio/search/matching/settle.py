"""Settle which of the candidates in one text stand."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final

from nescio.search.matching.scan import Candidate

COMPOSITE: Final = frozenset({"EMAIL", "URL", "ADDRESS"})
COMPOSITE_BONUS: Final = 0.1
"""What is made of parts goes before a part of it that a pattern is a little surer of."""


class _Layer:
    """Spans that do not overlap."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, Candidate]] = []

    def at(self, span: Candidate) -> Candidate | None:
        """Return a span of the layer that overlaps this one."""
        place = bisect_left(self._spans, (span.end,))
        before = self._spans[place - 1] if place else None
        return before[2] if before and before[1] > span.start else None

    def add(self, span: Candidate) -> None:
        insort(self._spans, (span.start, span.end, span))

    def spans(self) -> list[Candidate]:
        return [span for _, _, span in self._spans]


def settle(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates without conflicts, sorted.

    Overlapping candidates of one label become one span with the better score and its kind; but of
    places, and of two labels, the stronger stands: the better score, then the longer span; what is
    made of parts has a bonus. An ADDRESS keeps the LOCATION spans inside it.
    """
    outer, inner = _Layer(), _Layer()
    for span in sorted(_merge(candidates), key=_strongest_first):
        other = outer.at(span)
        if other is None:
            outer.add(span)
        elif (other.label, span.label) == ("ADDRESS", "LOCATION"):
            inside = other.start <= span.start and span.end <= other.end
            if inside and inner.at(span) is None:
                inner.add(span)
    return sorted(outer.spans() + inner.spans(), key=lambda span: (span.start, -span.end))


def _merge(candidates: Iterable[Candidate]) -> list[Candidate]:
    merged: list[Candidate] = []
    for span in sorted(candidates, key=_by_label):
        before = merged[-1] if merged else None
        same = before and before.label == span.label != "LOCATION"
        if before and same and span.start < before.end:
            merged[-1] = _union(before, span)
        else:
            merged.append(span)
    return merged


def _by_label(span: Candidate) -> tuple[str, int, int, float]:
    return span.label, span.start, -span.end, -span.score


def _union(a: Candidate, b: Candidate) -> Candidate:
    stronger, weaker = (
        (a, b) if (a.score, a.end - a.start) >= (b.score, b.end - b.start) else (b, a)
    )
    return stronger._replace(
        start=min(a.start, b.start),
        end=max(a.end, b.end),
        kind=stronger.kind or weaker.kind,
    )


def _strongest_first(span: Candidate) -> tuple[float, int, int, str]:
    bonus = COMPOSITE_BONUS if span.label in COMPOSITE else 0.0
    return -span.score - bonus, span.start - span.end, span.start, span.rule
