"""Build the reference index: read the mapped columns once, normalise, hash, sort, write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nescio.search.aliases import deletions
from nescio.search.mapping import Column, Mapping
from nescio.search.reference import LEAST_SPELLING, VERSION, Hashes, ReferenceIndex
from nescio.search.reference_file import read_columns
from nescio.search.reference_values import (
    MOST_WORDS,
    NUMBERS,
    column_values,
    hash_misread,
    hash_number,
    hash_word,
    hash_words,
    words_of,
)

_T = TypeVar("_T")

NOTHING: Final = frozenset(
    {"", "na", "n a", "none", "null", "nan", "unknown", "unk", "missing", "not done", "nd", "other"}
)
"""Comparable values that stand for no value."""


class _Entries(NamedTuple):
    """Hash, column and person of n values."""

    hashes: list[Hashes]
    columns: list[npt.NDArray[np.uint16]]
    people: list[npt.NDArray[np.int32]]

    @classmethod
    def none(cls) -> _Entries:
        return cls([], [], [])

    def add(self, column: int, hashes: Hashes, people: npt.NDArray[np.int32]) -> None:
        """Add values of a column; hash 0 stands for no value."""
        kept = hashes != 0
        self.hashes.append(hashes[kept])
        self.people.append(people[kept])
        self.columns.append(np.full(int(kept.sum()), column, dtype=np.uint16))

    def table(self) -> pa.Table:
        """Return the entries sorted, each once."""
        hashes = np.concatenate([np.empty(0, np.uint64), *self.hashes])
        columns = np.concatenate([np.empty(0, np.uint16), *self.columns])
        people = np.concatenate([np.empty(0, np.int32), *self.people])
        order = np.lexsort((people, columns, hashes))
        hashes, columns, people = hashes[order], columns[order], people[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (
            (hashes[1:] != hashes[:-1])
            | (columns[1:] != columns[:-1])
            | (people[1:] != people[:-1])
        )
        return pa.table({"hash": hashes[new], "column": columns[new], "person": people[new]})


def build_index(source: Path, mapping: Mapping, folder: Path) -> ReferenceIndex:
    """Index the mapped columns of a reference table.

    Args:
        source: .parquet, .csv or .xpt file, any number of columns.
        mapping: which of them hold what.
        folder: where the index is written; created, readable by its owner only.

    Raises:
        ConfigurationError: the table and the mapping do not fit, or the file cannot be read.
    """
    raw = read_columns(source, mapping)
    values = {
        number: column_values(raw.column(column.name), column, mapping.dates)
        for number, column in enumerate(mapping.columns)
    }
    people, count = _people(raw, values, mapping)
    keys, misread = _Entries.none(), _Entries.none()
    longest = 1
    first_words: set[int] = set()
    names: set[str] = set()
    for number, column in enumerate(mapping.columns):
        encoded = values[number].dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        texts = [text if text is not None else "" for text in encoded.dictionary.to_pylist()]
        words = [_comparable(text) for text in texts]
        keys.add(number, _spread(_hashes(column, texts, words), codes), people)
        if column.label in ("NAME", "ID"):
            misread.add(number, _spread(_each(words, hash_misread), codes), people)
        if column.label not in NUMBERS | {"DATE", "AGE"}:
            longest = max([longest, *map(len, words)])
            first_words.update(hash_word(value[0]) for value in words if value)
        if column.label == "NAME":
            names.update(w[0] for w in words if len(w) == 1 and len(w[0]) >= LEAST_SPELLING)
    _write(folder, "keys", keys.table())
    _write(folder, "misread", misread.table())
    _write(folder, "spellings", _spellings(names))
    _write(folder, "people", _known(values, people))
    _write(folder, "first_words", pa.table({"hash": np.array(sorted(first_words), np.uint64)}))
    facts = {
        "version": VERSION,
        "columns": [list(column) for column in mapping.columns],
        "person": mapping.person,
        "dates": mapping.dates,
        "rows": raw.num_rows,
        "people": count,
        "most_words": min(longest, MOST_WORDS),
    }
    (folder / "index.json").write_text(json.dumps(facts), encoding="utf-8")
    return ReferenceIndex(folder)


def _people(
    raw: pa.Table, values: dict[int, pa.Array], mapping: Mapping
) -> tuple[npt.NDArray[np.int32], int]:
    """Number the persons: rows that agree in the person column are one; a blank is its own."""
    if not mapping.person:
        return np.arange(raw.num_rows, dtype=np.int32), raw.num_rows
    mapped = [i for i, column in enumerate(mapping.columns) if column.name == mapping.person]
    keys = values[mapped[0]] if mapped else raw.column(mapping.person).combine_chunks()
    encoded = keys.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    known = len(encoded.dictionary)
    blank = codes < 0
    codes[blank] = known + np.arange(int(blank.sum()), dtype=np.int32)
    return codes, known + int(blank.sum())


def _comparable(text: str) -> list[str]:
    words = words_of(text)
    return [] if " ".join(words) in NOTHING else words[:MOST_WORDS]


def _hashes(column: Column, texts: list[str], words: list[list[str]]) -> Hashes:
    if column.label == "DATE":
        return _each(texts, lambda day: hash_word(f"date {day}"))
    if column.label == "AGE":
        return np.zeros(len(texts), np.uint64)  # known of a person, never looked up by itself
    return _each(words, hash_number if column.label in NUMBERS else hash_words)


def _each(values: Iterable[_T], hash_of: Callable[[_T], int]) -> Hashes:
    return np.array([hash_of(value) if value else 0 for value in values], dtype=np.uint64)


def _spread(hashes: Hashes, codes: npt.NDArray[np.int32]) -> Hashes:
    """Return the hash of each row from those of the distinct values; 0 where there is none."""
    return np.append(hashes, np.uint64(0))[codes]


def _spellings(names: set[str]) -> pa.Table:
    pairs = sorted((hash_word(shorter), name) for name in names for shorter in deletions(name))
    return pa.table(
        {
            "hash": np.array([code for code, _ in pairs], dtype=np.uint64),
            "name": pa.array([name for _, name in pairs], pa.string()),
        }
    )


def _known(values: dict[int, pa.Array], people: npt.NDArray[np.int32]) -> pa.Table:
    """Return person, column and value, each once, sorted by person."""
    parts = [
        pa.table(
            {
                "person": people,
                "column": np.full(len(people), number, np.uint16),
                "value": texts,
            }
        ).filter(pc.is_valid(texts))
        for number, texts in values.items()
    ]
    table = pa.concat_tables(parts)
    distinct = table.group_by(["person", "column", "value"], use_threads=False).aggregate([])
    return distinct.sort_by(
        [("person", "ascending"), ("column", "ascending"), ("value", "ascending")]
    )


def _write(folder: Path, name: str, table: pa.Table) -> None:
    """Write one file of the index in one batch, so that it maps into memory without a copy."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.arrow"
    temporary = folder / f".{name}.arrow.tmp"
    with pa.OSFile(str(temporary), "wb") as sink:
        combined = table.combine_chunks()
        with pa.ipc.new_file(sink, combined.schema) as writer:
            writer.write_table(combined, max_chunksize=max(1, combined.num_rows))
    temporary.replace(path)
