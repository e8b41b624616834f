"""What is sure enough to be looked for in a whole document."""

from __future__ import annotations

from typing import Final

from nescio.search.aliases import key_of
from nescio.search.words import is_given_name, is_surname

LEAST_SPREAD: Final = 0.5
"""Score from which a name or number is looked for in the whole document."""

LEAST_UNKNOWN: Final = 0.85
"""The same for a name of a single word that no list of names knows: one wrong prediction of a
word (a laboratory value, a drug) would else black it out everywhere."""


def is_spread(text: str, label: str, score: float) -> bool:
    """Say whether a mention is looked for in all paragraphs of its document."""
    words = key_of(text).split(" ")
    unknown = len(words) == 1 and not (is_surname(words[0]) or is_given_name(words[0]))
    return score >= (LEAST_UNKNOWN if label == "NAME" and unknown else LEAST_SPREAD)
