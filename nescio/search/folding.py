"""Bring text into the one form that patterns are written for, and offsets back from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

_ONE_FOR_ONE: Final = {
    "\x00": " ",  # the separator of the scanner's buffer
    "\u00a0": " ",
    "\u2002": " ",
    "\u2003": " ",
    "\u2007": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\u3000": " ",
    "\r": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    "\u2028": "\n",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2212": "-",
    "\u00ad": "-",
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u2044": "/",
    "\uff0f": "/",
    "\uff20": "@",
    "\uff1a": ":",
    "\u0130": "I",  # its lower case is two characters long, all others keep their length
}
"""Characters that stand for the same thing in an identifier; offsets do not change."""


_LIGATURES: Final = re.compile("[\ufb00-\ufb06]")


class Folded(NamedTuple):
    """A text in composed form (NFC) with plain spaces, dashes, quotes and line breaks.

    Attributes:
        text: the folded text.
        offsets: for each boundary between its characters the boundary in the original, one more
            than the text has characters; None where both are the same.
    """

    text: str
    offsets: Sequence[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of the folded text as a span of the original."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


def fold(text: str) -> Folded:
    """Fold a text; most need nothing but a look."""
    if text.isascii() or (unicodedata.is_normalized("NFC", text) and not _LIGATURES.search(text)):
        return Folded(_replace(text), None)
    composed, offsets = _compose(text)
    return Folded(_replace(composed), offsets)


def _replace(text: str) -> str:
    if "\t" in text:
        text = text.replace("\t", " " if _is_spread_prose(text) else "|")
    for character, plain in _ONE_FOR_ONE.items():
        if character in text:
            text = text.replace(character, plain)
    return text


def _is_spread_prose(text: str) -> bool:
    """Return whether tabs stand between the words of justified prose, not between cells."""
    cells = text.split("\t")
    return all(" " not in cell for cell in cells) and any(
        cell.isalpha() and cell.islower() for cell in cells
    )


def _compose(text: str) -> tuple[str, list[int]]:
    """Compose each base character with the marks after it, and take ligatures apart."""
    starts = [i for i, c in enumerate(text) if i == 0 or not unicodedata.combining(c)]
    pieces: list[str] = []
    offsets: list[int] = []
    for start, end in pairwise([*starts, len(text)]):
        form: Literal["NFC", "NFKC"] = "NFKC" if _LIGATURES.match(text, start) else "NFC"
        piece = unicodedata.normalize(form, text[start:end])
        pieces.append(piece)
        offsets.extend([start] * len(piece))
    return "".join(pieces), [*offsets, len(text)]
