"""In which forms something known may be mentioned again, and how far each form can be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from nescio.search.names import PersonName, parse_name, spellings
from nescio.search.reading import Reading, comparable


class Entity(NamedTuple):
    """Something that is known to identify: its text and what it is."""

    text: str
    label: str
    kind: str
    score: float


class Form(IntEnum):
    """How a mention repeats what is known; what it needs is in ``support.py``."""

    WHOLE = 0  # all its words, or a given name (or initial) with the surname
    PART = 1  # the surname or a given name alone
    INITIALS = 2  # letters with full stops: J.D.
    LETTERS = 3  # letters without: JD
    SHORT_ID = 4  # the last part of a composed number
    SPELLING = 5  # one letter off
    MISREAD = 6  # characters that OCR takes for one another


TRUST: Final = {
    Form.WHOLE: 0.97,
    Form.PART: 0.92,
    Form.INITIALS: 0.75,
    Form.LETTERS: 0.65,
    Form.SHORT_ID: 0.80,
    Form.SPELLING: 0.75,
    Form.MISREAD: 0.85,
}
"""Factor on an entity's score for a mention of each form."""

REPEATED_WHOLE: Final = frozenset(
    {"ADDRESS", "FACILITY", "ORGANIZATION", "LOCATION", "EMAIL", "PHONE", "URL", "IP", "OTHER"}
)
"""Labels of which only the whole text is looked for. DATE and AGE are not carried: what they say
depends on where they stand, and their forms are the patterns' business."""

LEAST_PART: Final = 2
LEAST_SHORT_ID: Final = 3
_NAME_GAP: Final = re.compile(r"[\s.,'’‘-]{0,4}")
_ID_GAP: Final = re.compile(r"[\s./_–-]{0,3}")
_ANY_GAP: Final = re.compile(r"[^\w]{0,4}")
_MISREAD: Final = str.maketrans("01|5826", "ollsbzg")


class Alias(NamedTuple):
    """A sequence of comparable words in which an entity may be mentioned."""

    words: tuple[str, ...]
    form: Form


def gap_of(label: str) -> re.Pattern[str]:
    """Return what may stand between the words of one mention."""
    return _NAME_GAP if label == "NAME" else _ID_GAP if label == "ID" else _ANY_GAP


@lru_cache(maxsize=65_536)
def misread(word: str) -> str:
    """Return a word with all characters that OCR confuses made one (0 O, 1 l I, 5 S, rn m)."""
    merged = word.translate(_MISREAD).replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return merged.replace("i", "l")


@lru_cache(maxsize=20_000)
def aliases_of(text: str, label: str) -> tuple[Alias, ...]:
    """Return the forms of an entity, the most trusted of each first, none twice."""
    best: dict[tuple[str, ...], Form] = {}
    for words, form in _forms(text, label):
        if words and (words not in best or form < best[words]):
            best[words] = form
    return tuple(Alias(words, form) for words, form in best.items())


def _forms(text: str, label: str) -> Iterator[tuple[tuple[str, ...], Form]]:
    if label == "NAME":
        for spelling in spellings(text):
            yield tuple(Reading.of(spelling).words), Form.WHOLE
            name = parse_name(spelling)
            if name is not None:
                yield from _name_forms(name)
    elif label == "ID":
        yield from _id_forms(Reading.of(text).words)
    elif label in REPEATED_WHOLE:
        yield tuple(Reading.of(text).words), Form.WHOLE


def _pieces(word: str) -> Iterator[tuple[str, ...]]:
    """Yield a word of a name as text writes it: in its parts, or as one (O'Brien, OBrien)."""
    parts = tuple(re.split(r"['-]", word))
    yield parts
    if len(parts) > 1:
        yield ("".join(parts),)


def _joined(*names: str) -> Iterator[tuple[str, ...]]:
    """Yield all ways to write names one after the other."""
    if not names:
        yield ()
        return
    for head in _pieces(names[0]):
        for tail in _joined(*names[1:]):
            yield head + tail


def _name_forms(name: PersonName) -> Iterator[tuple[tuple[str, ...], Form]]:
    given, particles, surname = name
    families = [(*particles, *surname), surname] if particles else [surname]
    if given and surname:
        for family in families:
            for written in _joined(*family):
                for first in _given_forms(given):
                    yield (*first, *written), Form.WHOLE
                    yield (*written, *first), Form.WHOLE
        yield tuple(name.initials), Form.INITIALS
        yield (name.initials,), Form.LETTERS
        yield (given[0][0], surname[-1][0]), Form.INITIALS
        yield (given[0][0] + surname[-1][0],), Form.LETTERS
    for family in families:
        for written in _joined(*family):
            if sum(map(len, written)) >= LEAST_PART:
                yield written, Form.PART
    for word in (*given, *surname):
        for written in _pieces(word):
            if sum(map(len, written)) >= LEAST_PART:
                yield written, Form.PART
        for part in word.split("-"):
            for written in _pieces(part):
                if sum(map(len, written)) > LEAST_PART:
                    yield written, Form.PART


def _given_forms(given: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the given names as they stand before a surname: all, the first, initials."""
    yield from _joined(*given)
    yield from _joined(given[0])
    initials = tuple(word[0] for word in given)
    yield initials
    yield initials[:1]
    yield ("".join(initials),)
    if len(given) > 1:
        for first in _joined(given[0]):
            yield (*first, *initials[1:])


def _id_forms(words: list[str]) -> Iterator[tuple[tuple[str, ...], Form]]:
    """Yield a number as written, as one word, and its last parts (USUBJID and subject number)."""
    yield tuple(words), Form.WHOLE
    if len(words) > 1:
        yield ("".join(words),), Form.WHOLE
    for cut in range(1, len(words)):
        tail = tuple(words[cut:])
        text = "".join(tail)
        if len(text) >= LEAST_SHORT_ID and any(c.isdigit() for c in text):
            yield tail, Form.SHORT_ID
            if len(tail) > 1:
                yield (text,), Form.SHORT_ID


@lru_cache(maxsize=16_384)
def deletions(word: str) -> frozenset[str]:
    """Return a word and what it becomes when one letter is left out.

    Two words at most one insertion, deletion, substitution or swap of neighbours apart share one
    of these. Source: W. Garbe's symmetric delete algorithm (SymSpell).
    """
    return frozenset((word, *(word[:i] + word[i + 1 :] for i in range(len(word)))))


def key_of(text: str) -> str:
    """Return the comparable words of a text in one string, to tell whether two are the same."""
    form, _ = comparable(text)
    return " ".join(re.findall(r"[^\W_]+", form))
