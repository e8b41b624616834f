"""Combines templates to paragraphs and turns labelled pieces into text with spans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from nescio.tables import LABELS
from training.synthetic.slots import Split
from training.text.noise import Piece, roughen
from training.text.scene import Scene
from training.text.templates import Template, expand, load_templates

NEGATIVE = "negative"
NEGATIVE_SHARE = 0.18  # of the texts that hold nothing but hard negatives
MIXED_SHARE = 0.25  # of the templates after the first that are drawn from the negatives
FORM_KINDS = ("form", "listing", "header", "signature")
KIND_WEIGHTS = {"form": 1.6, "heading": 0.6, "negative": 0.0, "contrast": 3.0}
SEPARATORS = ((" ", 60), ("\n", 18), ("  ", 8), ("\n\n", 8), ("; ", 2), (" - ", 1), ("\t", 1))


@cache
def _by_kind(split: Split) -> dict[str, list[Template]]:
    kinds: dict[str, list[Template]] = {}
    for template in load_templates():
        if template.split == split:
            kinds.setdefault(template.kind, []).append(template)
    return kinds


@cache
def _weights(split: Split) -> tuple[list[str], list[float]]:
    kinds = _by_kind(split)
    names = sorted(kinds)
    return names, [len(kinds[name]) ** 0.6 * KIND_WEIGHTS.get(name, 1.0) for name in names]


def choose(rng: random.Random, split: Split) -> list[Template]:
    """Draw the templates of one text: mostly one to four of one kind of document."""
    kinds = _by_kind(split)
    if rng.random() < NEGATIVE_SHARE:
        pool = kinds[NEGATIVE]
        return rng.sample(pool, min(len(pool), rng.choice((1, 1, 2, 3, 4))))
    names, weights = _weights(split)
    kind = rng.choices(names, weights)[0]
    count = rng.choices((1, 2, 3, 4, 6, 9), (34, 24, 18, 12, 8, 4))[0]
    own, negative = kinds[kind], kinds[NEGATIVE]
    chosen = rng.sample(own, min(count, len(own)))
    for index in range(1, len(chosen)):
        if rng.random() < MIXED_SHARE:
            chosen[index] = rng.choice(negative)
    return chosen


def fill(templates: Sequence[Template], rng: random.Random, split: Split) -> list[Piece]:
    """Fill the templates in one scene and join them."""
    scene = Scene(rng, split)
    texts, weights = zip(*SEPARATORS, strict=True)
    separator = rng.choices(texts, weights)[0]
    if templates[0].kind in FORM_KINDS and separator == " ":
        separator = "\n"
    pieces: list[Piece] = []
    for index, template in enumerate(templates):
        if index:
            pieces.append((separator, "", ""))
        for node in expand(template.nodes, rng):
            pieces.extend([(node, "", "")] if isinstance(node, str) else scene.fill(*node))
    return pieces


def _continues(before: dict[str, Any], span: dict[str, Any]) -> bool:
    same = (before["label"], before["kind"]) == (span["label"], span["kind"])
    return same and span["label"] == "NAME" and before["end"] + 1 == span["start"]


def to_spans(pieces: Sequence[Piece]) -> tuple[str, list[dict[str, Any]]]:
    """Join pieces; a span never begins or ends with white space."""
    parts: list[str] = []
    spans: list[dict[str, Any]] = []
    position = 0
    for text, label, kind in pieces:
        parts.append(text)
        bare = text.strip()
        if label and bare:
            start = position + len(text) - len(text.lstrip())
            span = {"start": start, "end": start + len(bare), "label": label, "kind": kind}
            if parts[-2:-1] == [" "] and spans and _continues(spans[-1], span):
                span["start"] = spans.pop()["start"]  # first and last name, filled apart
            spans.append(span)
        position += len(text)
    return "".join(parts), spans


def generate(seed: int, count: int, split: Split = "train") -> Iterator[dict[str, Any]]:
    """Yield ``count`` labelled texts; each depends on ``seed``, ``split`` and its number only."""
    for number in range(count):
        rng = random.Random(f"{seed}/{split}/{number}")
        templates = choose(rng, split)
        text, spans = to_spans(roughen(fill(templates, rng, split), rng))
        yield {
            "id": f"synthetic-{split}-{seed}-{number}",
            "text": text,
            "spans": spans,
            "source": "synthetic",
            "template_ids": [template.name for template in templates],
            "split": split,
            "annotated": sorted(LABELS),
        }
