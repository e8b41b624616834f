"""Divides the pages of a document among the cores."""

from __future__ import annotations

from itertools import pairwise

from nescio.extract.pictures import number_of_threads
from nescio.isolation import has_one_thread


def page_ranges(count: int, least: int, most: int | None = None) -> list[range]:
    """Return ranges of all pages, one a core; a single one where the process cannot be copied.

    Args:
        count: pages of the document.
        least: pages that are worth a process of their own.
        most: ranges at most; None for one a core.
    """
    parts = min(number_of_threads(), count // least) if has_one_thread() else 1
    parts = max(parts if most is None else min(parts, most), 1)
    bounds = [count * part // parts for part in range(parts + 1)]
    return [range(*pair) for pair in pairwise(bounds)]
