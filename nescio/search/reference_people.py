"""The persons of the reference whom a blob has named, and what else is known of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from nescio.search.aliases import Entity
from nescio.search.dates import read_date
from nescio.search.mapping import Column
from nescio.search.reading import Reading
from nescio.search.reference import ReferenceIndex
from nescio.search.reference_values import BY_MEANING, age_of
from nescio.search.resolve import Found

SOURCE: Final = "reference"
MOST_PEOPLE: Final = 3
"""People whom a value may fit and still be said to find them."""
SUPPORTED: Final = 0.90
"""Score of a value of a person who was found."""

_NAME_PARTS: Final = frozenset({"first", "middle", "last"})


@dataclass
class FoundPeople:
    """Persons whom a blob's paragraphs have named so far, and what is known of them.

    Attributes:
        people: in the order in which they were found.
        facts: (label, value) of their dates and ages -> kind.
    """

    people: dict[int, None] = field(default_factory=dict)
    facts: dict[tuple[str, str], str] = field(default_factory=dict)

    def admit(self, index: ReferenceIndex, groups: Sequence[npt.NDArray[np.int32]]) -> list[Entity]:
        """Take in the persons whom a paragraph's values find.

        Args:
            index: the reference.
            groups: for each value that tells people apart, those whom it fits, ascending.

        Returns:
            What is known of those who are new, to be looked for in text.
        """
        entities: list[Entity] = []
        for person in agreed(groups):
            if person in self.people:
                continue
            self.people[person] = None
            known = [(index.mapping.columns[n], value) for n, value in index.known_of(person)]
            entities += _entities(known)
            for column, value in known:
                if column.label in BY_MEANING:
                    self.facts[column.label, value] = column.kind
        return entities

    def facts_in(self, reading: Reading, predictions: Sequence[Found]) -> Iterator[Found]:
        """Yield the predicted dates and ages of a paragraph that are known of these persons."""
        if not self.facts:
            return
        for span in predictions:
            if span.label not in BY_MEANING:
                continue
            text = reading.text[span.start : span.end]
            values = read_date(text) if span.label == "DATE" else (age_of(text),)
            for value in values:
                kind = self.facts.get((span.label, value))
                if kind is not None:
                    scores = {SOURCE: SUPPORTED}
                    yield Found(span.start, span.end, span.label, kind or span.kind, scores)
                    break


def agreed(groups: Sequence[npt.NDArray[np.int32]]) -> list[int]:
    """Return the persons whom the values of one paragraph find together.

    A value that fits few finds those few; any other value of the paragraph that fits some of
    them, but not all, rules the rest out (a name that three share, beside one's number).
    """
    found = sorted({int(p) for group in groups if len(group) <= MOST_PEOPLE for p in group})
    for group in groups:
        narrowed = [person for person in found if _holds(group, person)]
        others = [g for g in groups if len(g) <= MOST_PEOPLE and not _shares(g, group)]
        if narrowed and not others:
            found = narrowed
    return found


def _holds(group: npt.NDArray[np.int32], person: int) -> bool:
    at = int(group.searchsorted(group.dtype.type(person)))
    return at < len(group) and int(group[at]) == person


def _shares(a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]) -> bool:
    return any(_holds(b, int(person)) for person in a)


def _entities(known: Sequence[tuple[Column, str]]) -> Iterator[Entity]:
    """Yield a person's values as entities, the parts of a name as one name."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for column, value in known:
        if column.label == "NAME" and column.part in _NAME_PARTS:
            names[column.kind].setdefault(column.part, value)
        elif column.label not in BY_MEANING and column.part != "initials":
            # Initials follow from the name and count with the same support.
            yield Entity(value, column.label, column.kind, SUPPORTED)
    for kind, parts in names.items():
        given = " ".join(parts[part] for part in ("first", "middle") if part in parts)
        last = parts.get("last", "")
        yield Entity(
            f"{last}, {given}" if last and given else last or given, "NAME", kind, SUPPORTED
        )
