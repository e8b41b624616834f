"""The reference index: what a hospital or sponsor knows, answering in O(1) what a scan found.

An index is a folder of Arrow files that every shard maps into memory:

* ``keys``: 64-bit hash of every comparable value, sorted, with its column and person;
* ``misread``: the same for what OCR may make of names and numbers;
* ``spellings``: hash of each name with one letter left out (see ``aliases.deletions``), the name;
* ``people``: person, column, value, sorted by person: what else is known of somebody found;
* ``index.json``: the mapping and counts.

It holds the reference's identifiers, so it is as confidential as the reference itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rapidfuzz.distance import OSA

from nescio.errors import ConfigurationError
from nescio.search.aliases import deletions
from nescio.search.dates import read_date
from nescio.search.mapping import Column, Mapping
from nescio.search.reference_values import (
    NUMBERS,
    hash_misread,
    hash_number,
    hash_word,
    hash_words,
    words_of,
)

VERSION: Final = 1
LEAST_SPELLING: Final = 5
"""Letters of a name from which one letter more, less or other is still looked up."""

Hashes = npt.NDArray[np.uint64]


class Match(NamedTuple):
    """People of whom one column holds a value."""

    column: int  # place in the mapping
    people: npt.NDArray[np.int32]  # ascending, distinct
    exact: bool  # False: one letter off, or as OCR may read it


class ReferenceIndex:
    """An opened index; cheap to open, safe to share between processes.

    Attributes:
        mapping: which columns are indexed, and what they hold.
        people: number of persons.
        most_words: words of the longest value that is compared word by word.
    """

    def __init__(self, folder: Path) -> None:
        """Open the index that ``build_index`` wrote.

        Raises:
            ConfigurationError: the folder holds no index of this version.
        """
        try:
            facts: dict[str, Any] = json.loads((folder / "index.json").read_text("utf-8"))
            if facts["version"] != VERSION:
                raise ValueError("other version")
            self._files = {name: _map(folder / f"{name}.arrow") for name in FILES}
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise ConfigurationError(
                "The reference index cannot be opened.", "Build it again from the reference."
            ) from error
        columns = tuple(Column(*entry) for entry in facts["columns"])
        self.mapping = Mapping(columns, facts["person"], facts["dates"])
        self.people: int = facts["people"]
        self.most_words: int = facts["most_words"]
        self._arrays = {
            (name, column): _numpy(table.column(column))
            for name, table in self._files.items()
            for column in table.column_names
            if column not in ("name", "value")
        }
        self.find_value = lru_cache(maxsize=65_536)(self._find_value)
        self.known_of = lru_cache(maxsize=4_096)(self._known_of)

    @property
    def first_words(self) -> Hashes:
        """Hashes, ascending, of the first words of values that are compared word by word."""
        return self._arrays["first_words", "hash"]

    def known(self) -> pa.Table:
        """Return person, label, kind and value of all that the mapped columns hold."""
        table = self._files["people"]
        for name in ("label", "kind"):
            values = pa.array([getattr(column, name) for column in self.mapping.columns])
            table = table.append_column(name, values.take(table["column"]))
        return table.select(["person", "label", "kind", "value"])

    def ranges(self, hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return for n hashes where their entries begin and end in ``keys``; equal if none."""
        table = self._arrays["keys", "hash"]
        return table.searchsorted(hashes), table.searchsorted(hashes, side="right")

    def matches(self, low: int, high: int, columns: Iterable[int]) -> list[Match]:
        """Return the entries [low, high) of ``keys`` that lie in ``columns``."""
        found = []
        people = self._arrays["keys", "person"]
        part = self._arrays["keys", "column"][low:high]
        for column in columns:
            start, end = _bounds(part, column)
            if start < end:
                found.append(Match(column, people[low + start : low + end], True))
        return found

    def _find_value(self, text: str, label: str, columns: tuple[int, ...]) -> tuple[Match, ...]:
        """Look a predicted value up in the columns that its entity calls for.

        Exactly (without case, accents and punctuation); if that finds nothing, names with one
        letter off, and names and numbers as OCR may read them.
        """
        columns = tuple(i for i in columns if self.mapping.columns[i].label == label)
        hashes = self._value_hashes(text, label)
        if not hashes or not columns:
            return ()
        found = self._merge(self._lookup("keys", hashes, columns))
        if found or label in ("DATE", "AGE"):
            return found
        words = words_of(text)
        found = self._merge(self._lookup("misread", [hash_misread(words)], columns), exact=False)
        if found or label != "NAME" or len(words) != 1:
            return found
        spelt = [hash_words([name]) for name in self._spelt_like(words[0])]
        return self._merge(self._lookup("keys", spelt, columns), exact=False)

    def _value_hashes(self, text: str, label: str) -> list[int]:
        if label == "DATE":
            return [hash_word(f"date {day}") for day in read_date(text)]
        words = words_of(text)
        if not words or label == "AGE":
            return []  # an age alone tells nobody apart: see reference_search
        return [hash_number(words) if label in NUMBERS else hash_words(words)]

    def _lookup(
        self, file: str, hashes: Sequence[int], columns: Sequence[int]
    ) -> list[tuple[int, npt.NDArray[np.int32]]]:
        """Return (column, people) for all entries of ``hashes`` in one file."""
        table = self._arrays[file, "hash"]
        keys = np.asarray(hashes, dtype=np.uint64)
        low, high = table.searchsorted(keys), table.searchsorted(keys, side="right")
        found = []
        if np.any(low < high):
            column, people = self._arrays[file, "column"], self._arrays[file, "person"]
            for start, end in zip(low.tolist(), high.tolist(), strict=True):
                for wanted in columns:
                    first, last = _bounds(column[start:end], wanted)
                    if first < last:
                        found.append((wanted, people[start + first : start + last]))
        return found

    @staticmethod
    def _merge(
        found: list[tuple[int, npt.NDArray[np.int32]]], exact: bool = True
    ) -> tuple[Match, ...]:
        columns = sorted({column for column, _ in found})
        return tuple(
            Match(column, np.unique(np.concatenate([p for c, p in found if c == column])), exact)
            for column in columns
        )

    def _spelt_like(self, word: str) -> list[str]:
        """Return the reference's names that are one letter off a comparable word."""
        if len(word) < LEAST_SPELLING:
            return []
        table = self._arrays["spellings", "hash"]
        near: set[str] = set()
        names = self._files["spellings"].column("name")
        for shorter in deletions(word):
            near.update(names[i].as_py() for i in range(*_bounds(table, hash_word(shorter))))
        return sorted(name for name in near if OSA.distance(word, name, score_cutoff=1) == 1)

    def _known_of(self, person: int) -> tuple[tuple[int, str], ...]:
        """Return (column, value) of all that the mapped columns hold of a person."""
        table = self._files["people"]
        people = self._arrays["people", "person"]
        start, end = _bounds(people, person)
        part = table.slice(start, end - start)
        return tuple(
            zip(part.column("column").to_pylist(), part.column("value").to_pylist(), strict=True)
        )


FILES: Final = ("keys", "misread", "spellings", "people", "first_words")


def _bounds(table: npt.NDArray[Any], value: int) -> tuple[int, int]:
    """Return where a value begins and ends in a sorted array."""
    own = table.dtype.type(value)  # of another type, numpy would first convert the whole array
    return int(table.searchsorted(own)), int(table.searchsorted(own, side="right"))


def _numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = column.combine_chunks().to_numpy()
    return array


def _map(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
