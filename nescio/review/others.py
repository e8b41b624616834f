"""Where else the text under new marks stands: a name that was missed once was missed often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import pymupdf

from nescio.redact.glyphs import Rect
from nescio.redact.secrets import core
from nescio.review.compare import Changes
from nescio.review.covers import Cover, whole_words

SHORTEST: Final = 3
"""Letters and digits from which a text is looked for elsewhere."""


class Other(NamedTuple):
    """Another place of the text under a new mark."""

    mention: int
    label: str
    doc: str
    page: int
    boxes: list[Rect]
    text: str


def others_of(document: pymupdf.Document, changes: Changes) -> list[Other]:
    """Return the places where the text of new or moved marks stands unhidden.

    Args:
        document: the original, flattened.
        changes: what a person decided.
    """
    texts = {
        core(row["secret"]): row
        for row in changes.rows
        if row["mention"] in {*changes.added, *changes.moved}
        and len(core(row["secret"])) >= SHORTEST
    }
    if not texts:
        return []
    # Longer texts first: a full name wins over a part of it.
    rows = sorted(texts.values(), key=lambda row: -len(row["secret"]))
    pattern = re.compile("|".join(whole_words(row["secret"]) for row in rows), re.IGNORECASE)
    cover = Cover(document)
    found = []
    for page in range(document.page_count):
        for boxes, text in cover.find(page, pattern, changes.hidden_on(page)):
            row = texts.get(core(text)) or rows[0]
            found.append(Other(row["mention"], row["label"], row["doc"], page, boxes, text))
    return found


def cover_others(places: Sequence[Other], changes: Changes) -> None:
    """Add boxes for these places, each a mention of its own."""
    for place in places:
        changes.cover(place.doc, place.label, place.page, place.boxes, place.text)
