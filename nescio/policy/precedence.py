"""Who is believed where detectors disagree: the one order of precedence, and how overlaps end.

1. ``reviewer``: a person looked at it.
2. ``deny``: the deny list hides whatever else is said, the allow list included.
3. The allow list lifts any other mention that lies inside one of its phrases.
4. ``reference``: the hospital or sponsor knows the value.
5. ``pattern``: form, checksum and words around it.
6. ``tagger``: the model.
7. ``lexicon``, then ``carryover``: propagation of what others found.

Where mentions overlap:

* of one label they become one mention that covers both; its kind is that of the best source that
  names one, but a kind that the policy hides wins over one that it keeps;
* of different labels, one that the policy hides wins over one that it keeps; among equals the
  better source, then the one with more sources, the longer one, the higher score, the earlier;
  what the loser covers beyond the winner stays a mention of its own, so nothing comes to light.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nescio.tables import is_said

ORDER: Final = ("reviewer", "deny", "reference", "pattern", "tagger", "lexicon", "carryover")
"""Sources from the most to the least believed."""

_RANK: Final = {source: rank for rank, source in enumerate(ORDER)}


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of one paragraph, ``start`` and ``end`` as in ``tables.SPANS``."""

    paragraph: int
    start: int
    end: int
    label: str
    kind: str
    score: float
    sources: tuple[str, ...]
    allowed: bool = False
    """Lies inside a phrase of the allow list."""

    @property
    def rank(self) -> int:
        """Place of its best source in the order of precedence."""
        return min((_RANK[source] for source in self.sources), default=len(ORDER))

    @property
    def certain(self) -> bool:
        """Whether thresholds and the allow list do not apply to it."""
        return "reviewer" in self.sources or "deny" in self.sources


def settle(
    mentions: Sequence[Mention], hides: Callable[[Mention], bool], text: str
) -> list[Mention]:
    """Resolve the overlaps of one paragraph's mentions.

    Args:
        mentions: those that passed their thresholds, in any order.
        hides: whether the policy hides a mention.
        text: the paragraph's text.

    Returns:
        Mentions that do not overlap, in order. Every character of a mention that ``hides`` names
        and that is a letter or digit is in one that is hidden.
    """
    candidates = _unite(mentions, hides)
    candidates.sort(key=lambda mention: _priority(mention, hides(mention)))
    settled: list[Mention] = []
    taken: list[tuple[int, int]] = []
    for mention in candidates:
        for start, end in _free(mention.start, mention.end, taken):
            if (start, end) != (mention.start, mention.end):
                start, end = trim(text, start, end)
            if start < end:
                settled.append(replace(mention, start=start, end=end))
        taken.append((mention.start, mention.end))
    return sorted(settled, key=lambda mention: mention.start)


def _priority(mention: Mention, hidden: bool) -> tuple[object, ...]:
    return (
        not hidden,
        mention.rank,
        -len(mention.sources),
        mention.start - mention.end,
        -mention.score,
        mention.start,
        mention.label,
        mention.kind,
    )


def _unite(mentions: Iterable[Mention], hides: Callable[[Mention], bool]) -> list[Mention]:
    """Make overlapping mentions of one label one."""
    by_label: dict[tuple[str, bool], list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_label[mention.label, mention.allowed].append(mention)
    united: list[Mention] = []
    for group in by_label.values():
        group.sort(key=lambda mention: (mention.start, mention.end))
        cluster: list[Mention] = []
        reach = 0
        for mention in group:
            if cluster and mention.start >= reach:
                united.append(_union(cluster, hides))
                cluster = []
            cluster.append(mention)
            reach = max(reach, mention.end)
        united.append(_union(cluster, hides))
    return united


def _union(cluster: Sequence[Mention], hides: Callable[[Mention], bool]) -> Mention:
    if len(cluster) == 1:
        return cluster[0]
    best = min(
        cluster,
        key=lambda member: (not member.kind, not hides(member), member.rank, -member.score),
    )
    sources = {source for member in cluster for source in member.sources}
    return replace(
        best,
        start=min(member.start for member in cluster),
        end=max(member.end for member in cluster),
        score=max(member.score for member in cluster),
        sources=tuple(sorted(sources, key=_RANK.__getitem__)),
    )


def _free(start: int, end: int, taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of a range beside the ranges that are taken."""
    pieces = [(start, end)]
    for first, last in taken:
        pieces = [
            piece
            for a, b in pieces
            for piece in ((a, min(b, first)), (max(a, last), b))
            if piece[0] < piece[1]
        ]
    return pieces


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without spaces and punctuation at its ends; empty if it has nothing else."""
    while start < end and not is_said(text[start]):
        start += 1
    while end > start and not is_said(text[end - 1]):
        end -= 1
    return start, end
