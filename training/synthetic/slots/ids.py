"""Identifiers of people, visits, devices and things, in many formats."""

from __future__ import annotations

import random
import string

from training.synthetic.slots.lists import Split, draw_format

KINDS = (
    "mrn",
    "subject_id",
    "site_id",
    "study_id",
    "ssn",
    "npi",
    "health_plan",
    "account",
    "licence",
    "passport",
    "device",
    "vehicle",
    "specimen",
)
"""Kinds of the label ``ID``, as in ``nescio.tables.LABELS``."""

_PLACEHOLDERS = {"A": string.ascii_uppercase, "X": string.digits + string.ascii_uppercase}


def render_pattern(rng: random.Random, pattern: str) -> str:
    """Fill a pattern: ``9`` a digit, ``A`` a capital, ``X`` either, ``\\`` keeps what follows.

    A word of letters (``MRN``, ``Subj``) that holds more than the placeholder ``A`` stays as it is.
    """
    out = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character.isalpha():
            end = position
            while end < len(pattern) and pattern[end].isalpha():
                end += 1
            word = pattern[position:end]
            if set(word) <= {"A"} or (set(word) <= {"X"} and len(word) < 3):
                out += [rng.choice(_PLACEHOLDERS[letter]) for letter in word]
            else:
                out.append(word)
            position = end
        elif character == "\\":
            out.append(pattern[position + 1])
            position += 2
        else:
            out.append(rng.choice(string.digits) if character == "9" else character)
            position += 1
    return "".join(out)


def render_id(rng: random.Random, kind: str, split: Split = "train") -> str:
    """Draw an identifier of one of ``KINDS``."""
    return render_pattern(rng, draw_format(rng, f"ids.{kind}", split))
