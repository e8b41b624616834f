"""Whether two names can be one person's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rapidfuzz.distance import OSA

from nescio.search.names import PersonName

LEAST_SPELLING: Final = 6
"""Letters of a surname for which one letter more, less or other may be a slip."""


def is_full(name: PersonName) -> bool:
    """Say whether a name has a surname and a given name that is more than an initial."""
    return bool(name.surname and name.given and len(name.given[0]) > 1)


def same_surname(a: PersonName, b: PersonName) -> bool:
    """Say whether two surnames are one: equal, one letter off, or one part of a double name."""
    first, second = "-".join(a.surname), "-".join(b.surname)
    if first == second:
        return True
    if (
        min(len(first), len(second)) >= LEAST_SPELLING
        and OSA.distance(first, second, score_cutoff=1) <= 1
    ):
        return True
    parts, others = set(first.split("-")), set(second.split("-"))
    return parts < others or others < parts


def given_agree(a: PersonName, b: PersonName) -> bool:
    """Say whether given names do not contradict each other; initials stand for what they begin."""
    return all(
        one.startswith(other) if len(other) == 1 else other.startswith(one) and len(one) == 1
        for one, other in zip(a.given, b.given, strict=False)
        if one != other
    )


def compatible(a: PersonName, b: PersonName) -> bool:
    """Say whether two names with given name and surname can be one person's."""
    return same_surname(a, b) and given_agree(a, b)


def is_part(word: str, name: PersonName) -> bool:
    """Say whether a lone word is a given name or surname, or a part of one, of ``name``."""
    words = {*name.given, *name.surname, "-".join(name.surname)}
    pieces = {piece for known in words for piece in known.replace("'", "-").split("-")}
    return len(word) > 1 and word in words | pieces


def is_initials(name: PersonName, text: str) -> bool:
    """Say whether a mention is nothing but initials (J.D., JD, J. Q. D.)."""
    letters = [c for c in text if c.isalpha()]
    words = [*name.given, *name.surname]
    if not 2 <= len(letters) <= 4 or not all(c.isupper() for c in letters):
        return False
    return all(len(word) == 1 for word in words) or (len(words) == 1 and len(letters) <= 3)


def findable(name: PersonName) -> Iterator[str]:
    """Yield the words under which a name is filed for shortened forms to find it."""
    for word in (*name.given, *name.surname):
        yield word
        yield from (piece for piece in word.replace("'", "-").split("-") if piece != word)
    if name.given and name.surname:
        yield name.given[0][0] + name.surname[-1][0]
        yield name.initials


def fits(short: PersonName, full: PersonName, text: str) -> bool:
    """Say whether a shortened name can stand for a full one."""
    if is_initials(short, text):
        letters = "".join(c for c in text.lower() if c.isalpha())
        return letters in (full.initials, full.given[0][0] + full.surname[-1][0])
    if short.surname:
        return compatible(short, full)
    return all(is_part(word, full) for word in short.given)
