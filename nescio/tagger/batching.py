"""Work for a model: long texts in overlapping windows, windows in batches, results put together.

Every token is read from exactly one window, the one in which it stands farthest from an edge:
where two windows overlap, the first half of the overlap belongs to the earlier one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

WINDOW: Final = 158
"""Tokens of a window, without the two special tokens: the length that training saw."""

OVERLAP: Final = 48
"""Tokens that two neighbouring windows share, so that no mention lacks context."""

Floats = npt.NDArray[np.float32]
T = TypeVar("T", bound=Hashable)


class Window(NamedTuple):
    """Tokens ``start:end`` of text ``text``, of which ``own_start:own_end`` are read here."""

    text: int
    start: int
    end: int
    own_start: int
    own_end: int


def unique(items: Sequence[T]) -> tuple[list[T], list[int]]:
    """Return the distinct items in order of first appearance, and for each item its index."""
    numbers: dict[T, int] = {}
    index = [numbers.setdefault(item, len(numbers)) for item in items]
    return list(numbers), index


def windows(lengths: Iterable[int], size: int = WINDOW, overlap: int = OVERLAP) -> list[Window]:
    """Cut texts of ``lengths`` tokens into windows; a text without tokens has none."""
    if not 0 <= overlap < size:
        raise ValueError("windows must overlap by less than their size")
    found: list[Window] = []
    for text, length in enumerate(lengths):
        start = own = 0
        while own < length:
            end = min(start + size, length)
            own_end = end if end == length else end - overlap // 2
            found.append(Window(text, start, end, own, own_end))
            start, own = end - overlap, own_end
    return found


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group windows of similar length, longest first, so that little is padding.

    Args:
        lengths: tokens of each window.
        budget: padded tokens that one batch may hold; a longer window is a batch of its own.

    Returns:
        Indices of the windows of each batch; ties keep the order of the input.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    grouped: list[list[int]] = []
    for index in order:
        if not grouped or (len(grouped[-1]) + 1) * lengths[grouped[-1][0]] > budget:
            grouped.append([])
        grouped[-1].append(index)
    return grouped


def assemble(
    lengths: Sequence[int], plan: Sequence[Window], scores: Sequence[Floats], outputs: int
) -> list[Floats]:
    """Put the scores of windows together: (tokens, outputs) for each text.

    Raises:
        AssertionError: a token was scored never or twice.
    """
    whole = [np.zeros((length, outputs), np.float32) for length in lengths]
    times = [np.zeros(length, np.int8) for length in lengths]
    for window, score in zip(plan, scores, strict=True):
        own = slice(window.own_start, window.own_end)
        shift = window.own_start - window.start
        whole[window.text][own] = score[shift : shift + window.own_end - window.own_start]
        times[window.text][own] += 1
    if not all((seen == 1).all() for seen in times):
        raise AssertionError("every token must be scored exactly once")
    return whole
