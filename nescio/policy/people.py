"""Whose mention it is: the numbers that linking gave, or numbers by name where it did not run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa

from nescio.policy.names import normal_form
from nescio.policy.precedence import Mention

NOBODY: Final = -1
SUBJECT_IDS: Final = ("subject_id", "mrn")
"""Kinds of ID that tell the subjects of a document apart."""

People = Mapping[tuple[str, int, int, int], int]
"""(doc, paragraph, start, end) -> person, unique within the document."""


def as_people(people: pa.Table | People | None) -> dict[str, dict[int, list[tuple[int, int, int]]]]:
    """Return document -> paragraph -> (start, end, person), from a table or a mapping.

    Args:
        people: a table with the columns doc, paragraph, start, end, person; or the same as a
            mapping; or None.
    """
    found: dict[str, dict[int, list[tuple[int, int, int]]]] = defaultdict(lambda: defaultdict(list))
    if people is None:
        return {}
    if isinstance(people, pa.Table):
        columns = [people[name].to_pylist() for name in ("doc", "paragraph", "start", "end")]
        rows: Iterable[tuple[tuple[str, int, int, int], int]] = zip(
            zip(*columns, strict=True), people["person"].to_pylist(), strict=True
        )
    else:
        rows = people.items()
    for (doc, paragraph, start, end), person in rows:
        if person != NOBODY:
            found[doc][paragraph].append((start, end, person))
    return {doc: dict(rest) for doc, rest in found.items()}


def number_people(
    mentions: Sequence[Mention],
    texts: Mapping[int, str],
    linked: Mapping[int, Sequence[tuple[int, int, int]]] | None,
    blobs: Mapping[int, int],
) -> list[int]:
    """Return the person of each mention, -1 for nobody.

    A mention takes the person of the linked span that it overlaps most. Where nothing was
    linked at all, each distinct name is a person, and each distinct subject id is one if the
    document has several. A mention of another kind (a date, an age) that nothing links belongs
    to the subject named last before it under the same heading; if the document has only one
    subject, to that one.

    Args:
        mentions: of one document, in reading order.
        texts: paragraph -> text.
        linked: paragraph -> (start, end, person), or None.
        blobs: paragraph -> number of the heading that it stands under.
    """
    if linked is None:
        persons = _by_value(mentions, texts)
    else:
        persons = [_overlapping(mention, linked.get(mention.paragraph, ())) for mention in mentions]
    subjects = {
        person
        for mention, person in zip(mentions, persons, strict=True)
        if person != NOBODY and names_subject(mention)
    }
    only = subjects.pop() if len(subjects) == 1 else NOBODY
    current: tuple[int, int] = (-1, NOBODY)
    for number, mention in enumerate(mentions):
        blob = blobs.get(mention.paragraph, -1)
        if names_subject(mention) and persons[number] != NOBODY:
            current = (blob, persons[number])
        elif persons[number] == NOBODY and mention.label not in {"NAME", "ORGANIZATION"}:
            persons[number] = current[1] if current[0] == blob else only
    return persons


def names_subject(mention: Mention) -> bool:
    """Say whether a mention names the subject of the data: a patient, or an id of one."""
    if mention.label == "ID":
        return mention.kind in SUBJECT_IDS
    return mention.label == "NAME" and mention.kind in {"patient", ""}


def _overlapping(mention: Mention, linked: Iterable[tuple[int, int, int]]) -> int:
    best, person = 0, NOBODY
    for start, end, number in linked:
        shared = min(end, mention.end) - max(start, mention.start)
        if shared > best:
            best, person = shared, number
    return person


def _by_value(mentions: Sequence[Mention], texts: Mapping[int, str]) -> list[int]:
    def value(mention: Mention) -> tuple[str, ...]:
        text = texts[mention.paragraph][mention.start : mention.end]
        return (mention.label, *normal_form(text))

    several = len({value(m) for m in mentions if m.label == "ID" and names_subject(m)}) > 1
    numbers: dict[tuple[str, ...], int] = {}
    persons = []
    for mention in mentions:
        counts = mention.label == "NAME" or (several and mention.label == "ID")
        if counts and (mention.label == "NAME" or names_subject(mention)):
            persons.append(numbers.setdefault(value(mention), len(numbers)))
        else:
            persons.append(NOBODY)
    return persons


def blobs_of(paragraphs: Sequence[int], dep_flags: Mapping[int, bool]) -> dict[int, int]:
    """Number the runs of paragraphs under one heading.

    Args:
        paragraphs: of one document, in reading order.
        dep_flags: paragraph -> does it stand under the heading of the one before it.
    """
    numbers: dict[int, int] = {}
    current = -1
    for paragraph in paragraphs:
        if not dep_flags.get(paragraph, False):
            current += 1
        numbers[paragraph] = max(current, 0)
    return numbers
