"""Where else the text under new marks stands: a name that was missed once was missed often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import pymupdf

from nescio.redact.boxes import OFF_PAGE
from nescio.redact.glyphs import Rect
from nescio.redact.secrets import core
from nescio.review.compare import Changes
from nescio.review.covers import Cover

SHORTEST: Final = 3
"""Letters and digits from which a text is looked for elsewhere."""


class Other(NamedTuple):
    """Another place of the text under a new mark."""

    mention: int
    label: str
    doc: str
    page: int
    box: Rect
    text: str


def others_of(document: pymupdf.Document, changes: Changes) -> list[Other]:
    """Return the places, on one line each, where the text of new or moved marks stands unhidden.

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
    pattern = re.compile(
        "|".join(rf"(?<!\w){_spaced(row['secret'])}(?!\w)" for row in rows), re.IGNORECASE
    )
    cover = Cover(document)
    found = []
    for page in range(document.page_count):
        taken = [_rect(row) for row in changes.rows if row["page"] == page != OFF_PAGE]
        for box, text in cover.find(page, pattern, taken):
            row = texts.get(core(text)) or rows[0]
            found.append(Other(row["mention"], row["label"], row["doc"], page, box, text))
    return found


def cover_others(places: Sequence[Other], changes: Changes) -> None:
    """Add boxes for these places, each a mention of its own."""
    mention = max((row["mention"] for row in changes.rows), default=-1)
    for number, place in enumerate(places, mention + 1):
        x0, y0, x1, y1 = place.box
        changes.rows.append(
            {
                "doc": place.doc,
                "mention": number,
                "label": place.label,
                "page": place.page,
                "replacement": "",
                "secret": place.text,
                "x0": x0,
                "y0": y0,
                "x1": x1,
                "y1": y1,
            }
        )


def _spaced(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())


def _rect(row: dict[str, float]) -> Rect:
    return row["x0"], row["y0"], row["x1"], row["y1"]
