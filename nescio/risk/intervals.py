"""Intervals for proportions, as the scores and the report of the expert rules state them."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """Two ends between which a value lies with the stated confidence."""

    low: float
    high: float


def clopper_pearson(found: int, sampled: int, confidence: float = 0.95) -> Interval:
    """Return the exact interval of a proportion.

    low = B(a/2; x, n-x+1), high = B(1-a/2; x+1, n-x), with B the quantile of the beta
    distribution and a = 1 - confidence. It never covers less than the stated confidence.
    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404-413.

    Args:
        found: x, cases with the property.
        sampled: n, cases looked at; 0 tells nothing: the interval is 0 to 1.
        confidence: between 0 and 1.
    """
    _check(found, sampled)
    from scipy.special import betaincinv  # heavy, and not needed to judge mentions

    tail = (1 - confidence) / 2
    low = float(betaincinv(found, sampled - found + 1, tail)) if found else 0.0
    high = float(betaincinv(found + 1, sampled - found, 1 - tail)) if found < sampled else 1.0
    return Interval(low, high)


def wilson(found: int, sampled: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion.

    With p = x/n and z the normal quantile: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n).
    It covers the stated confidence on average. Source: E. B. Wilson, JASA 22 (1927) 209-212.

    Args:
        found: x, cases with the property.
        sampled: n, cases looked at; 0 tells nothing: the interval is 0 to 1.
        confidence: between 0 and 1.
    """
    _check(found, sampled)
    if not sampled:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = found / sampled
    middle = share + z * z / (2 * sampled)
    reach = z * math.sqrt(share * (1 - share) / sampled + z * z / (4 * sampled * sampled))
    scale = 1 + z * z / sampled
    return Interval(max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))


def _check(found: int, sampled: int) -> None:
    if not 0 <= found <= sampled:
        raise ValueError("found is between 0 and sampled")
