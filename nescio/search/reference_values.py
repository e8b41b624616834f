"""Bring the values of a reference table and of a text into the same comparable form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio.errors import ConfigurationError
from nescio.search.aliases import misread
from nescio.search.dates import read_date
from nescio.search.mapping import Column, DateOrder
from nescio.search.reading import comparable

NUMBERS: Final = frozenset({"ID", "PHONE"})
"""Labels whose values are compared without any punctuation."""

BY_MEANING: Final = frozenset({"DATE", "AGE"})
"""Labels whose values are compared by what they mean: as ISO dates, as whole years."""

LEAST_READABLE: Final = 0.5
"""Share of a column's values that must be dates, or ages, for it to hold what the mapping says."""

_SAS_EPOCH: Final = date(1960, 1, 1)
_WORD: Final = re.compile(r"[^\W_]+")
_AGE: Final = re.compile(r"^\s*(\d{1,3})(?:\.0*)?\b")
_MASK: Final = (1 << 64) - 1
_MULTIPLIERS: Final = tuple(
    int.from_bytes(blake2b(f"word {i}".encode(), digest_size=8).digest(), "little") | 1
    for i in range(16)
)
MOST_WORDS: Final = len(_MULTIPLIERS)


def words_of(text: str) -> list[str]:
    """Return a text's words (runs of letters and digits) in comparable form."""
    return _WORD.findall(comparable(text)[0])


def hash_word(word: str) -> int:
    """Return 64 bits that stand for a comparable word; the same in every process."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def hash_words(words: Sequence[str]) -> int:
    """Return 64 bits that stand for a sequence of words: sum of word hash times odd multiplier.

    Multilinear hashing, so that the hashes of all runs of words in a text follow from the hashes
    of its words. Source: D. Lemire, O. Kaser, Strongly universal string hashing is fast (2014).
    """
    total = sum(hash_word(word) * m for word, m in zip(words, _MULTIPLIERS, strict=False))
    return total & _MASK


def multipliers() -> tuple[int, ...]:
    """Return the multiplier of each word's place in a sequence."""
    return _MULTIPLIERS


def hash_number(words: Sequence[str]) -> int:
    """Return 64 bits that stand for a number, however it is punctuated."""
    return hash_word("#" + "".join(words))


def hash_misread(words: Sequence[str]) -> int:
    """Return 64 bits that a value shares with what OCR may make of it."""
    return hash_word("?" + misread("".join(words)))


def age_of(text: str) -> str:
    """Return a text's whole years as digits without leading zeros, or ``""``."""
    match = _AGE.match(text)
    return str(int(match[1])) if match else ""


def column_values(array: pa.ChunkedArray, column: Column, dates: DateOrder) -> pa.Array:
    """Return a column as the strings that are indexed: ISO dates, years, else trimmed text.

    Args:
        array: n values as the file gave them.
        column: what the mapping says of them.
        dates: order of day and month where the text leaves it open.

    Returns:
        n strings; null where there is no value or none that can be read.

    Raises:
        ConfigurationError: the values cannot be what the mapping says.
    """
    kind = array.type
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_boolean(kind):
        raise _wrong_type(column, str(kind))
    if column.label == "DATE":
        return _date_values(array, column, dates)
    if column.label == "AGE":
        return _readable(_text(array), age_of, column)
    if column.label not in NUMBERS and not _is_text(kind):
        raise _wrong_type(column, str(kind))
    return pc.utf8_trim_whitespace(_text(array)).combine_chunks()


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cast to text; numbers that are whole are written without a fraction."""
    if pa.types.is_floating(array.type):
        whole = pc.equal(pc.floor(array), array)
        array = pc.if_else(
            whole,
            pc.cast(pc.cast(pc.if_else(whole, array, 0), pa.int64()), pa.string()),
            pc.cast(array, pa.string()),
        )
    return pc.cast(array, pa.string())


def _date_values(array: pa.ChunkedArray, column: Column, dates: DateOrder) -> pa.Array:
    kind = array.type
    if pa.types.is_temporal(kind):
        if pa.types.is_time(kind) or pa.types.is_duration(kind):
            raise _wrong_type(column, str(kind))
        return pc.cast(pc.cast(array, pa.date32()), pa.string()).combine_chunks()
    if pa.types.is_floating(kind):  # SAS keeps dates as days since 1960
        return _readable(_text(array), _sas_date, column)
    last = dates == "day_first"

    def chosen(text: str) -> str:
        readings = read_date(text)
        return readings[-1 if last else 0] if readings else ""

    return _readable(_text(array), chosen, column)


def _sas_date(days: str) -> str:
    try:
        return (_SAS_EPOCH + timedelta(days=int(days))).isoformat()
    except (ValueError, OverflowError):
        return ""


def _readable(array: pa.ChunkedArray, read: Callable[[str], str], column: Column) -> pa.Array:
    """Apply a reader to every distinct value; too many that it cannot read are an error."""
    encoded = array.combine_chunks().dictionary_encode()
    values = [read(value) or None for value in encoded.dictionary.to_pylist()]
    result = pa.array(values, pa.string()).take(encoded.indices)
    if result.null_count - array.null_count > (1 - LEAST_READABLE) * (
        len(array) - array.null_count
    ):
        raise _wrong_type(column, "values that are none")
    return result


def _wrong_type(column: Column, found: str) -> ConfigurationError:
    return ConfigurationError(
        f"Column {column.name} is mapped to {column.entity} but holds {found}.",
        "Correct the mapping or the column's type.",
    )
