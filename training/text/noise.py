"""Roughens filled templates as scanners, typists and line breaks do, piece by piece.

Every change keeps pieces apart, so spans stay exact whatever happens to their text.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

Piece = tuple[str, str, str]

CONFUSIONS = {
    "0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8",
    "2": "Z", "Z": "2", "6": "G", "e": "c", "c": "e", "m": "rn", "a": "o", "h": "b", "n": "r",
    "u": "v", "i": "j", "t": "f", ".": ",", ",": ".", "-": "–", "/": "l", "é": "e", "ü": "u",
}  # fmt: skip
"""What optical character recognition reads for what stands there."""

OCR_SHARE, UPPER_SHARE, LOWER_SHARE, TYPO_SHARE = 0.08, 0.05, 0.05, 0.04
WRAP_SHARE, SPACING_SHARE = 0.12, 0.08


def _ocr(text: str, rng: random.Random, rate: float) -> str:
    return "".join(CONFUSIONS.get(c, c) if rng.random() < rate else c for c in text)


def _typos(text: str, rng: random.Random) -> str:
    """Swap two neighbouring letters in some words."""
    out = []
    for word in text.split(" "):
        if len(word) > 4 and word.isalpha() and rng.random() < 0.06:
            at = rng.randrange(1, len(word) - 2)
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        out.append(word)
    return " ".join(out)


def _wrap(text: str, rng: random.Random, rate: float) -> str:
    return "".join("\n" if c == " " and rng.random() < rate else c for c in text)


def _spacing(text: str, rng: random.Random) -> str:
    """Double or drop spaces; a space at either end is what most often goes missing."""
    changed = text.replace("  ", " ") if rng.random() < 0.3 else text
    if rng.random() < 0.15:
        changed = changed.replace(": ", ":").replace(", ", ",")
    return "".join("  " if c == " " and rng.random() < 0.05 else c for c in changed)


def roughen(pieces: Sequence[Piece], rng: random.Random) -> list[Piece]:
    """Apply each kind of noise with its own probability; most texts stay clean."""
    texts = [text for text, _, _ in pieces]
    case = rng.random()
    if case < UPPER_SHARE:
        texts = [text.upper() for text in texts]
    elif case < UPPER_SHARE + LOWER_SHARE:
        texts = [text.lower() for text in texts]
    if rng.random() < OCR_SHARE:
        rate = rng.choice([0.01, 0.03, 0.06])
        texts = [_ocr(text, rng, rate) for text in texts]
    if rng.random() < TYPO_SHARE:
        texts = [_typos(text, rng) for text in texts]
    if rng.random() < WRAP_SHARE:
        texts = [_wrap(text, rng, 0.08) for text in texts]
    if rng.random() < SPACING_SHARE:
        texts = [_spacing(text, rng) for text in texts]
    return [(text, label, kind) for text, (_, label, kind) in zip(texts, pieces, strict=True)]
