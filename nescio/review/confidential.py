"""Commercially confidential information (CCI): the texts of a list, and where they stand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from nescio.errors import ConfigurationError
from nescio.redact.glyphs import Rect
from nescio.redact.secrets import core
from nescio.review.compare import Changes
from nescio.review.covers import Cover, whole_words
from nescio.review.marks import CCI
from nescio.store import read_uri

LONGEST: Final = 10_000
"""Lines of a list of confidential texts at most."""


class Confidential(NamedTuple):
    """A text that is commercially confidential, and why."""

    text: str
    justification: str


class Place(NamedTuple):
    """Where a confidential text stands: page (from 0), boxes as shown, the text as it is there."""

    item: Confidential
    page: int
    boxes: list[Rect]
    text: str


class Hidden(NamedTuple):
    """What became of a list: texts that stand in the document, texts that do not, places hidden."""

    texts: int
    absent: int
    places: int


def read_confidential(uri: str) -> tuple[Confidential, ...]:
    """Return the confidential texts of a CSV file with the columns text and justification.

    Args:
        uri: path or URI; empty for no such texts.

    Raises:
        ConfigurationError: it is not there, lacks a column, or is no text. The message quotes
            nothing of it.
    """
    if not uri:
        return ()
    try:
        reader = csv.DictReader(io.StringIO(read_uri(uri).decode("utf-8-sig"), newline=""))
        if not {"text", "justification"} <= set(reader.fieldnames or ()):
            raise ConfigurationError(
                "the list of confidential texts lacks a header line.",
                "Its first line must be: text,justification",
            )
        rows = [
            Confidential((row["text"] or "").strip(), row["justification"] or "") for row in reader
        ]
    except (UnicodeDecodeError, csv.Error):
        raise ConfigurationError("the list of confidential texts cannot be read.") from None
    if len(rows) > LONGEST:
        raise ConfigurationError(f"the list of confidential texts has more than {LONGEST} lines.")
    return tuple({_plain(row.text): row for row in rows if core(row.text)}.values())


def places_of(
    cover: Cover, pages: Sequence[int], texts: Sequence[Confidential], changes: Changes
) -> Iterator[Place]:
    """Yield each place of each text that is not hidden already; of two that overlap the longer.

    Args:
        cover: of the original, flattened.
        pages: where to look, from 0.
        texts: the list.
        changes: what is hidden already.
    """
    if not texts:
        return
    known = {_plain(item.text): item for item in texts}
    longest_first = sorted(known.values(), key=lambda item: -len(item.text))
    pattern = re.compile("|".join(whole_words(item.text) for item in longest_first), re.IGNORECASE)
    for page in pages:
        for boxes, text in cover.find(page, pattern, changes.hidden_on(page)):
            item = known.get(_plain(text))
            if item is not None:
                yield Place(item, page, boxes, text)


def hide(
    cover: Cover, doc: str, pages: Sequence[int], texts: Sequence[Confidential], changes: Changes
) -> Hidden:
    """Add boxes, labelled as CCI, for each place of each text; say what was found."""
    found = list(places_of(cover, pages, texts, changes))
    standing = {place.item for place in found}
    for place in found:
        changes.cover(doc, CCI, place.page, place.boxes, place.text)
    hidden = {core(row["secret"]) for row in changes.rows}
    standing |= {item for item in texts if core(item.text) in hidden}
    return Hidden(len(standing), len(texts) - len(standing), len(found))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
