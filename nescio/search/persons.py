"""Persons: whose mention is whose, what a document says of each, and who is hidden everywhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.search.aliases import Entity, key_of
from nescio.search.collector import collector_paused
from nescio.search.linking import SUBJECT_NUMBERS, Conflict, DocumentLinks, Mention
from nescio.search.mentions import KnownEntities
from nescio.search.reading import Reading
from nescio.search.resolve import resolve
from nescio.search.spread import is_spread
from nescio.search.support import Touching

ASSIGNMENTS: Final = pa.schema(
    [
        pa.field("doc", pa.string(), nullable=False),
        pa.field("paragraph", pa.int32(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("person", pa.int32(), nullable=False),  # unique within the document
    ]
)
"""Which mention is whose; mentions of nobody are left out."""


class Person(NamedTuple):
    """What a document says of one person.

    Attributes:
        number: unique within the document, by first mention.
        role: patient, relative, staff, investigator ...; "" where nothing shows it.
        names: as written, each once.
        ids: (kind, text) as written.
        dates: (kind, text) as written.
        quasi: (label, text) of ages and places, as written.
    """

    doc: str
    number: int
    role: str
    names: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    dates: tuple[tuple[str, str], ...]
    quasi: tuple[tuple[str, str], ...]


class LinkedPeople(NamedTuple):
    """All persons of all documents given."""

    assignments: pa.Table
    persons: list[Person]
    conflicts: list[Conflict]


@collector_paused()
def link_people(paragraphs: pa.Table, spans: pa.Table, context: pa.Table) -> LinkedPeople:
    """Link the mentions of every document into persons; see ``linking.py`` for the rules.

    Args:
        paragraphs: PARAGRAPHS of whole documents; doc, paragraph, text and kind are read.
        spans: SPANS of the same paragraphs, not overlapping.
        context: CONTEXT of the same paragraphs.
    """
    texts, kinds = _texts_and_kinds(paragraphs)
    blobs = _blob_numbers(context)
    mentions = _mentions(spans, texts)
    columns: dict[str, list[Any]] = {name: [] for name in ASSIGNMENTS.names}
    persons: list[Person] = []
    conflicts: list[Conflict] = []
    for doc in sorted(mentions):
        links = DocumentLinks(doc, mentions[doc], blobs.get(doc, {}), kinds[doc])
        numbers = links.link()
        persons += _persons(doc, mentions[doc], numbers)
        conflicts += links.conflicts()
        for mention, number in zip(mentions[doc], numbers, strict=True):
            if number >= 0:
                row = (doc, mention.paragraph, mention.start, mention.end, number)
                for name, value in zip(columns, row, strict=True):
                    columns[name].append(value)
    return LinkedPeople(pa.table(columns, schema=ASSIGNMENTS), persons, conflicts)


@collector_paused()
def propagate(paragraphs: pa.Table, spans: pa.Table, people: LinkedPeople) -> pa.Table:
    """Look for the persons that were settled in every paragraph of their document.

    Names with their aliases, and the numbers of persons, by the same rules for ambiguous words as
    in hybrid search (``support.py``), with ``spans`` as the predictions that give support.

    Args:
        paragraphs: PARAGRAPHS of whole documents.
        spans: SPANS of the same paragraphs.
        people: of ``link_people`` for these spans.

    Returns:
        SPANS with the source ``carryover``: only those that no span of ``spans`` covers.
    """
    texts, _ = _texts_and_kinds(paragraphs)
    there = _mentions(spans, texts)
    rows: list[dict[str, Any]] = []
    for doc in sorted({person.doc for person in people.persons}):
        known = _settled(there[doc], _roles(people, doc))
        covered: dict[int, list[Mention]] = defaultdict(list)
        for mention in there[doc]:
            covered[mention.paragraph].append(mention)
        for paragraph, text in sorted(texts[doc].items()):
            here = covered[paragraph]
            touching = [Touching(m.start, m.end, m.label) for m in here]
            for found in resolve(known.find(Reading.of(text), touching), text):
                if not any(m.start <= found.start and found.end <= m.end for m in here):
                    rows.append(
                        {
                            "doc": doc,
                            "paragraph": paragraph,
                            "start": found.start,
                            "end": found.end,
                            "label": found.label,
                            "kind": found.kind,
                            "score": found.score,
                            "sources": ["carryover"],
                        }
                    )
    return tables.from_rows("spans", rows)


def settle_people(
    paragraphs: pa.Table, spans: pa.Table, context: pa.Table
) -> tuple[pa.Table, LinkedPeople]:
    """Link people, hide them everywhere, and link what that found: the last pass of the search.

    Returns:
        SPANS with those of ``propagate``, which may overlap them; and the persons of all.
    """
    more = propagate(paragraphs, spans, link_people(paragraphs, spans, context))
    every = tables.concat("spans", [spans, more])
    return every, link_people(paragraphs, every, context)


def _texts_and_kinds(
    paragraphs: pa.Table,
) -> tuple[dict[str, dict[int, str]], dict[str, dict[int, str]]]:
    texts: dict[str, dict[int, str]] = defaultdict(dict)
    kinds: dict[str, dict[int, str]] = defaultdict(dict)
    for row in paragraphs.select(["doc", "paragraph", "text", "kind"]).to_pylist():
        texts[row["doc"]][row["paragraph"]] = row["text"]
        kinds[row["doc"]][row["paragraph"]] = row["kind"]
    return texts, kinds


def _blob_numbers(context: pa.Table) -> dict[str, dict[int, int]]:
    """Number the runs of paragraphs under one heading, by document."""
    order = context.select(["doc", "paragraph", "dep_flag"]).sort_by(
        [("doc", "ascending"), ("paragraph", "ascending")]
    )
    numbers: dict[str, dict[int, int]] = defaultdict(dict)
    current = -1
    for row in order.to_pylist():
        current += not row["dep_flag"]
        numbers[row["doc"]][row["paragraph"]] = current
    return numbers


def _mentions(spans: pa.Table, texts: Mapping[str, Mapping[int, str]]) -> dict[str, list[Mention]]:
    """Return each document's spans with their texts, in reading order."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for row in spans.to_pylist():
        text = texts[row["doc"]][row["paragraph"]][row["start"] : row["end"]]
        found[row["doc"]].append(
            Mention(
                row["paragraph"],
                row["start"],
                row["end"],
                row["label"],
                row["kind"],
                row["score"],
                text,
            )
        )
    for mentions in found.values():
        mentions.sort()
    return found


