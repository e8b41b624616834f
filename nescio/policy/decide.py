"""From spans to decisions: which mention is hidden, how, by which rule, and whose it is."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from nescio import tables
from nescio.policy.mapping import Mapping
from nescio.policy.model import Policy
from nescio.policy.people import People, as_people
from nescio.policy.precedence import Mention
from nescio.policy.settle import Document, Settler
from nescio.policy.treat import Treatment


def decide(
    paragraphs: pa.Table,
    context: pa.Table,
    spans: pa.Table,
    policy: Policy,
    people: pa.Table | People | None = None,
    mapping: Mapping | None = None,
    *,
    run: str = "",
    this_year: int | None = None,
) -> pa.Table:
    """Judge every mention of the run by the policy.

    Args:
        paragraphs: PARAGRAPHS of whole documents.
        context: CONTEXT of the same paragraphs.
        spans: SPANS of the same paragraphs, in any order.
        policy: what to hide, and how.
        people: persons as linked: a table with the columns doc, paragraph, start, end, person,
            or a mapping of the same; None numbers them by distinct name.
        mapping: the private mapping. Every draw that the result shows was written to it before
            this returns; the same mapping repeats them. None forgets them.
        run: id of the run, so that people of whom no more is known than their place in a
            document are not taken for those of another run.
        this_year: the year in which the result is read; the present one if not given.

    Returns:
        DECISIONS, sorted by document, paragraph and start; mentions do not overlap. Mentions
        that the policy lets stand are there with the action ``keep``.
    """
    draws = mapping if mapping is not None else Mapping()
    year = this_year or datetime.date.today().year
    settler = Settler(policy)
    linked = as_people(people)
    rows: list[dict[str, Any]] = []
    for document in _documents(paragraphs, context, spans):
        mentions = settler.mentions(document)
        known = None if people is None else linked.get(document.doc, {})
        persons = settler.persons(document, mentions, known)
        mentions = settler.agreed(document, mentions, persons)
        treatment = Treatment(
            policy, mentions, persons, document.texts, draws, (document.doc, run), year
        )
        for number, (mention, person) in enumerate(zip(mentions, persons, strict=True)):
            individual = mention.paragraph in document.individual
            done = treatment.of(number, individual)._asdict()
            rows.append(_row(document, number, mention, person) | done)
    draws.flush()
    return tables.from_rows("decisions", rows)


def _documents(paragraphs: pa.Table, context: pa.Table, spans: pa.Table) -> Iterator[Document]:
    """Yield the documents that hold text, in order, each with its spans."""
    columns = ["doc", "page", "paragraph", "text", "kind"]
    places = _by_document(paragraphs.select(columns))
    contexts = _by_document(context.select(["doc", "paragraph", "dep_flag", "section"]))
    found = _by_document(spans)
    for doc in sorted(places):
        yield Document(doc, places[doc], contexts.get(doc, ()), found.get(doc, ()))


def _by_document(table: pa.Table) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        rows[row["doc"]].append(row)
    return rows


def _row(document: Document, number: int, mention: Mention, person: int) -> dict[str, Any]:
    return {
        "doc": document.doc,
        "page": document.places[mention.paragraph]["page"],
        "paragraph": mention.paragraph,
        "mention": number,
        "start": mention.start,
        "end": mention.end,
        "label": mention.label,
        "kind": mention.kind,
        "score": mention.score,
        "sources": list(mention.sources),
        "person": person,
    }
