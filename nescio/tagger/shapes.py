"""What an uncased vocabulary loses, given back: the shape of each token's word and the gap before.

The shipped model's vocabulary is lower-cased and blind to white space. Each token therefore gets
one number that says how its word is written (lower, Title, UPPER, ...) and what stands before it
(nothing, a space, a wide gap, a new line). The number indexes the model's token-type embeddings.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

SHAPES: Final = (
    "lower",
    "title",
    "upper",
    "initial",
    "mixed",
    "digits",
    "upper_digits",
    "mixed_digits",
    "uncased",
    "symbol",
)
GAPS: Final = ("glued", "space", "line", "wide")
TYPES: Final = 1 + len(SHAPES) * len(GAPS)
"""Size of the token-type vocabulary; type 0 is for the model's special tokens."""

_SPACE, _NEWLINE, _UPPER, _LOWER, _DIGIT, _UNCASED, _MARK, _SYMBOL = range(8)
_BMP: Final = 0x10000

Ints = npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def _classes() -> npt.NDArray[np.uint8]:
    """Return the class of every character of the basic plane."""
    by_category = {
        "Lu": _UPPER, "Lt": _UPPER, "Ll": _LOWER, "Nd": _DIGIT, "Lo": _UNCASED, "Lm": _UNCASED,
        "Nl": _UNCASED, "Mn": _MARK, "Mc": _MARK, "Zs": _SPACE, "Zl": _NEWLINE, "Zp": _NEWLINE,
    }  # fmt: skip
    table = np.full(_BMP, _SYMBOL, np.uint8)
    for code in range(_BMP):
        table[code] = by_category.get(unicodedata.category(chr(code)), _SYMBOL)
    table[ord("\t")] = _SPACE
    for code in (0x0A, 0x0B, 0x0C, 0x0D, 0x85):
        table[code] = _NEWLINE
    return table


def character_classes(text: str) -> npt.NDArray[np.uint8]:
    """Return the class of each code point of ``text``; beyond the basic plane all are symbols."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _classes()[np.minimum(codes, _BMP - 1)]


def word_ids(classes: npt.NDArray[np.uint8]) -> Ints:
    """Number the words of a text: runs of letters, digits and marks; each symbol is its own.

    Returns:
        For each code point the number of its word; -1 for white space.
    """
    solid = (classes >= _UPPER) & (classes <= _MARK)
    starts = solid & ~np.concatenate(([False], solid[:-1]))
    starts |= classes == _SYMBOL
    ids = np.cumsum(starts) - 1
    ids[classes <= _NEWLINE] = -1
    return ids


def word_starts(ids: Ints) -> Ints:
    """Return the offset of each word's first character."""
    return np.flatnonzero((ids >= 0) & (np.diff(ids, prepend=-1) != 0) & _first_seen(ids))


def _first_seen(ids: Ints) -> npt.NDArray[np.bool_]:
    """True where a word's number appears for the first time (numbers never decrease)."""
    highest = np.maximum.accumulate(ids)
    return np.diff(highest, prepend=-1) > 0


def token_types(text: str, starts: Ints) -> Ints:
    """Return the type of each token.

    Args:
        text: the text as it stands.
        starts: offset of each token's first character that is not white space.

    Returns:
        One number in 1..TYPES-1 for each token.
    """
    if not len(starts):
        return np.zeros(0, np.int64)
    classes = character_classes(text)
    ids = word_ids(classes)
    firsts = word_starts(ids)
    if not len(firsts):
        return np.full(len(starts), 1 + SHAPES.index("symbol") * len(GAPS), np.int64)
    shapes = _word_shapes(classes, ids, len(firsts))
    word = np.maximum(ids[starts], 0)
    gaps = _gaps(classes, starts)
    return 1 + shapes[word] * len(GAPS) + gaps


def _word_shapes(classes: npt.NDArray[np.uint8], ids: Ints, words: int) -> Ints:
    """Return the index into SHAPES of each word."""
    inside = ids >= 0
    word, kind = ids[inside], classes[inside]
    count = {
        wanted: np.bincount(word[kind == wanted], minlength=words)
        for wanted in (_UPPER, _LOWER, _DIGIT, _UNCASED, _SYMBOL)
    }
    upper, lower, digit = count[_UPPER], count[_LOWER], count[_DIGIT]
    letters = upper + lower + count[_UNCASED]
    first_upper = np.zeros(words, bool)
    first_upper[ids[(classes == _UPPER) & inside & _first_seen(ids)]] = True
    conditions = [
        count[_SYMBOL] > 0,
        (digit > 0) & (letters == 0),
        (digit > 0) & (lower == 0),
        digit > 0,
        (upper == 0) & (lower > 0),
        (upper == 1) & (lower == 0),
        (upper > 1) & (lower == 0),
        first_upper & (upper == 1),
        upper > 0,
    ]
    names = [
        "symbol", "digits", "upper_digits", "mixed_digits", "lower", "initial", "upper", "title",
        "mixed",
    ]  # fmt: skip
    return np.select(conditions, [SHAPES.index(name) for name in names], SHAPES.index("uncased"))


def _gaps(classes: npt.NDArray[np.uint8], starts: Ints) -> Ints:
    """Return the index into GAPS of what stands before each token."""
    padded = np.concatenate(([_NEWLINE, _NEWLINE], classes))
    before, earlier = padded[starts + 1], padded[starts]
    return np.select(
        [before == _NEWLINE, (before == _SPACE) & (earlier == _NEWLINE),
         (before == _SPACE) & (earlier == _SPACE), before == _SPACE],
        [2, 2, 3, 1],
        0,
    )  # fmt: skip
