"""The parts of a written name: titles, given names, initials, particles, family names."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import regex

CACHED: Final = 50_000
"""Texts whose normal form is remembered: a document says the same names again and again."""

WORD: Final = regex.compile(r"[\p{L}\p{M}]+(?:['’\-][\p{L}\p{M}]+)*")
"""A word of a name: letters, with apostrophes and hyphens inside."""


@lru_cache(maxsize=CACHED)
def fold(text: str) -> str:
    """Return a word without case, accents, possessive and surrounding marks."""
    plain = unicodedata.normalize("NFKD", text.removesuffix("'s").removesuffix("’s"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return plain.casefold().replace("’", "'")


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the words of a list ``data/<name>.txt``, folded."""
    source = resources.files("nescio.policy").joinpath(f"data/{name}.txt")
    lines = source.read_text(encoding="utf-8").splitlines()
    return frozenset(fold(line.strip()) for line in lines if line.strip() and line[0] != "#")


@lru_cache(maxsize=CACHED)
def normal_form(text: str) -> tuple[str, ...]:
    """Return what two writings of one name or id have in common, as comparable words.

    Titles, case, accents, punctuation and order are left out: ``SMITH, John`` equals
    ``Mr John Smith``. A text without letters keeps its digits.
    """
    folded = [fold(match.group()) for match in WORD.finditer(text)]
    named = sorted(word for word in folded if word not in words_of("titles"))
    digits = "".join(character for character in text if character.isdigit())
    return (*(named or sorted(folded)), *((digits,) if digits else ()))