def _persons(doc: str, mentions: Sequence[Mention], numbers: Sequence[int]) -> Iterator[Person]:
    """Yield what the mentions of each person say together."""
    of_person: dict[int, list[Mention]] = defaultdict(list)
    for mention, number in zip(mentions, numbers, strict=True):
        if number >= 0:
            of_person[number].append(mention)
    for number, own in sorted(of_person.items()):
        ids = _distinct((m.kind, m.text) for m in own if m.label == "ID")
        names = tuple(text for _, text in _distinct(("", m.text) for m in own if m.label == "NAME"))
        yield Person(
            doc,
            number,
            _role_of(own),
            names,
            ids,
            _distinct((m.kind, m.text) for m in own if m.label == "DATE"),
            _distinct((m.label, m.text) for m in own if m.label in ("AGE", "LOCATION", "ADDRESS")),
        )


def _distinct(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return pairs whose texts differ by more than case and punctuation, in order."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for what, text in pairs:
        found.setdefault((what, key_of(text)), (what, text))
    return tuple(found.values())


def _role_of(mentions: Sequence[Mention]) -> str:
    """Return the role that most of a person's evidence speaks for; a subject's number decides."""
    if any(m.label == "ID" and m.kind in SUBJECT_NUMBERS for m in mentions):
        return "patient"
    votes: Counter[str] = Counter()
    for mention in mentions:
        if mention.label == "NAME" and mention.kind:
            votes[mention.kind] += 1 + round(100 * mention.score)
    return min(votes, key=lambda role: (-votes[role], role)) if votes else ""


def _roles(people: LinkedPeople, doc: str) -> dict[tuple[int, int, int], str]:
    """Return the role of the person of each mention of a document."""
    roles = {person.number: person.role for person in people.persons if person.doc == doc}
    return {
        (row["paragraph"], row["start"], row["end"]): roles[row["person"]]
        for row in people.assignments.to_pylist()
        if row["doc"] == doc
    }


def _settled(
    mentions: Iterable[Mention], roles: Mapping[tuple[int, int, int], str]
) -> KnownEntities:
    """Return the names and numbers of a document's persons, ready to be looked for."""
    best: dict[tuple[str, str], Entity] = {}
    for mention in mentions:
        role = roles.get((mention.paragraph, mention.start, mention.end))
        names_person = mention.label == "NAME" or (
            mention.label == "ID" and mention.kind in SUBJECT_NUMBERS
        )
        if role is None or not names_person:
            continue
        if not is_spread(mention.text, mention.label, mention.score):
            continue
        kind = mention.kind or (role if mention.label == "NAME" else "")
        entity = Entity(mention.text, mention.label, kind, mention.score)
        key = mention.label, key_of(mention.text)
        if key not in best or best[key].score < entity.score:
            best[key] = entity
    known = KnownEntities()
    for entity in best.values():
        known.add(entity, "carryover")
    return known
