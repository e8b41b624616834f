"""A paragraph as search reads it: its words in comparable form, with offsets into the text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

_IRREGULAR: Final = re.compile(
    r"(?P<broken>(?<=[^\W\d_])(?:-\s+|\xad\s*)(?=[^\W\d_A-Z]))"  # Kowal-/czyk at a line's end
    r"|(?P<other>[^\x20-\x7e])"
)
_WORD: Final = re.compile(r"[^\W_]+")
MOST_NUMBER_WORDS: Final = 8
"""A longer run of words and dashes is no number."""

_CHUNK: Final = re.compile(r"[-/._–]")
_LETTERS: Final = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2212": "-",
}
"""Characters that decomposition leaves as they are, and what they are compared as."""


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return one character without case, accent and typography; nothing for invisible ones."""
    pieces = []
    for piece in unicodedata.normalize("NFKD", character).casefold():
        if unicodedata.combining(piece) or unicodedata.category(piece) == "Cf":
            continue
        pieces.append(" " if piece.isspace() else _LETTERS.get(piece, piece))
    return "".join(pieces)


def comparable(text: str) -> tuple[str, list[int] | None]:
    """Bring a text into the form in which it is compared: no case, accents, broken words.

    Returns:
        The comparable text, and for each of its characters, plus one at its end, the offset in
        ``text`` that it came from; None where the offsets are the same.
    """
    if not _IRREGULAR.search(text):
        return text.lower(), None
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for match in _IRREGULAR.finditer(text):
        start, end = match.span()
        pieces.append(text[position:start].lower())
        offsets.extend(range(position, start))
        if match["other"] is not None:
            plain = _plain(match["other"])
            pieces.append(plain)
            offsets.extend([start] * len(plain))
        position = end
    pieces.append(text[position:].lower())
    offsets.extend(range(position, len(text) + 1))
    return "".join(pieces), offsets


@dataclass(frozen=True)
class Reading:
    """A paragraph's words.

    Attributes:
        text: the paragraph's text.
        words: its words (runs of letters and digits) in comparable form.
        starts: where each word begins in ``text``.
        ends: where each word ends.
    """

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> Reading:
        """Read a paragraph."""
        form, offsets = comparable(text)
        if offsets is None:
            matches = list(_WORD.finditer(form))
            return cls(
                text,
                [match.group() for match in matches],
                [match.start() for match in matches],
                [match.end() for match in matches],
            )
        words: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in _WORD.finditer(form):
            start, end = match.span()
            words.append(match.group())
            starts.append(offsets[start])
            # Up to where the next character begins: marks that follow belong to the word.
            ends.append(_word_end(text, offsets[end - 1] + 1, offsets[end]))
        return cls(text, words, starts, ends)

    @cached_property
    def numbers(self) -> list[tuple[int, int]]:
        """Runs of words [first, last) without a space between, one with a digit: 1001-004, AB12."""
        words = self.words
        found: list[tuple[int, int]] = []
        first = last = 0
        for index, word in enumerate(words):
            if index < last or word.isalpha():
                continue
            first = index
            while first > last and _CHUNK.fullmatch(self.between(first - 1)):
                first -= 1
            last = index + 1
            while last < len(words) and _CHUNK.fullmatch(self.between(last - 1)):
                last += 1
            if last - first <= MOST_NUMBER_WORDS:
                digits = [not word.isalpha() for word in words[first:last]]
                for start in range(last - first):
                    for end in range(start + 1, last - first + 1):
                        if any(digits[start:end]):
                            found.append((first + start, first + end))
        return found

    def between(self, index: int) -> str:
        """Return the text between the word at ``index`` and the next."""
        return self.text[self.ends[index] : self.starts[index + 1]]

    def capital(self, index: int) -> bool:
        """Say whether a word does not begin small: a capital, a digit, a script without case."""
        return not self.text[self.starts[index]].islower()

    @cached_property
    def shouts(self) -> bool:
        """Whether the paragraph is written in capitals throughout, so that they say nothing."""
        capitals = sum(map(str.isupper, self.text))
        return capitals > 0.7 * sum(map(str.isalpha, self.text))

    def opens_sentence(self, index: int) -> bool:
        """Say whether a word is the first of its sentence, line or cell."""
        if index == 0:
            return True
        gap = self.between(index - 1)
        return any(mark in gap for mark in ".!?:;\n•|\t") or "  " in gap

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of words that touch the characters [start, end)."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


def _word_end(text: str, least: int, most: int) -> int:
    """Extend a word's end over the combining marks that decomposition dropped."""
    end = least
    while end < most and unicodedata.combining(text[end]):
        end += 1
    return end
