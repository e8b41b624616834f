"""Span-labelled text of other people, mapped to Nescio's labels in one table, cut and varied."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from nescio.tables import LABELS
from training.synthetic.slots import Split, draw_facility, make_name, make_place
from training.text import generate


class Span(NamedTuple):
    """A labelled stretch of text; kind None where the source does not tell kinds."""

    start: int
    end: int
    label: str
    kind: str | None


class Example(NamedTuple):
    """One text with its spans and the name of its source in ANNOTATED."""

    text: str
    spans: tuple[Span, ...]
    source: str


LABEL_MAP: Final[dict[str, dict[str, tuple[str, str | None]]]] = {
    "outis": {
        "NAME": ("NAME", None),
        "DATE": ("DATE", None),
        "AGE": ("AGE", None),
        "ADDRESS": ("ADDRESS", None),
        "LOCATION": ("LOCATION", None),
        "FACILITY": ("FACILITY", None),
        "MRN": ("ID", "mrn"),
        "ACCOUNT": ("ID", "account"),
        "SSN": ("ID", "ssn"),
        "ID": ("ID", None),
        "PHONE": ("PHONE", None),
        "EMAIL": ("EMAIL", None),
        "URL": ("URL", None),
        "IP": ("IP", None),
    },
    "news": {
        "PER": ("NAME", None),
        "person": ("NAME", None),
        "LOC": ("LOCATION", None),
        "location": ("LOCATION", None),
        "ORG": ("ORGANIZATION", None),
        "group": ("ORGANIZATION", None),
        "corporation": ("ORGANIZATION", None),
    },
}
"""Label of a source -> label and kind of Nescio. Other labels of a source count as unlabelled."""

ANNOTATED: Final[dict[str, frozenset[str]]] = {
    "synthetic": frozenset(LABELS),
    # AGE only from 90, DATE only where it identifies, no organisations.
    "outis": frozenset(LABELS) - {"AGE", "DATE", "ORGANIZATION", "OTHER"},
    "news": frozenset({"NAME", "LOCATION", "ORGANIZATION"}),
    # Texts without titles hold no names; the rest of them is not annotated.
    "sections": frozenset({"NAME", "ID", "PHONE", "EMAIL", "URL", "IP", "ADDRESS"}),
    # What reviewers decided on: they saw the whole block.
    "corrections": frozenset(LABELS),
}
"""Labels that each source annotates fully: elsewhere "no entity" is not taught."""

TRAIN_FILES: Final = {
    "outis_train": "outis",
    "outis_v12": "outis",
    "btc": "news",
    "wikigold": "news",
    "wnut17_train": "news",
}


def read(path: Path, family: str) -> Iterator[Example]:
    """Yield the examples of one file of span-labelled text."""
    mapping = LABEL_MAP[family]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = (
                Span(s["start"], s["end"], *mapping[s["label"]])
                for s in row["spans"]
                if s["label"] in mapping
            )
            yield Example(row["text"], tuple(sorted(spans)), family)


def read_sections(path: Path) -> Iterator[Example]:
    """Yield texts of visit notes that show no name: no title, no greeting."""
    titled = re.compile(r"\b(Dr|Mr|Mrs|Ms|Miss|Doctor|Guest|Patient name)\b\.?")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line).get("text", "")
            if len(text) > 20 and not titled.search(text):
                yield Example(text, (), "sections")


def read_corrections(folder: Path, part: Literal["train", "measure"]) -> Iterator[Example]:
    """Yield texts that reviewers corrected (nescio.review.corrections), one part of them.

    A fifth of the documents, by the hash of their ids, is for measuring and never trained on.

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
            yield Example(row["text"], tuple(sorted(spans)), "corrections")


_BREAK = re.compile(r"\n+|(?<=[.;!?])\s+")


def cut(example: Example, rng: random.Random) -> Example:
    """Cut a random piece of a text, between sentences or lines and never inside a span."""
    size = rng.choice([30, 80, 160, 300, 450])
    if len(example.text) <= size:
        return example
    ends = [m.end() for m in _BREAK.finditer(example.text)]
    inside = [(s.start, s.end) for s in example.spans]
    cuts = [0, *(e for e in ends if not any(a < e < b for a, b in inside)), len(example.text)]
    first = rng.randrange(len(cuts) - 1)
    last = first + 1
    while last < len(cuts) - 1 and cuts[last] - cuts[first] < size:
        last += 1
    start, end = cuts[first], cuts[last]
    text = example.text[start:end].rstrip()
    spans = tuple(
        s._replace(start=s.start - start, end=s.end - start)
        for s in example.spans
        if s.start >= start and s.end - start <= len(text)
    )
    return Example(text, spans, example.source)


def replace(example: Example, replacements: dict[Span, str]) -> Example:
    """Put other texts in place of spans and move all offsets."""
    out: list[str] = []
    spans: list[Span] = []
    position = length = 0
    for span in sorted(example.spans):
        if span.start < position:
            continue
        before = example.text[position : span.start]
        new = replacements.get(span, example.text[span.start : span.end])
        spans.append(span._replace(start=length + len(before), end=length + len(before) + len(new)))
        out += [before, new]
        length += len(before) + len(new)
        position = span.end
    return Example("".join(out) + example.text[position:], tuple(spans), example.source)


def real_names(example: Example, rng: random.Random) -> Example:
    """Give invented people and places of a text names that real ones bear."""
    known: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 3:
            return word
        if word not in known:
            name = make_name(rng, rng.choice(("female", "male")))
            new = name.last if rng.random() < 0.5 else name.first
            known[word] = new.upper() if word.isupper() else new.lower() if word.islower() else new
        return known[word]

    changes: dict[Span, str] = {}
    for span in example.spans:
        text = example.text[span.start : span.end]
        if span.label == "NAME":
            changes[span] = re.sub(r"[^\W\d_]+", renamed, text)
        elif span.label == "LOCATION" and rng.random() < 0.5:
            city = make_place(rng).city
            changes[span] = re.sub(r"^[^,]+", lambda _, new=city: new, text)
        elif span.label == "FACILITY" and rng.random() < 0.3:
            changes[span] = draw_facility(rng)
    return replace(example, changes)


def synthetic(seed: int, split: Split) -> Iterator[Example]:
    """Yield texts of the generator (``training.text``), for ever."""
    for row in generate(seed, sys.maxsize, split):
        spans = (Span(s["start"], s["end"], s["label"], s["kind"]) for s in row["spans"])
        yield Example(row["text"], tuple(sorted(spans)), "synthetic")


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
