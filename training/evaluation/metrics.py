"""Recall of mentions, precision of characters, share of ordinary words hidden, with intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from training.tagger.sources import Example

_WORD = re.compile(r"\w+")

Hit = tuple[int, int, str]
"""Start, end and label of a predicted span."""


@dataclass
class Counts:
    """Sums over the documents of one set.

    Attributes:
        mentions: label -> (mentions, found by any overlap, fully covered).
        documents: for each document (right characters, hidden characters, ordinary words hidden,
            ordinary words, mentions missed).
        meant: label -> mentions of it that a hit of a label that the set annotates overlaps.
        hits: label -> (predicted spans, those that overlap no gold mention).
    """

    mentions: dict[str, list[int]] = field(default_factory=dict)
    documents: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    meant: dict[str, int] = field(default_factory=dict)
    hits: dict[str, list[int]] = field(default_factory=dict)

    def total(self) -> list[int]:
        """Return mentions, found and fully covered over all labels."""
        return [sum(values) for values in zip(*self.mentions.values(), strict=True)]


def _mask(length: int, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    mask = np.zeros(length, bool)
    for start, end in spans:
        mask[start:end] = True
    return mask


def count(
    examples: Sequence[Example],
    predictions: Sequence[Sequence[Hit]],
    annotated: frozenset[str],
    measured: frozenset[str] | None = None,
) -> Counts:
    """Compare predictions with gold mentions.

    A mention counts as found whatever label hides it. Predictions with a label that the set
    does not annotate, and characters that an example ignores, count neither as right nor as
    wrong.

    Args:
        examples: texts with gold spans.
        predictions: spans of each text.
        annotated: labels that the set annotates fully.
        measured: labels whose recall is counted; None for all.
    """
    counts = Counts()
    for example, hits in zip(examples, predictions, strict=True):
        text = example.text
        solid = np.array([c.isalnum() for c in text], bool) if text else np.zeros(0, bool)
        gold = _mask(len(text), [(s.start, s.end) for s in example.spans])
        hidden = _mask(len(text), [(start, end) for start, end, _ in hits])
        silent = _mask(len(text), example.ignore)
        meant = _mask(len(text), [(a, b) for a, b, label in hits if label in annotated])
        judged = meant & ~silent
        missed = 0
        for span in example.spans:
            if measured is not None and span.label not in measured:
                continue
            letters = solid[span.start : span.end]
            covered = hidden[span.start : span.end] & letters
            entry = counts.mentions.setdefault(span.label, [0, 0, 0])
            entry[0] += 1
            entry[1] += bool(covered.any())
            entry[2] += bool(covered.sum() == letters.sum())
            missed += not covered.any()
            under = bool((meant[span.start : span.end] & letters).any())
            counts.meant[span.label] = counts.meant.get(span.label, 0) + under
        for start, end, label in hits:
            entry = counts.hits.setdefault(label, [0, 0])
            entry[0] += 1
            entry[1] += label in annotated and not (gold | silent)[start:end].any()
        words = (m.span() for m in _WORD.finditer(text))
        ordinary = [(a, b) for a, b in words if not (gold | silent)[a:b].any()]
        wrong = sum(bool(judged[a:b].any()) for a, b in ordinary)
        right, all_hidden = int((judged & gold & solid).sum()), int((judged & solid).sum())
        counts.documents.append((right, all_hidden, wrong, len(ordinary), missed))
    return counts


def wilson(hits: int, total: int) -> tuple[float, float, float]:
    """Return share and 95 % interval of a proportion (Wilson 1927)."""
    if not total:
        return math.nan, math.nan, math.nan
    z, share = 1.959964, hits / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return share, (centre - spread) / scale, (centre + spread) / scale


def bootstrap(
    documents: Sequence[tuple[int, ...]], above: int, below: int, seed: int = 1
) -> tuple[float, float, float]:
    """Return a ratio of sums and its 95 % interval by resampling documents 500 times."""
    table = np.array(documents, float)
    if not len(table) or not table[:, below].sum():
        return math.nan, math.nan, math.nan
    draws = np.random.default_rng(seed).integers(0, len(table), (500, len(table)))
    sums = table[draws].sum(axis=1)
    ratios = sums[:, above] / np.maximum(sums[:, below], 1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return table[:, above].sum() / table[:, below].sum(), float(low), float(high)
