"""Hybrid search: what was predicted, what the paragraph before carried, what the document knows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.search.words import is_ordinary

CARRIED_SCORE: Final = 0.85
"""Factor on an entity's score for a mention that only repeats it."""
LEAST_ALIAS: Final = 3
CARRIED_LABELS: Final = frozenset({"NAME", "ID", "EMAIL", "PHONE", "ADDRESS"})
_WORD: Final = re.compile(r"[^\W\d_][\w'’-]*")


class Entity(NamedTuple):
    """Something that is known to identify: its text and what it is."""

    text: str
    label: str
    kind: str
    score: float


Span = dict[str, Any]


def hybrid_search(
    paragraphs: pa.Table,
    context: pa.Table,
    predictions: pa.Table,
    lexicon: pa.Table,
    blobs: pa.Table,
    reference: None = None,
) -> pa.Table:
    """Search every blob on its own, its paragraphs in order.

    Args:
        paragraphs: PARAGRAPHS of whole blobs.
        context: CONTEXT of the same paragraphs.
        predictions: SPANS of tagger and patterns.
        lexicon: LEXICON of the documents.
        blobs: BLOBS of the same paragraphs.
        reference: not used yet.

    Returns:
        SPANS that do not overlap, in order.
    """
    texts = _by_paragraph(paragraphs.select(["doc", "paragraph", "text"]))
    flags = _by_paragraph(context.select(["doc", "paragraph", "dep_flag"]))
    predicted: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for span in predictions.to_pylist():
        predicted[span["doc"], span["paragraph"]].append(span)
    known: dict[str, list[Entity]] = defaultdict(list)
    for row in lexicon.to_pylist():
        known[row["doc"]].append(Entity(row["text"], row["label"], row["kind"], row["score"]))
    finders = {doc: Finder(entities, "lexicon") for doc, entities in known.items()}
    rows: list[Span] = []
    ordered = blobs.sort_by([("blob", "ascending"), ("paragraph", "ascending")])
    blob, carried = -1, dict[str, Entity]()
    for place in ordered.select(["doc", "paragraph", "blob"]).to_pylist():
        key = place["doc"], place["paragraph"]
        if place["blob"] != blob or not flags[key]["dep_flag"]:
            blob, carried = place["blob"], {}
        text = texts[key]["text"]
        hits = [*predicted[key], *Finder(carried.values(), "carryover").find(text)]
        if key[0] in finders:
            hits += finders[key[0]].find(text)
        spans = resolve(hits)
        for span in spans:
            rows.append(span | {"doc": key[0], "paragraph": key[1]})
            if span["label"] in CARRIED_LABELS:
                found = text[span["start"] : span["end"]]
                carried[found] = Entity(found, span["label"], span["kind"], span["score"])
    return tables.from_rows("spans", rows)


def _by_paragraph(table: pa.Table) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["doc"], row["paragraph"]): row for row in table.to_pylist()}


class Finder:
    """Finds the mentions of known entities in texts: whole, or a person by one name."""

    def __init__(self, entities: Iterable[Entity], source: str) -> None:
        self._source = source
        self._aliases: dict[str, Entity] = {}
        for entity in entities:
            for alias in aliases(entity):
                self._aliases.setdefault(alias.casefold(), entity)
        longest = sorted(self._aliases, key=len, reverse=True)
        choice = "|".join(re.escape(alias).replace(r"\ ", r"\s+") for alias in longest)
        self._pattern = re.compile(rf"(?<!\w)(?:{choice})(?!\w)", re.IGNORECASE)

    def find(self, text: str) -> Iterator[Span]:
        """Yield the spans of the known entities in a text."""
        if not self._aliases:
            return
        for match in self._pattern.finditer(text):
            entity = self._aliases.get(" ".join(match.group().casefold().split()))
            if entity is None:
                continue
            yield {
                "start": match.start(),
                "end": match.end(),
                "label": entity.label,
                "kind": entity.kind,
                "score": entity.score * CARRIED_SCORE,
                "sources": [self._source],
            }


def aliases(entity: Entity) -> Iterator[str]:
    """Yield the forms in which an entity may be mentioned again.

    A single word of a name counts only if it is not an ordinary word, too (Will, May, Grace).
    """
    yield " ".join(entity.text.split())
    if entity.label != "NAME":
        return
    words = _WORD.findall(entity.text)
    yield from (word for word in words if len(word) >= LEAST_ALIAS and not is_ordinary(word))
    if len(words) >= 2:
        yield f"{words[-1]}, {words[0]}"


def resolve(spans: list[Span]) -> list[Span]:
    """Make spans disjoint: the surer and then the longer one wins, and keeps all the sources.

    What a losing span covers beyond the winner is kept as a span of its own label: nothing that
    any detector vouched for is lost.
    """
    taken: list[Span] = []
    order = sorted(
        spans, key=lambda s: (-s["score"], s["start"] - s["end"], s["start"], s["label"])
    )
    for span in order:
        rest = [(span["start"], span["end"])]
        for other in taken:
            if other["start"] < span["end"] and span["start"] < other["end"]:
                other["sources"] = sorted({*other["sources"], *span["sources"]})
                rest = [piece for part in rest for piece in _minus(part, other)]
        names = ("label", "kind", "score", "sources")
        taken += [
            {name: span[name] for name in names} | {"start": start, "end": end}
            for start, end in rest
        ]
    return sorted(taken, key=lambda span: int(span["start"]))


def _minus(part: tuple[int, int], other: Span) -> Iterator[tuple[int, int]]:
    for start, end in (
        (part[0], min(part[1], other["start"])),
        (max(part[0], other["end"]), part[1]),
    ):
        if start < end:
            yield start, end
