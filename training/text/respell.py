"""Rewrites labelled text without losing its spans: spacing, names, shorter pieces."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from training.synthetic import slots

SHORT, LONG = 60, 520  # characters of the pieces that long texts are cut to
_GLUED = re.compile(r" (?=[,.;:!?)%\]])|(?<=[(\[$]) | (?='s\b)|(?<=\w) (?=n't\b)|(?<=') (?=s\b)")
_BREAK = re.compile(r"\n+|(?<=[.;!?])\s+")


class Labelled(NamedTuple):
    """A text with its spans and with the stretches that teach nothing."""

    text: str
    spans: list[dict[str, Any]]
    ignore: list[dict[str, int]]


def edit(labelled: Labelled, edits: Sequence[tuple[int, int, str]]) -> Labelled:
    """Put other text in place of stretches and move all offsets.

    Args:
        labelled: The text.
        edits: ``(start, end, new)``, in order, not overlapping; a bound of a span that falls
            inside a stretch moves to the new text's bound.
    """
    parts: list[str] = []
    moved = list(range(len(labelled.text) + 1))
    position = length = 0
    for start, end, new in edits:
        parts += [labelled.text[position:start], new]
        for index in range(position, start):
            moved[index] = length + index - position
        length += start - position
        for index in range(start, end):
            moved[index] = length
        length += len(new)
        position = end
    for index in range(position, len(labelled.text) + 1):
        moved[index] = length + index - position
    parts.append(labelled.text[position:])

    def shift(place: dict[str, Any]) -> dict[str, Any]:
        return place | {"start": moved[place["start"]], "end": moved[place["end"]]}

    return Labelled("".join(parts), [*map(shift, labelled.spans)], [*map(shift, labelled.ignore)])


def detokenise(labelled: Labelled, rng: random.Random) -> Labelled:
    """Take the spaces away that tokenised sets put before punctuation, in most texts."""
    if rng.random() < 0.15:
        return labelled
    return edit(labelled, [(m.start(), m.end(), "") for m in _GLUED.finditer(labelled.text)])


def rename(labelled: Labelled, rng: random.Random) -> Labelled:
    """Give invented people and towns real names, the same word everywhere the same name."""
    known: dict[str, str] = {}

    def word(match: re.Match[str], family: bool) -> str:
        old = match.group()
        if len(old) < 3 and old.lower() not in known:
            return old
        if old.lower() not in known:
            name = slots.make_name(rng, rng.choice(("male", "female")))
            known[old.lower()] = name.last if family else name.first
        new = known[old.lower()]
        return new.upper() if old.isupper() else new.lower() if old.islower() else new

    edits = []
    for span in labelled.spans:
        old = labelled.text[span["start"] : span["end"]]
        if span["label"] == "NAME":
            first = old.partition(",")[0] if "," in old else old.rpartition(" ")[2]
            new = re.sub(r"[^\W\d_]{3,}", lambda m, f=first: word(m, m.group() in f), old)  # type: ignore[misc]
        elif span["label"] == "LOCATION" and span["kind"] == "city":
            new = known.setdefault(f"city {old}", slots.make_place(rng, country="us").city)
        elif span["label"] == "FACILITY" and rng.random() < 0.4:
            new = slots.draw_facility(rng)
        else:
            continue
        edits.append((span["start"], span["end"], new))
    return edit(labelled, edits)


def split_text(labelled: Labelled, rng: random.Random) -> list[Labelled]:
    """Cut a long text between sentences or lines, never inside a span, in pieces of many sizes."""
    bounds = [(place["start"], place["end"]) for place in (*labelled.spans, *labelled.ignore)]
    pieces: list[Labelled] = []
    start, size = 0, rng.randint(SHORT, LONG)
    ends = [m.end() for m in _BREAK.finditer(labelled.text)] + [len(labelled.text)]
    for end in ends:
        inside = any(low < end < high for low, high in bounds)
        if end < len(labelled.text) and (inside or end - start < size):
            continue
        pieces.append(_piece(labelled, start, end))
        start, size = end, rng.randint(SHORT, LONG)
    return [piece for piece in pieces if piece.text]


def _piece(labelled: Labelled, start: int, end: int) -> Labelled:
    text = labelled.text[start:end].rstrip()

    def within(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            place | {"start": place["start"] - start, "end": min(place["end"] - start, len(text))}
            for place in places
            if start <= place["start"]
            and place["end"] <= end
            and place["start"] - start < len(text)
        ]

    return Labelled(text, within(labelled.spans), within(labelled.ignore))
