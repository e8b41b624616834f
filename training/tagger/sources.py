"""What the tagger learns from and is measured on, as examples: the generator and published sets."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from nescio.tables import LABELS
from training.synthetic.slots import Split
from training.text import generate
from training.text.sources import load

EVERY_LABEL: Final = frozenset(LABELS)

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "outis": ("outis_train", "outis_v12"),
    "news": ("btc", "wikigold", "wnut17_train", "sec_filings"),
    "sections": ("mts_dialog", "aci_paragraphs"),
}
"""Files of ``training/text/data/sources.yaml`` that are trained on, in groups drawn together."""


class Span(NamedTuple):
    """A labelled stretch of text; kind None where the source does not tell kinds.

    ``also`` names labels that the source would give to it, too.
    """

    start: int
    end: int
    label: str
    kind: str | None
    also: tuple[str, ...] = ()


class Example(NamedTuple):
    """One text with its spans.

    ``annotated`` are the labels for which its other characters are counter-examples; characters
    in ``ignore`` say nothing, neither a label nor its absence.
    """

    text: str
    spans: tuple[Span, ...]
    annotated: frozenset[str] = EVERY_LABEL
    ignore: tuple[tuple[int, int], ...] = ()


def _span(row: dict[str, Any]) -> Span:
    return Span(
        row["start"], row["end"], row["label"], row["kind"], tuple(sorted(row.get("also", ())))
    )


def _example(row: dict[str, Any], weak: bool) -> Example:
    """Turn a row of ``training.text.sources`` into an example.

    Args:
        row: text, spans and masks.
        weak: whether spans found by our own rules count; else they say nothing.
    """
    ignore = [(place["start"], place["end"]) for place in row["ignore"]]
    ignore += [(s["start"], s["end"]) for s in row["spans"] if s.get("weak") and not weak]
    spans = (_span(s) for s in row["spans"] if weak or not s.get("weak"))
    annotated = frozenset(row["annotated"])
    return Example(row["text"], tuple(sorted(spans)), annotated, tuple(sorted(ignore)))


def published(
    data: Path, use: Literal["train", "holdout"], seed: int = 1
) -> dict[str, list[Example]]:
    """Return the examples of each of FAMILIES, to train on or kept apart for thresholds."""
    return {
        family: [_example(row, True) for row in load(data, seed, files, (use,))]
        for family, files in FAMILIES.items()
    }


def evaluation(data: Path, name: str) -> list[Example]:
    """Return a set that is never trained on, whole texts; what our rules added says nothing."""
    return [_example(row, False) for row in load(data, only=(name,))]


def read_corrections(folder: Path, part: Literal["train", "measure"]) -> Iterator[Example]:
    """Yield texts that reviewers corrected (nescio.review.corrections), one part of them.

    A fifth of the documents, by the hash of their ids, is for measuring and never trained on.
    The reviewers saw the whole block: what they left is a counter-example for every label.

    Args:
        folder: ``private/corrections`` of an output folder.
        part: which part.
    """
    for path in sorted(folder.glob("*.jsonl")):
        number = int.from_bytes(hashlib.sha256(path.stem.encode()).digest()[:4])
        if (number % 5 == 0) != (part == "measure"):
            continue
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            spans = (Span(s["start"], s["end"], s["label"], None) for s in row["spans"])
            yield Example(row["text"], tuple(sorted(spans)))


def synthetic(seed: int, split: Split) -> Iterator[Example]:
    """Yield texts of the generator (``training.text``), for ever."""
    for row in generate(seed, sys.maxsize, split):
        yield Example(row["text"], tuple(sorted(map(_span, row["spans"]))))


def vary(example: Example, rng: random.Random) -> Example:
    """Change the writing of some texts: all capitals, all small, odd line breaks, OCR slips."""
    chance = rng.random()
    text = example.text
    if chance < 0.06:
        text = text.upper()
    elif chance < 0.11:
        text = text.lower()
    elif chance < 0.16:
        text = re.sub(r" ", lambda m: "\n" if rng.random() < 0.12 else " ", text)
    elif chance < 0.19:
        slips = {"l": "1", "O": "0", "e": "c", "m": "n", "S": "5"}
        text = "".join(slips.get(c, c) if rng.random() < 0.04 else c for c in text)
    return example._replace(text=text) if len(text) == len(example.text) else example
