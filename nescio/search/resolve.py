"""One span where several were found: whose label holds, who vouches, how sure it is.

The order, the same wherever spans meet (hybrid search first, then the last pass in decide):

1. Spans of one label that touch become one: its range is the union, so nothing that a detector
   saw is left standing; the kind is that of the best-scored span that has one.
2. Of spans with different labels that overlap, the stronger keeps its range. Stronger is
   a. what a person said (``deny``, ``reviewer``) before all else;
   b. a label that is made of parts (e-mail, URL, address) before the part inside it, if it is
      longer and likelier than not (LIKELY) or no less sure: a policy drops what is hardly sure,
      and the part must not go with it;
   c. the higher score, in steps of 0.1;
   d. a direct identifier before what a policy may keep (KEPT_BY_SOME): a wrong label there would
      let a name stand;
   e. the longer span; f. the detector that stands first in PRECEDENCE; g. the label that stands
      first in ``tables.LABELS``; h. the span that begins first.
3. The weaker keeps what sticks out of the stronger, if a letter or digit does. If the stronger
   covers at least half of it, its sources vouch for the stronger span too, without raising the
   score: they saw something else there.

Scores: sources are split into detectors that look for themselves (tagger, pattern, reference) and
those that repeat what others found (lexicon, carryover). Independent ones add up as independent
evidence does, 1 - (1-a)(1-b) (noisy-or; it assumes that they err independently, which is what
docs/search.md checks); repeating ones can only replace a lower score by theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from nescio.tables import LABELS, is_said

INDEPENDENT: Final = frozenset({"tagger", "pattern", "reference"})
DECREED: Final = frozenset({"deny", "reviewer"})
PRECEDENCE: Final = (
    "deny",
    "reviewer",
    "reference",
    "pattern",
    "tagger",
    "lexicon",
    "carryover",
)
COMPOSITE: Final = frozenset({"EMAIL", "URL", "ADDRESS"})
MOST: Final = 0.999
STEP: Final = 0.1
LIKELY: Final = 0.5
"""Score from which something made of parts stands before a surer part of it."""

KEPT_BY_SOME: Final = frozenset({"DATE", "AGE", "LOCATION", "FACILITY", "ORGANIZATION"})
"""Labels that at least one built-in policy lets stand."""

_LABEL_RANK: Final = {label: rank for rank, label in enumerate(LABELS)}
_SOURCE_RANK: Final = {source: rank for rank, source in enumerate(PRECEDENCE)}


@dataclass(frozen=True, slots=True)
class Found:
    """A span with what each source gave it.

    Attributes:
        start: first character in the paragraph's text.
        end: the character after the last.
        scores: source -> score in [0, 1].
        seconded: sources that saw something of another label here.
    """

    start: int
    end: int
    label: str
    kind: str
    scores: dict[str, float]
    seconded: frozenset[str] = field(default=frozenset())

    @property
    def score(self) -> float:
        """All sources together, see the module."""
        doubt = 1.0
        repeated = 0.0
        for source, score in self.scores.items():
            if source in INDEPENDENT:
                doubt *= 1.0 - score
            else:
                repeated = max(repeated, score)
        return min(MOST, max(1.0 - doubt, repeated))

    @property
    def sources(self) -> list[str]:
        """Everyone who vouches, in order of precedence."""
        return sorted({*self.scores, *self.seconded}, key=_SOURCE_RANK.__getitem__)


def resolve(found: Iterable[Found], text: str) -> list[Found]:
    """Return spans that do not overlap, sorted, which cover all that was found."""
    merged = _merge(found)
    taken: list[Found] = []
    for span in sorted(merged, key=lambda s: _strength(s, merged)):
        taken = _place(span, taken, text)
    return sorted(taken, key=lambda span: span.start)


def _merge(found: Iterable[Found]) -> list[Found]:
    """Make one span of those that overlap and have the same label."""
    merged: list[Found] = []
    by_label = sorted(
        found, key=lambda s: (_LABEL_RANK[s.label], s.start, -s.end, -s.score, s.kind)
    )
    for span in by_label:
        before = merged[-1] if merged else None
        if before is not None and before.label == span.label and span.start < before.end:
            merged[-1] = _union(before, span)
        else:
            merged.append(span)
    return merged


def _union(a: Found, b: Found) -> Found:
    first, second = (a, b) if (a.score, bool(a.kind)) >= (b.score, bool(b.kind)) else (b, a)
    scores = dict(a.scores)
    for source, score in b.scores.items():
        scores[source] = max(score, scores.get(source, 0.0))
    return Found(
        min(a.start, b.start),
        max(a.end, b.end),
        a.label,
        first.kind or second.kind,
        scores,
        a.seconded | b.seconded,
    )


def _strength(span: Found, others: Sequence[Found]) -> tuple[object, ...]:
    """Sort key: the strongest first."""
    inside = span.label not in COMPOSITE and any(_is_made_of(o, span) for o in others)
    return (
        DECREED.isdisjoint(span.scores),
        inside,
        -round(span.score / STEP),
        span.label in KEPT_BY_SOME,
        span.start - span.end,
        min(_SOURCE_RANK[source] for source in span.scores),
        _LABEL_RANK[span.label],
        span.start,
    )


def _is_made_of(whole: Found, part: Found) -> bool:
    """Say whether ``part`` is a part of something that goes before it."""
    return (
        whole.label in COMPOSITE
        and whole.start <= part.start
        and part.end <= whole.end
        and whole.end - whole.start > part.end - part.start
        and whole.score >= min(LIKELY, part.score)
    )


def _place(span: Found, taken: list[Found], text: str) -> list[Found]:
    """Add what is free of ``span`` to the spans already placed."""
    pieces = [(span.start, span.end)]
    placed: list[Found] = []
    for other in taken:
        overlap = min(span.end, other.end) - max(span.start, other.start)
        if overlap > 0:
            pieces = [part for piece in pieces for part in _minus(piece, other)]
            if 2 * overlap >= span.end - span.start:
                other = replace(other, seconded=other.seconded | span.scores.keys())
        placed.append(other)
    placed += [
        replace(span, start=start, end=end)
        for start, end in pieces
        if any(map(is_said, text[start:end]))
    ]
    return placed


def _minus(piece: tuple[int, int], other: Found) -> list[tuple[int, int]]:
    start, end = piece
    parts = [(start, min(end, other.start)), (max(start, other.end), end)]
    return [(a, b) for a, b in parts if a < b]
