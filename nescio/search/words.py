"""The word lists that detection leans on: what is a name, what is an ordinary word."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "data" / "words"


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the entries of ``data/words/<name>.txt``; lines that begin with # are remarks."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def is_ordinary(word: str) -> bool:
    """Return whether a word is one that prose writes small ("will", "may", "grace"), in any case.

    Such a word alone is no name: it needs support from what stands around it.
    """
    lower = word.lower()
    ordinary = word_list("ordinary")
    return lower in ordinary or lower in word_list("not_names") or _singular(lower) in ordinary


def is_given_name(word: str) -> bool:
    """Return whether a word is a known given name, in any case."""
    return word.lower() in word_list("given_names")


def is_surname(word: str) -> bool:
    """Return whether a word is a known surname, in any case."""
    return word.lower() in word_list("surnames")


def is_eponym(word: str) -> bool:
    """Return whether a disease, sign or test is named after a person of this name."""
    return word.lower() in word_list("eponyms")
