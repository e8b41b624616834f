"""Two readers of one document: where they agree, what is to settle, what both may have missed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nescio.redact.glyphs import Rect
from nescio.review.desk import Added, Item, State
from nescio.risk.intervals import Interval
from nescio.risk.residual import FEWEST_SHARED, chapman, unseen_interval

SAME_SHARE: Final = 0.5
"""Share of the smaller of two added marks that lies in the other if both mean the same place."""

ASSUMPTIONS: Final = (
    "Both readers looked at all pages, and neither knew what the other had added.",
    "Whether one reader sees what the machine missed does not depend on whether the other does. "
    "Both overlook the same hard places, so the estimate is a lower bound.",
)


@dataclass(frozen=True)
class Comparison:
    """What two readers made of the same proposal.

    Attributes:
        both: marks that both decided.
        agreed: of these, marks decided alike.
        kappa: Cohen's kappa of these decisions; NaN where it is not defined.
        disagreed: marks decided differently, by name.
        open: how many marks one of them left open.
        first: marks that the first added: what the machine had missed.
        second: marks that the second added.
        shared: pairs of added marks that mean the same place.
        missed: estimated places that the machine and both readers missed; NaN if too few are
            shared for an estimate.
        interval: of ``missed``, 95 %.
    """

    both: int
    agreed: int
    kappa: float
    disagreed: list[str]
    open: int
    first: int
    second: int
    shared: int
    missed: float
    interval: Interval

    def facts(self) -> dict[str, Any]:
        """Return what a certificate says: numbers only, None for what could not be reckoned."""
        found: dict[str, Any] = {
            "decided_by_both": self.both,
            "agreed": self.agreed,
            "disagreed": len(self.disagreed),
            "left_open_by_one": self.open,
            "added_by_first": self.first,
            "added_by_second": self.second,
            "added_by_both": self.shared,
        }
        reckoned = {
            "kappa": self.kappa,
            "missed_by_all_estimate": self.missed,
            "missed_by_all_low": self.interval.low,
            "missed_by_all_high": self.interval.high,
        }
        return found | {
            name: None if math.isnan(value) else round(value, 3) for name, value in reckoned.items()
        }


def compare_readers(items: Sequence[Item], first: State, second: State) -> Comparison:
    """Compare two readers' decisions on one proposal.

    What the machine missed is estimated by capture and recapture of the marks that the readers
    added (Chapman's estimate, nescio.risk): all of it less what either added.

    Args:
        items: marks of the proposal.
        first: what follows from the first reader's log.
        second: and from the second's.
    """
    pairs = [
        (item.id, first.verdicts.get(item.id, ""), second.verdicts.get(item.id, ""))
        for item in items
    ]
    decided = [pair for pair in pairs if pair[1] and pair[2]]
    disagreed = [name for name, one, other in decided if one != other]
    left = sum(bool(one) != bool(other) for _, one, other in pairs)
    shared = len(matched(first.added.values(), second.added.values()))
    sizes = len(first.added), len(second.added)
    missed, interval = math.nan, Interval(math.nan, math.nan)
    if shared >= FEWEST_SHARED:
        missed = max(0.0, chapman(*sizes, shared) - (sum(sizes) - shared))
        interval = unseen_interval(*sizes, shared)
    agreed = len(decided) - len(disagreed)
    kappa = cohens_kappa([(one, other) for _, one, other in decided])
    return Comparison(
        len(decided), agreed, kappa, disagreed, left, *sizes, shared, missed, interval
    )


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return agreement beyond chance: (p - e) / (1 - e); NaN without pairs or variety.

    Source: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
    """
    if not pairs:
        return math.nan
    total = len(pairs)
    observed = sum(one == other for one, other in pairs) / total
    expected = sum(
        sum(one == label for one, _ in pairs) * sum(other == label for _, other in pairs)
        for label in {label for pair in pairs for label in pair}
    ) / (total * total)
    return math.nan if expected == 1 else (observed - expected) / (1 - expected)


def matched(first: Iterable[Added], second: Iterable[Added]) -> list[tuple[str, str]]:
    """Return pairs of added marks that mean the same place, each mark in one pair at most."""
    left = list(second)
    pairs = []
    for mark in first:
        for other in left:
            if mark.page == other.page and _is_same_place(mark.boxes, other.boxes):
                pairs.append((mark.id, other.id))
                left.remove(other)
                break
    return pairs


def _is_same_place(one: Sequence[Rect], other: Sequence[Rect]) -> bool:
    shared = sum(
        max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
        for a in one
        for b in other
    )
    return shared >= SAME_SHARE * min(_area(one), _area(other))


def _area(boxes: Sequence[Rect]) -> float:
    return sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes)


def settled_events(items: Sequence[Item], first: State, second: State) -> list[dict[str, Any]]:
    """Return the events by which a third log begins: what both agree on, and all that either added.

    What they disagree on stays open, and so hidden, until it is settled.
    """
    events: list[dict[str, Any]] = []
    for verdict in ("accepted", "rejected"):
        both = [
            item.id
            for item in items
            if first.verdicts.get(item.id) == second.verdicts.get(item.id) == verdict
        ]
        if both:
            events.append({"do": "verdict", "marks": both, "verdict": verdict})
    for item in items:
        label = first.labels.get(item.id)
        if label and label == second.labels.get(item.id):
            events.append({"do": "label", "marks": [item.id], "label": label})
    doubled = {name for _, name in matched(first.added.values(), second.added.values())}
    added = [*first.added.values(), *(m for m in second.added.values() if m.id not in doubled)]
    labels = {id(m): s.labels.get(m.id, m.label) for s in (first, second) for m in s.added.values()}
    for mark in added:
        boxes = [list(box) for box in mark.boxes]
        place = {"page": mark.page, "boxes": boxes, "text": mark.text}
        events.append({"do": "add", "label": labels[id(mark)], "places": [place]})
    for page in sorted(first.checked & second.checked):
        events.append({"do": "page", "page": page, "checked": True})
    return events
