"""Find in all paragraphs at once the runs of words and the numbers that are reference values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nescio.search.reading import Reading
from nescio.search.reference import ReferenceIndex
from nescio.search.reference_values import hash_number, hash_word, multipliers


class Hit(NamedTuple):
    """Words [first, last) of a paragraph are the entries [low, high) of the index."""

    first: int
    last: int
    low: int
    high: int
    number: bool


def word_runs(index: ReferenceIndex, readings: Sequence[Reading]) -> Iterator[tuple[int, Hit]]:
    """Yield the runs of words that are values, over all paragraphs at once."""
    lengths = np.array([len(reading.words) for reading in readings], dtype=np.int64)
    if not lengths.sum():
        return
    codes: dict[str, int] = {}
    flat = [codes.setdefault(w, len(codes)) for reading in readings for w in reading.words]
    vocabulary = np.array([hash_word(word) for word in codes], dtype=np.uint64)
    words = vocabulary[np.array(flat, dtype=np.int64)]
    paragraph = np.repeat(np.arange(len(readings)), lengths)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    candidates = np.flatnonzero(_among(words, index.first_words))
    starts = np.array(
        [
            at
            for at, place in zip(candidates.tolist(), paragraph[candidates].tolist(), strict=True)
            if readings[place].capital(at - int(begins[place]))
        ],
        dtype=np.int64,
    )
    sums = np.zeros(len(starts), dtype=np.uint64)
    for offset, multiplier in enumerate(multipliers()[: index.most_words]):
        inside = starts + offset < begins[paragraph[starts] + 1]
        starts, sums = starts[inside], sums[inside]
        sums = sums + words[starts + offset] * np.uint64(multiplier)
        low, high = index.ranges(sums)
        for i in np.flatnonzero(low < high).tolist():
            place = int(paragraph[starts[i]])
            first = int(starts[i] - begins[place])
            yield place, Hit(first, first + offset + 1, int(low[i]), int(high[i]), False)


def number_runs(index: ReferenceIndex, readings: Sequence[Reading]) -> Iterator[tuple[int, Hit]]:
    """Yield the numbers that are values, however they are punctuated."""
    places: list[tuple[int, int, int]] = []
    hashes: list[int] = []
    known: dict[str, int] = {}
    for place, reading in enumerate(readings):
        for first, last in reading.numbers:
            text = "".join(reading.words[first:last])
            if text not in known:
                known[text] = hash_number([text])
            places.append((place, first, last))
            hashes.append(known[text])
    low, high = index.ranges(np.array(hashes, dtype=np.uint64))
    for i in np.flatnonzero(low < high).tolist():
        place, first, last = places[i]
        yield place, Hit(first, last, int(low[i]), int(high[i]), True)


def _among(values: npt.NDArray[np.uint64], table: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Say for n values whether they are in a sorted table."""
    if not len(table):
        return np.zeros(len(values), dtype=np.bool_)
    at = np.searchsorted(table, values)
    at[at == len(table)] = 0
    result: npt.NDArray[np.bool_] = table[at] == values
    return result
