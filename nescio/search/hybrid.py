"""Hybrid search: what was predicted, what the blob carries, what document and reference know.

For the paragraphs of a blob in order, with S empty at its start:

1. A = predictions of the paragraph, and S if ``dep_flag``; S is forgotten where it is false.
2. A calls for columns of the reference (``Mapping.of_interest``).
3. Hits = the paragraph's text in those columns, aliases of S in it, aliases of the lexicon in it.
4. Spans = A and hits, overlaps resolved (``resolve.py``); S takes what was found here.

S takes a span if its score is at least ``LEAST_CARRIED`` and something else than S vouches for
it: a mention that only repeats S adds nothing to S, so errors do not breed. Nothing passes between
blobs, so any shards and any order give the same spans.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.search.aliases import REPEATED_WHOLE, Entity
from nescio.search.collector import collector_paused
from nescio.search.mentions import KnownEntities
from nescio.search.reading import Reading
from nescio.search.reference import ReferenceIndex
from nescio.search.reference_people import FoundPeople
from nescio.search.reference_search import ReferenceSearch
from nescio.search.resolve import Found, resolve
from nescio.search.spread import is_spread
from nescio.search.support import Touching

LEAST_CARRIED: Final = 0.5
"""Score from which a span is carried to the paragraphs after it."""

CARRIED: Final = frozenset({"NAME", "ID"}) | REPEATED_WHOLE - {"OTHER"}

Place = tuple[str, int]
"""Document and paragraph."""


@dataclass
class _State:
    """S: what one blob carries from paragraph to paragraph."""

    known: KnownEntities = field(default_factory=KnownEntities)
    entities: dict[tuple[str, str], None] = field(default_factory=dict)
    people: FoundPeople = field(default_factory=FoundPeople)

    def take(self, spans: Iterable[Found], text: str) -> None:
        """Carry what was found in a paragraph on to the next."""
        for span in spans:
            if (
                span.label in CARRIED
                and span.score >= LEAST_CARRIED
                and span.scores.keys() - {"carryover"}
            ):
                entity = Entity(text[span.start : span.end], span.label, span.kind, span.score)
                self.known.add(entity, "carryover")
                self.entities[span.label, span.kind] = None


@collector_paused()
def hybrid_search(
    paragraphs: pa.Table,
    context: pa.Table,
    predictions: pa.Table,
    lexicon: pa.Table,
    blobs: pa.Table,
    reference: ReferenceIndex | None = None,
) -> pa.Table:
    """Search every blob on its own, its paragraphs in order.

    Args:
        paragraphs: PARAGRAPHS of whole blobs; doc, paragraph and text are read.
        context: CONTEXT of the same paragraphs; ``dep_flag`` is read.
        predictions: SPANS of tagger and patterns, which may overlap.
        lexicon: LEXICON of the documents, whole.
        blobs: BLOBS of the paragraphs to search; ``shard`` is not read.
        reference: what is known beside the document.

    Returns:
        SPANS that do not overlap, sorted by document, paragraph and start.
    """
    texts: dict[Place, str] = {
        (row["doc"], row["paragraph"]): row["text"]
        for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    }
    depends: dict[Place, bool] = {
        (row["doc"], row["paragraph"]): row["dep_flag"]
        for row in context.select(["doc", "paragraph", "dep_flag"]).to_pylist()
    }
    order = blobs.select(["blob", "doc", "paragraph"]).sort_by(
        [("blob", "ascending"), ("doc", "ascending"), ("paragraph", "ascending")]
    )
    places = [(row["blob"], (row["doc"], row["paragraph"])) for row in order.to_pylist()]
    readings = [Reading.of(texts[place]) for _, place in places]
    predicted = _by_place(predictions)
    known = _lexicons(lexicon)
    search = ReferenceSearch(reference, readings) if reference is not None else None
    rows: list[dict[str, Any]] = []
    for _, blob in groupby(enumerate(places), key=lambda item: item[1][0]):
        state = _State()
        for index, (_, place) in blob:
            if not depends[place]:
                state = _State()
            document = known.get(place[0])
            spans = _search_paragraph(
                index, readings[index], predicted.get(place, []), state, document, search
            )
            state.take(spans, readings[index].text)
            rows.extend(_rows(place, spans))
    rows.sort(key=lambda row: (row["doc"], row["paragraph"], row["start"]))
    return tables.from_rows("spans", rows)


def _search_paragraph(
    index: int,
    reading: Reading,
    predictions: Sequence[Found],
    state: _State,
    document: KnownEntities | None,
    search: ReferenceSearch | None,
) -> list[Found]:
    """Return the resolved spans of one paragraph; see the module for the four steps."""
    found = list(predictions)
    touching = [Touching(span.start, span.end, span.label) for span in predictions]
    if search is not None:
        hits, entities = search.find(index, reading, predictions, state.entities, state.people)
        found += hits
        for entity in entities:
            state.known.add(entity, "reference")
    found += state.known.find(reading, touching)
    if document is not None:
        found += document.find(reading, touching)
    return resolve(found, reading.text) if found else []


def _by_place(predictions: pa.Table) -> dict[Place, list[Found]]:
    """Return the predictions of each paragraph."""
    found: dict[Place, list[Found]] = defaultdict(list)
    columns = (predictions.column(name).to_pylist() for name in tables.SCHEMAS["spans"].names)
    for doc, paragraph, start, end, label, kind, score, sources in zip(*columns, strict=True):
        # The score is of all sources together: it must not be counted once for each.
        scores = dict.fromkeys(sources, 0.0) | {sources[0]: score}
        found[doc, paragraph].append(Found(start, end, label, kind, scores))
    return found


def _lexicons(lexicon: pa.Table) -> dict[str, KnownEntities]:
    """Return what each document knows of itself, ready to be looked for."""
    known: dict[str, KnownEntities] = defaultdict(KnownEntities)
    for row in lexicon.to_pylist():
        if is_spread(row["text"], row["label"], row["score"]):
            entity = Entity(row["text"], row["label"], row["kind"], row["score"])
            known[row["doc"]].add(entity, "lexicon")
    return known


def _rows(place: Place, spans: Iterable[Found]) -> Iterator[dict[str, Any]]:
    for span in spans:
        yield {
            "doc": place[0],
            "paragraph": place[1],
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "kind": span.kind,
            "score": span.score,
            "sources": span.sources,
        }
