"""Take a person's name apart: given names, surname, particles, titles."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from nescio.search.reading import comparable

_FILE: Final = Path(__file__).parent / "data" / "names.yaml"
_PIECE: Final = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}


@cache
def name_words(what: str) -> frozenset[str]:
    """Return one of the word lists of ``data/names.yaml``."""
    return _name_words()[what]


@cache
def _name_words() -> dict[str, frozenset[str]]:
    lists: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {what: frozenset(str(word) for word in words) for what, words in lists.items()}


class PersonName(NamedTuple):
    """A name in comparable form; hyphens and apostrophes stay inside its words.

    Attributes:
        given: given names or their initials, in order.
        particles: ``van der``, ``de``, ``al``, before the surname.
        surname: surnames, in order; empty where only one word is known, which is then ``given``.
    """

    given: tuple[str, ...]
    particles: tuple[str, ...]
    surname: tuple[str, ...]

    @property
    def initials(self) -> str:
        """First letters of given names and surname; of hyphenated names the first letter only."""
        return "".join(word[0] for word in (*self.given, *self.surname))


def parse_name(text: str) -> PersonName | None:
    """Take a name apart; None where no word of it remains after titles and degrees.

    ``Surname, Given`` and ``Given Surname`` are told apart by the comma; without one the last
    word, with the particles before it, is the surname.
    """
    sides = [_words(side) for side in comparable(text)[0].split(",")]
    suffixes = name_words("suffixes")
    while len(sides) > 1 and all(word in suffixes for word in sides[-1]):
        sides.pop()
    sides = [_bare(side) for side in sides]
    sides = [side for side in sides if side]
    if not sides:
        return None
    if len(sides) > 1:
        family, given = sides[0], sides[1]
    elif _initial_last(sides[0]):
        given, family = sides[0][-1:], sides[0][:-1]
    else:
        cut = _surname_at(sides[0])
        given, family = sides[0][:cut], sides[0][cut:]
    particles = name_words("particles")
    first = next((i for i, word in enumerate(family) if word not in particles), len(family) - 1)
    return PersonName(tuple(given), tuple(family[:first]), tuple(family[first:]))


def _words(text: str) -> list[str]:
    return _PIECE.findall(text)


def _bare(words: list[str]) -> list[str]:
    """Drop titles before a name and degrees after it, but never the last word that is left."""
    titles = name_words("titles") | name_words("roles")
    suffixes = name_words("suffixes")
    start, end = 0, len(words)
    while start < end and words[start] in titles:
        start += 1
    while end - start > 2 and words[end - 1] in suffixes:
        end -= 1
    return words[start:end]


def _initial_last(words: list[str]) -> bool:
    """Say whether a surname stands before an initial: ``Doe J``."""
    return len(words) == 2 and len(words[1]) == 1 < len(words[0])


def _surname_at(words: list[str]) -> int:
    """Return where the surname begins in ``Given Surname``; a lone word is a given name."""
    if len(words) == 1:
        return 1
    cut = len(words) - 1
    particles = name_words("particles")
    while cut > 1 and words[cut - 1] in particles and len(words[cut - 1]) > 1:
        cut -= 1
    return cut


def spellings(text: str) -> list[str]:
    """Return a name as written and with its umlauts written as two letters (Müller, Mueller)."""
    doubled = text.lower()
    for letter, letters in _UMLAUTS.items():
        doubled = doubled.replace(letter, letters)
    return [text] if doubled == text.lower() else [text, doubled]
