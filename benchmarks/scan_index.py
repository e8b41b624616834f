"""The reference looked up as a data scientist would first do it: by scanning data frames.

``ScanIndex`` answers the same questions as ``nescio.search.ReferenceIndex``, so that the search
around it is the same code. Two of them are where the story's time went, and are answered here by
pandas: who has a predicted value (``find_value``), and what else is known of a person
(``known_of``). Values that stand in a text without being predicted are looked up through the
index on every rung: the story's first figure does not look for them at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA

from nescio.search import ReferenceIndex
from nescio.search.aliases import misread
from nescio.search.dates import read_date
from nescio.search.mapping import Column
from nescio.search.reference import LEAST_SPELLING, Match
from nescio.search.reference_build import NOTHING
from nescio.search.reference_file import read_columns
from nescio.search.reference_values import MOST_WORDS, NUMBERS, column_values, words_of

Pairs = list[tuple[int, npt.NDArray[np.int32]]]


class ScanIndex(ReferenceIndex):
    """Looks values up by ``df.where`` on the frame with all its columns, one scan a value."""

    def __init__(self, folder: Path, source: Path) -> None:
        """Read the frame and bring its mapped columns into comparable form.

        Args:
            folder: the index, for runs of words that nothing predicted.
            source: the Parquet file that the index was built from.
        """
        super().__init__(folder)
        self.frame = pd.read_parquet(source)
        raw = read_columns(source, self.mapping)
        self.person = pd.factorize(raw.column(self.mapping.person).to_pandas())[0].astype(np.int32)
        self.values: dict[int, list[str | None]] = {}
        self.misread: dict[int, pd.Series[Any]] = {}
        names: set[str] = set()
        for number, column in enumerate(self.mapping.columns):
            texts = column_values(raw.column(column.name), column, self.mapping.dates)
            self.values[number] = texts.to_pylist()
            words = [_words(text) for text in self.values[number]]
            self.frame[column.name] = self._comparable(column, self.values[number], words)
            if column.label in ("NAME", "ID"):
                self.misread[number] = pd.Series([misread("".join(w)) or None for w in words])
            if column.label == "NAME":
                names.update(w[0] for w in words if len(w) == 1 and len(w[0]) >= LEAST_SPELLING)
        self.names = sorted(names)
        # Neither is remembered: the first figure asks again each time.
        self.find_value = self._find_value  # type: ignore[assignment]
        self.known_of = self._known_of  # type: ignore[assignment]

    @staticmethod
    def _comparable(
        column: Column, texts: Sequence[str | None], words: Sequence[list[str]]
    ) -> list[str | None]:
        if column.label == "DATE":
            return list(texts)
        joint = "" if column.label in NUMBERS else " "
        return [joint.join(w) or None for w in words]

    def rows_with(self, value: str, columns: Sequence[int]) -> Pairs:
        """Return for each of ``columns`` that holds a value the persons of its rows."""
        hits = self.frame.where(self.frame == value)
        found: Pairs = []
        for number in columns:
            rows = np.flatnonzero(hits[self.mapping.columns[number].name].notna())
            if len(rows):
                found.append((number, self.person[rows]))
        return found

    def _find_value(self, text: str, label: str, columns: tuple[int, ...]) -> tuple[Match, ...]:
        """Look a predicted value up: exactly, else as OCR may read it, else one letter off."""
        columns = tuple(i for i in columns if self.mapping.columns[i].label == label)
        if not columns or label == "AGE":
            return ()
        words = words_of(text)[:MOST_WORDS]
        joint = "" if label in NUMBERS else " "
        keys = list(read_date(text)) if label == "DATE" else [joint.join(words)] if words else []
        if not keys:
            return ()
        found = self._merge([pair for key in keys for pair in self.rows_with(key, columns)])
        if found or label == "DATE":
            return found
        found = self._merge(self._misread_rows(misread("".join(words_of(text))), columns), False)
        if found or label != "NAME" or len(words) != 1:
            return found
        near = [pair for name in self._near(words[0]) for pair in self.rows_with(name, columns)]
        return self._merge(near, False)

    def _misread_rows(self, value: str, columns: Sequence[int]) -> Pairs:
        found: Pairs = []
        for number in columns:
            series = self.misread.get(number)
            rows = np.flatnonzero(series == value) if series is not None else ()
            if len(rows):
                found.append((number, self.person[rows]))
        return found

    def _near(self, word: str) -> list[str]:
        """Return the reference's names that are one letter off, by comparing with all of them."""
        if len(word) < LEAST_SPELLING:
            return []
        return [name for name in self.names if OSA.distance(word, name, score_cutoff=1) == 1]

    def _known_of(self, person: int) -> tuple[tuple[int, str], ...]:
        """Return column and value of all that the mapped columns hold of a person."""
        rows = self._rows_of_person(person)
        known = []
        for number, values in self.values.items():
            distinct = {values[row] for row in rows} - {None}
            known += [(number, value) for value in sorted(map(str, distinct))]
        return tuple(known)

    def _rows_of_person(self, person: int) -> Sequence[int]:
        rows: list[int] = np.flatnonzero(self.person == person).tolist()
        return rows


class TrimmedIndex(ScanIndex):
    """Keeps the mapped columns only, and a dictionary from value to rows in place of scans."""

    def __init__(self, folder: Path, source: Path) -> None:
        """Trim the frame and index each mapped column by value."""
        super().__init__(folder, source)
        self.frame = self.frame[[column.name for column in self.mapping.columns]]
        self.rows: dict[int, dict[str, list[int]]] = {
            number: _rows_of(self.frame[column.name])
            for number, column in enumerate(self.mapping.columns)
        }
        self.misread_rows = {number: _rows_of(series) for number, series in self.misread.items()}
        self.rows_of_person = _rows_of(pd.Series(self.person))

    def rows_with(self, value: str, columns: Sequence[int]) -> Pairs:
        """Return for each of ``columns`` that holds a value the persons of its rows."""
        return self._persons(self.rows, value, columns)

    def _misread_rows(self, value: str, columns: Sequence[int]) -> Pairs:
        return self._persons(self.misread_rows, value, columns)

    def _persons(
        self, index: dict[int, dict[str, list[int]]], value: str, columns: Sequence[int]
    ) -> Pairs:
        held = ((number, index.get(number, {}).get(value)) for number in columns)
        return [(number, self.person[rows]) for number, rows in held if rows]

    def _rows_of_person(self, person: int) -> Sequence[int]:
        return self.rows_of_person[person]


def _words(text: str | None) -> list[str]:
    words = words_of(text or "")
    return [] if " ".join(words) in NOTHING else words[:MOST_WORDS]


def _rows_of(series: pd.Series[Any]) -> dict[Any, list[int]]:
    rows: dict[Any, list[int]] = defaultdict(list)
    for row, value in enumerate(series.tolist()):
        if value is not None and value == value:
            rows[value].append(row)
    return dict(rows)


def write_mapping_file(path: Path, columns: dict[str, str], person: str) -> None:
    """Write a mapping file as ``nescio run --reference-mapping`` takes it."""
    lines = [f"  {name}: {entity}" for name, entity in columns.items()]
    path.write_text("\n".join(["columns:", *lines, f"person: {person}", ""]), encoding="utf-8")
