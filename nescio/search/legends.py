"""Abbreviations that the text itself explains, units of measure, and letters that mark cells.

Glossaries, keys under tables and columns of laboratory values are full of capitals that look like
initials or like the short name of a site. None of them is one where

* the abbreviation stands beside what it is short for (``UCREA<tab>Urine creatinine``, ``TBW =
  Terminal body weight``, ``large unstained cells (LUC)``), and that is written as a phrase, small
  but for its first word: people, hospitals and companies are written with capitals;
* one letter stands before an equals sign (``T = Rank-transformed data``);
* a unit of measure follows without a number (``LUC E3/uL``): the head of a column, not a weight; or
* six single letters and more stand in a row, as in a table of marks (``P P,E P P P``);

nor is the name of a unit of measure (``Microliter``).
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final

import regex

from nescio.search.reading import Reading
from nescio.search.words import is_given_name, is_ordinary, is_surname

LONGEST: Final = 10
"""Letters of an abbreviation."""

LETTERS_IN_A_ROW: Final = 6

_WORD: Final = regex.compile(r"\p{L}[\p{L}\p{M}]*")
_UNIT_NAME: Final = regex.compile(
    r"(?:atto|femto|pico|nano|micro|milli|centi|deci|deca|hecto|kilo|mega)"
    r"(?:lit(?:er|re)|mole|gram(?:me)?|met(?:er|re)|unit|joule|newton|pascal|sievert|becquerel)s?"
)
_SYMBOL: Final = (
    r"(?:(?:10\^?\d{1,2}|E\d{1,2}|\#|[kmnpfuµμ]?(?:g|mol|eq|Eq|IU|U))/[dmunµμ]?[Ll]"
    r"|secs?|msec|mmHg|bpm|mV|%)"
)
_BEFORE_UNIT: Final = regex.compile(rf" \(?{_SYMBOL}(?![\p{{L}}\p{{N}}])")
_TRAILING_UNIT: Final = regex.compile(rf"\p{{Lu}}{{2,10}} {_SYMBOL}")
_KEY: Final = regex.compile(r"\s?=\s?(?=[\p{L}\p{N}])")


def is_explained(reading: Reading, start: int, end: int, label: str) -> bool:
    """Say whether a prediction is an abbreviation or a unit, by what stands around it.

    Args:
        reading: the paragraph.
        start: first character of the prediction.
        end: character after its last.
        label: of the prediction; what an ADDRESS holds is never one.
    """
    if label == "ADDRESS":
        return False
    hit = reading.text[start:end]
    first, last = reading.locate(start, end)
    words = reading.words[first:last]
    return bool(words) and (
        all(_UNIT_NAME.fullmatch(word) for word in words)
        or _heads_a_column(reading.text, hit, end)
        or _one_of_a_row(reading, first, last)
        or _keys(reading.text, hit, end)
        or _in_glossary(reading.text, start, end, label)
    )


def stands_for(short: str, phrase: str) -> bool:
    """Say whether a phrase is what an abbreviation is short for.

    Two letters, which may be anybody's initials, must be those of all its words. More begin words
    of the phrase, in order, or together begin one, or stand in it in order and both begin alike.
    """
    letters = [character for character in short.casefold() if character.isalpha()]
    words = _WORD.findall(phrase.casefold())
    if not 2 <= len(letters) <= LONGEST or not words:
        return False
    joined, initials = "".join(letters), "".join(word[0] for word in words)
    if len(letters) == 2:
        return joined == initials
    if _in_order(joined, initials) or any(word.startswith(joined) for word in words):
        return True
    return letters[0] == initials[0] and _in_order(joined, "".join(words))


def _in_order(letters: str, among: str) -> bool:
    rest = iter(among)
    return all(letter in rest for letter in letters)


def _is_phrase(text: str, label: str) -> bool:
    """Say whether words are a phrase and no name: small but for the first, or one plain word."""
    words = _WORD.findall(text)
    if len(words) > 1:
        return all(word.islower() for word in words[1:] if len(word) > 1)
    if not words:
        return False
    if is_ordinary(words[0]):
        return True
    # One word that no list knows may be a town or a firm, and where it is a name's it is one.
    return label == "NAME" and not (is_given_name(words[0]) or is_surname(words[0]))


def _is_short(text: str) -> bool:
    """Say whether a text looks like an abbreviation: one word, more capitals than other letters."""
    letters = [character for character in text if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return 2 <= len(letters) <= LONGEST and 2 * capitals > len(letters) and " " not in text


def _in_glossary(text: str, start: int, end: int, label: str) -> bool:
    """Say whether the hit is an abbreviation beside its phrase, or that phrase."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line = text[line_start : len(text) if line_end < 0 else line_end]
    if "\n" in text[start:end]:
        return False
    hit = text[start:end]
    cells = line.split("\t")
    if len(cells) == 2 and _explains(cells[0].strip(), cells[1].strip(), label):
        inside = start - line_start
        # Of the phrase, what a list of names knows stays hidden.
        known = any(is_given_name(word) or is_surname(word) for word in _WORD.findall(hit))
        return inside < len(cells[0]) or not known
    if not _is_short(hit):
        return False
    key = _KEY.match(text, end)
    if key:
        phrase = regex.split(r"[;,.\t\n]|\s\S+\s?=", text[key.end() :], maxsplit=1)[0]
        return _is_phrase(phrase, label) and stands_for(hit, phrase)
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        count = sum(map(str.isalpha, hit))
        before = _WORD.findall(text[line_start : start - 1])[-count:]
        initials = "".join(word[0] for word in before).casefold()
        return all(map(str.islower, before[1:])) and initials == hit.casefold()
    return False


def _explains(short: str, phrase: str, label: str) -> bool:
    """Say whether two cells of a row are an abbreviation, in some spellings, and its phrase."""
    spellings = [part for part in regex.split(r"[,;]\s*", short) if part]
    return (
        0 < len(spellings) <= 3
        and _is_short(spellings[0])
        and _is_phrase(phrase.partition("(")[0], label)
        and stands_for(spellings[0], phrase.partition("(")[0])
    )


def _keys(text: str, hit: str, end: int) -> bool:
    """Say whether one letter is explained by an equals sign."""
    return len(hit) == 1 and hit.isalpha() and _KEY.match(text, end) is not None


def _heads_a_column(text: str, hit: str, end: int) -> bool:
    """Say whether capitals stand right before a unit of measure, or with it."""
    if _TRAILING_UNIT.fullmatch(hit):
        return True
    capitals = hit.isalpha() and hit.isupper() and 2 <= len(hit) <= LONGEST
    return capitals and _BEFORE_UNIT.match(text, end) is not None


def _one_of_a_row(reading: Reading, first: int, last: int) -> bool:
    """Say whether the hit is letters in a row of letters."""

    def letter(index: int) -> bool:
        return len(reading.words[index]) == 1 and reading.words[index].isalpha()

    def parted(index: int) -> bool:
        return not reading.between(index).strip(" ,\t\n")

    if not all(map(letter, range(first, last))):
        return False
    before = takewhile(lambda i: letter(i) and parted(i), range(first - 1, -1, -1))
    behind = takewhile(lambda i: letter(i) and parted(i - 1), range(last, len(reading.words)))
    return last - first + sum(1 for _ in before) + sum(1 for _ in behind) >= LETTERS_IN_A_ROW
