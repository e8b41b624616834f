"""Residual risk: how many identifiers no detector found, by capture-recapture."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import pyarrow as pa

from nescio.risk.intervals import Interval

Pair = tuple[str, str]

PAIRS: Final[tuple[Pair, ...]] = (("tagger", "pattern"), ("tagger", "reference"))
"""Detectors that do not feed each other, in the order in which they are tried for each type.

Carry-over and lexicon repeat what the others found; the deny list and reviewers are no detectors.
"""

FEWEST_SHARED: Final = 7
"""Mentions that both must have found: with fewer Chapman's estimate is biased (G. A. F. Seber,
The Estimation of Animal Abundance, 2nd ed. 1982, p. 60)."""

ASSUMPTIONS: Final = (
    "Both detectors looked at the same text, and a mention counts once (closed population).",
    "Whether one finds a mention does not depend on whether the other does. Detectors that "
    "share strengths find the same easy mentions; the estimate is then too low: read it as a "
    "lower bound.",
    "Within a type every mention is as easy to find as any other; if not, the estimate is too "
    "low as well.",
    "What either found is an identifier: false hits of one detector make the estimate too high.",
)


class Residual(NamedTuple):
    """The estimate for one type of identifier."""

    label: str
    pair: Pair
    """The two detectors; both ``""`` where no pair allows an estimate."""
    first: int
    """Mentions that the first of the pair found."""
    second: int
    both: int
    total: float
    """Estimated mentions in the text; NaN where no pair allows an estimate."""
    missed: float
    """Estimated mentions that neither of the pair found."""
    interval: Interval
    """Of ``missed``, 95 %."""
    others: int
    """Mentions that other detectors found and neither of the pair: found after all, if real."""
    expected: float
    """``missed`` less ``others``, not below 0: mentions still in the text."""
    note: str
    """Why there is no estimate; empty where there is one."""


def chapman(first: int, second: int, both: int) -> float:
    """Return the estimated number of mentions: (n1 + 1)(n2 + 1) / (m + 1) - 1.

    Source: D. G. Chapman, University of California Publications in Statistics 1 (1951) 131-160.

    Args:
        first: n1, found by one detector.
        second: n2, found by the other.
        both: m, found by both.
    """
    _check(first, second, both)
    return (first + 1) * (second + 1) / (both + 1) - 1


def unseen_interval(first: int, second: int, both: int, confidence: float = 0.95) -> Interval:
    """Return the transformed-logit interval of the number of mentions that neither found.

    With a = m + 1/2, b = n1 - m + 1/2, c = n2 - m + 1/2 and
    s2 = 1/a + 1/b + 1/c + a/(bc): total lies between m + (n1-m) + (n2-m) - 1/2 + (bc/a) e^(-+zs);
    what was found is taken away, and what falls below 0 is 0. It holds its confidence for small
    numbers, also where nothing was found by one alone.
    Source: M. Sadinle, Communications in Statistics - Simulation and Computation 38 (2009)
    1909-1924.
    """
    _check(first, second, both)
    shared, only_first, only_second = both + 0.5, first - both + 0.5, second - both + 0.5
    spread = math.sqrt(
        1 / shared + 1 / only_first + 1 / only_second + shared / (only_first * only_second)
    )
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    middle = only_first * only_second / shared
    low, high = (middle * math.exp(sign * z * spread) - 0.5 for sign in (-1, 1))
    return Interval(max(0.0, low), max(0.0, high))


def _check(first: int, second: int, both: int) -> None:
    if not 0 <= both <= min(first, second):
        raise ValueError("both is between 0 and the smaller of the two")


def residuals(mentions: pa.Table, pairs: Sequence[Pair] = PAIRS) -> list[Residual]:
    """Estimate for each label how many mentions were missed.

    Args:
        mentions: SPANS or DECISIONS of the run: label and all sources of each mention.
        pairs: detectors that do not feed each other, in order of preference.

    Returns:
        One row for each label that occurs, sorted; of the pairs the one that shares most.
    """
    sources: Mapping[str, list[frozenset[str]]] = defaultdict(list)
    for row in mentions.select(["label", "sources"]).to_pylist():
        sources[row["label"]].append(frozenset(row["sources"]))
    return [_estimate(label, sources[label], pairs) for label in sorted(sources)]


def _estimate(label: str, found: Sequence[frozenset[str]], pairs: Sequence[Pair]) -> Residual:
    def shared(pair: Pair) -> int:
        return sum(set(pair) <= sources for sources in found)

    pair = max(pairs, key=shared)
    first, second = (sum(name in sources for sources in found) for name in pair)
    both = shared(pair)
    others = sum(not set(pair) & sources for sources in found)
    if both < FEWEST_SHARED:
        nothing = Interval(math.nan, math.nan)
        note = f"no two independent detectors share {FEWEST_SHARED} mentions of this type"
        return Residual(
            label, ("", ""), 0, 0, 0, math.nan, math.nan, nothing, len(found), math.nan, note
        )
    total = chapman(first, second, both)
    missed = max(0.0, total - (first + second - both))
    interval = unseen_interval(first, second, both)
    expected = max(0.0, missed - others)
    return Residual(label, pair, first, second, both, total, missed, interval, others, expected, "")
