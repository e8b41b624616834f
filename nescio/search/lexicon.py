"""Collects, from the predictions over whole documents, the identifiers that are certain.

What a document says of itself in its header block, in labelled fields, in running headers and
footers and in signatures is what a search may look for everywhere else in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.search.words import is_ordinary

CERTAIN: Final = {
    "NAME": 0.75,
    "ID": 0.75,
    "EMAIL": 0.8,
    "PHONE": 0.8,
    "URL": 0.8,
    "IP": 0.8,
    "ADDRESS": 0.8,
    "FACILITY": 0.8,
}
"""Label -> score from which an identifier is certain enough to be looked for."""

CERTAIN_ALONE: Final = 0.8
"""The same for a name of one word."""

FIRST_PAGE_BONUS: Final = 0.03
"""What a document says on its first page it says of itself."""

RUNNING_BONUS: Final = 0.08
"""So does what it repeats at the head or foot of its pages."""

HOLDS: Final = {"EMAIL": "@", "URL": "."}
"""Label -> what a whole identifier of this label holds; its parts may be ordinary words."""

LEAST_CHARACTERS: Final = 4
"""Letters and digits that a text must have; "Li" and "12" are looked for by no document."""

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_RUNNING: Final = frozenset({"header", "footer"})


class _Place(NamedTuple):
    text: str
    bonus: float


def collect_lexicon(paragraphs: pa.Table, predictions: pa.Table) -> pa.Table:
    """Return each document's confident identifiers.

    A text's score is the best that each source gave it anywhere in the document, sources combined
    as independent evidence, plus a bonus for standing on the first page or in a running header or
    footer. Ordinary words alone are no entries, whatever their score.

    Args:
        paragraphs: PARAGRAPHS of whole documents; doc, page, paragraph, text and kind are read.
        predictions: SPANS of the same paragraphs, from any detectors.

    Returns:
        LEXICON, each text and label once a document, sorted.
    """
    places = _places(paragraphs)
    scores: dict[tuple[str, str, str], dict[str, float]] = {}
    kinds: dict[tuple[str, str, str], tuple[float, str]] = {}
    for span in predictions.to_pylist():
        if span["label"] not in CERTAIN:
            continue
        place = places[span["doc"], span["paragraph"]]
        text = " ".join(place.text[span["start"] : span["end"]].split())
        key = span["doc"], text, span["label"]
        score = span["score"] + place.bonus
        of_source = scores.setdefault(key, {})
        for source in span["sources"]:
            of_source[source] = max(score, of_source.get(source, 0.0))
        kinds[key] = max(kinds.get(key, (0.0, "")), (score * bool(span["kind"]), span["kind"]))
    return tables.from_rows("lexicon", _entries(scores, kinds))


def _places(paragraphs: pa.Table) -> dict[tuple[str, int], _Place]:
    """Return the text of each paragraph, and how much more what stands there counts."""
    rows = paragraphs.select(["doc", "page", "paragraph", "text", "kind"]).to_pylist()
    pages: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        if row["kind"] in _RUNNING:
            pages.setdefault((row["doc"], row["text"]), set()).add(row["page"])
    return {
        (row["doc"], row["paragraph"]): _Place(
            row["text"],
            FIRST_PAGE_BONUS * (row["page"] == 0)
            + RUNNING_BONUS * (len(pages.get((row["doc"], row["text"]), ())) > 1),
        )
        for row in rows
    }


def _entries(
    scores: dict[tuple[str, str, str], dict[str, float]],
    kinds: dict[tuple[str, str, str], tuple[float, str]],
) -> Iterable[dict[str, Any]]:
    for (doc, text, label), of_source in sorted(scores.items()):
        doubt = 1.0
        for score in of_source.values():
            doubt *= max(0.0, 1.0 - score)
        score = min(0.99, 1.0 - doubt)
        if _is_certain(text, label, score):
            kind = kinds[doc, text, label][1]
            yield {"doc": doc, "text": text, "label": label, "kind": kind, "score": score}


def _is_certain(text: str, label: str, score: float) -> bool:
    if score < CERTAIN[label] or sum(map(str.isalnum, text)) < LEAST_CHARACTERS:
        return False
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    if label == "NAME":
        if not words or len(words) == 1:
            return bool(words) and score >= CERTAIN_ALONE and not is_ordinary(words[0])
        return True
    if label == "ID":
        return any(character.isdigit() for character in text)
    if label in HOLDS:  # a detector may have found a part: "service" of "service@..."
        return HOLDS[label] in text
    return label != "FACILITY" or any(not is_ordinary(word) for word in words)
