"""Search paragraphs for what the reference knows, and decide which hits count.

A hit is a value of a column of interest that stands in the text. In a listing of 100,000 people
nearly every surname, date and age is somebody's, so a hit counts

* by itself, if the value tells people apart: a number of at least five letters and digits with a
  digit, a whole name (in one column, or given name and surname side by side that belong to one
  person) unless every word of it is ambiguous (``support.is_ambiguous``), an e-mail, a URL, a
  telephone number, an address of three words or more, a place or organisation of two words;
* by itself but weakly, if it is a surname of five letters or more that is no ordinary word, no
  eponym and no city and does not open a sentence;
* else (short numbers, a first name "May", a city, a date, an age of 45) only with support: a
  prediction of the same label covers it (names, places, numbers); or it is known of a person who
  was found by a value that tells people apart in the same paragraph or, as long as ``dep_flag``
  holds, before it in the blob. For dates and ages it takes both.

A value that at most ``MOST_PEOPLE`` people share finds them: what else is known of them is looked
for from there on to the end of the blob.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from nescio.search.aliases import Entity
from nescio.search.dates import read_date
from nescio.search.mapping import Column
from nescio.search.names import name_words
from nescio.search.reading import Reading
from nescio.search.reference import Match, ReferenceIndex
from nescio.search.reference_values import (
    NUMBERS,
    age_of,
    hash_number,
    hash_word,
    multipliers,
)
from nescio.search.resolve import Found
from nescio.search.support import is_ambiguous
from nescio.search.words import is_eponym, is_given_name, word_list

SOURCE: Final = "reference"
MOST_PEOPLE: Final = 3
SURE: Final = 0.95
"""Score of a value that tells people apart."""
SUPPORTED: Final = 0.90
"""Score of a value of a person who was found."""
INEXACT: Final = 0.75
SHARED: Final = 0.80
"""Score of a predicted value that more than MOST_PEOPLE people share."""
RARE_SURNAME: Final = 0.60

LEAST_NUMBER: Final = 5
LEAST_SURNAME: Final = 5
MOST_NUMBER_WORDS: Final = 8
"""A longer run of words and dashes is no number."""
ALWAYS_CALLED: Final = ("NAME", "ID")
"""Labels looked for even where nothing was predicted: to find those is what a reference is for."""

_CHUNK: Final = re.compile(r"[-/._–]")
_SPLIT_NAME: Final = re.compile(r"[\s,.]{1,3}")
_WHOLE_NAME: Final = frozenset({"", "maiden"})


class _Hit(NamedTuple):
    """Words [first, last) of a paragraph are the entries [low, high) of the index."""

    first: int
    last: int
    low: int
    high: int
    number: bool


@dataclass
class FoundPeople:
    """Persons whom a blob's paragraphs have named so far, and what is known of them."""

    people: dict[int, None] = field(default_factory=dict)
    facts: dict[tuple[str, str], str] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everybody: a new heading begins."""
        self.people.clear()
        self.facts.clear()


class ReferenceSearch:
    """The paragraphs of one shard against one index.

    All runs of words of all paragraphs are looked up at once when this is made; what counts of it
    is decided paragraph by paragraph, in order, by ``find``.
    """

    def __init__(self, index: ReferenceIndex, readings: Sequence[Reading]) -> None:
        self._index = index
        self._columns = index.mapping.columns
        self._hits: dict[int, list[_Hit]] = defaultdict(list)
        for place, hit in [*self._runs(readings), *self._numbers(readings)]:
            self._hits[place].append(hit)

    def _runs(self, readings: Sequence[Reading]) -> Iterator[tuple[int, _Hit]]:
        """Yield the runs of words that are values, over all paragraphs at once."""
        lengths = np.array([len(reading.words) for reading in readings], dtype=np.int64)
        if not lengths.sum():
            return
        codes: dict[str, int] = {}
        flat = [codes.setdefault(w, len(codes)) for reading in readings for w in reading.words]
        vocabulary = np.array([hash_word(word) for word in codes], dtype=np.uint64)
        words = vocabulary[np.array(flat, dtype=np.int64)]
        paragraph = np.repeat(np.arange(len(readings)), lengths)
        begins = np.concatenate([[0], np.cumsum(lengths)])
        candidates = np.flatnonzero(_among(words, self._index.first_words))
        starts = np.array(
            [
                at
                for at, place in zip(
                    candidates.tolist(), paragraph[candidates].tolist(), strict=True
                )
                if readings[place].capital(at - int(begins[place]))
            ],
            dtype=np.int64,
        )
        sums = np.zeros(len(starts), dtype=np.uint64)
        for offset, multiplier in enumerate(multipliers()[: self._index.most_words]):
            inside = starts + offset < begins[paragraph[starts] + 1]
            starts, sums = starts[inside], sums[inside]
            sums = sums + words[starts + offset] * np.uint64(multiplier)
            low, high = self._index.ranges(sums)
            for i in np.flatnonzero(low < high).tolist():
                place = int(paragraph[starts[i]])
                first = int(starts[i] - begins[place])
                yield place, _Hit(first, first + offset + 1, int(low[i]), int(high[i]), False)

    def _numbers(self, readings: Sequence[Reading]) -> Iterator[tuple[int, _Hit]]:
        """Yield the numbers that are values, however they are punctuated."""
        places: list[tuple[int, int, int]] = []
        hashes: list[int] = []
        known: dict[str, int] = {}
        for place, reading in enumerate(readings):
            for first, last in _number_runs(reading):
                text = "".join(reading.words[first:last])
                if text not in known:
                    known[text] = hash_number([text])
                places.append((place, first, last))
                hashes.append(known[text])
        low, high = self._index.ranges(np.array(hashes, dtype=np.uint64))
        for i in np.flatnonzero(low < high).tolist():
            place, first, last = places[i]
            yield place, _Hit(first, last, int(low[i]), int(high[i]), True)

    def find(
        self,
        place: int,
        reading: Reading,
        predictions: Sequence[Found],
        carried: Iterable[tuple[str, str]],
        state: FoundPeople,
    ) -> tuple[list[Found], list[Entity]]:
        """Return the hits of one paragraph that count, and what became known by them.

        Args:
            place: the paragraph's place in the readings that this was made from.
            reading: the paragraph.
            predictions: what tagger and patterns found in it.
            carried: (label, kind) of what the blob carries.
            state: persons found in the blob so far; those found here are added.

        Returns:
            Spans, and entities of the persons found here for the first time: their names,
            numbers, addresses, to be looked for from this paragraph on.
        """
        called = self._called_for(predictions, carried)
        found: list[Found] = []
        people: list[npt.NDArray[np.int32]] = []
        for span in predictions:
            columns = self._index.mapping.of_interest(span.label, span.kind)
            text = reading.text[span.start : span.end]
            matches = self._index.find_value(text, span.label, columns)
            if matches and span.label != "DATE":
                found.append(self._confirmed(span, matches))
                people += self._tell_apart(span.label, text, matches)
        by_first: dict[int, list[tuple[_Hit, Match]]] = defaultdict(list)
        for hit in self._hits.get(place, ()):
            for match in self._index.matches(hit.low, hit.high, called):
                if hit.number == (self._columns[match.column].label in NUMBERS):
                    by_first[hit.first].append((hit, match))
        for entries in by_first.values():
            for hit, match in entries:
                score = self._weight(reading, hit, match)
                if score:
                    found.append(self._found(reading, hit.first, hit.last, match.column, score))
                if score >= SURE and self._columns[match.column].label != "LOCATION":
                    people.append(match.people)
                for last, both in self._pairs(reading, hit, match, by_first):
                    found.append(self._found(reading, hit.first, last, match.column, SURE))
                    people.append(both)
        known = self._admit(_agreed(people), state)
        found += self._facts(reading, predictions, state)
        return found, known

    def _called_for(
        self, predictions: Sequence[Found], carried: Iterable[tuple[str, str]]
    ) -> list[int]:
        """Return the columns of interest of all that is known in a paragraph."""
        called: set[int] = set()
        entities = {*carried, *((span.label, span.kind) for span in predictions)}
        for label, kind in entities | {(label, "") for label in ALWAYS_CALLED}:
            called.update(self._index.mapping.of_interest(label, kind))
        return sorted(called)

    def _confirmed(self, span: Found, matches: Sequence[Match]) -> Found:
        """Return a predicted span as the reference sees it."""
        few = any(len(match.people) <= MOST_PEOPLE for match in matches)
        exact = matches[0].exact
        score = (SURE if few else SHARED) if exact else INEXACT
        kind = span.kind or self._columns[matches[0].column].kind
        return Found(span.start, span.end, span.label, kind, {SOURCE: score})

    def _tell_apart(
        self, label: str, text: str, matches: Sequence[Match]
    ) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the people whom a predicted value finds: by a number or a whole name."""
        for match in matches:
            whole = label == "NAME" and self._columns[match.column].part in _WHOLE_NAME
            if match.exact and (label in ("ID", "EMAIL", "PHONE") or (whole and " " in text)):
                yield match.people

    def _weight(self, reading: Reading, hit: _Hit, match: Match) -> float:
        """Return the score of a hit that counts by itself, else 0."""
        column = self._columns[match.column]
        words = reading.words[hit.first : hit.last]
        if column.label in NUMBERS:
            text = "".join(words)
            return SURE if len(text) >= LEAST_NUMBER and any(map(str.isdigit, text)) else 0.0
        if column.label == "NAME":
            return self._name_weight(reading, hit, column)
        if column.label in ("EMAIL", "URL") or (column.label == "ADDRESS" and len(words) >= 3):
            return SURE
        distinct = len(words) >= 2 and not all(is_ambiguous(word) for word in words)
        return SURE if distinct and column.label != "ADDRESS" else 0.0

    @staticmethod
    def _name_weight(reading: Reading, hit: _Hit, column: Column) -> float:
        words = reading.words[hit.first : hit.last]
        if column.part == "initials":
            return 0.0
        if len(words) > 1 and column.part in _WHOLE_NAME:
            return 0.0 if all(is_ambiguous(word) for word in words) else SURE
        word = words[0]
        rare = (
            column.part in ("last", "maiden")
            and len(words) == 1
            and len(word) >= LEAST_SURNAME
            and not reading.shouts
            and not reading.opens_sentence(hit.first)
            and reading.text[reading.starts[hit.first]].isupper()
            and not (is_ambiguous(word) or is_eponym(word) or _is_city(word))
            and not is_given_name(word)
        )
        return RARE_SURNAME if rare else 0.0

    def _pairs(
        self,
        reading: Reading,
        hit: _Hit,
        match: Match,
        by_first: dict[int, list[tuple[_Hit, Match]]],
    ) -> Iterator[tuple[int, npt.NDArray[np.int32]]]:
        """Yield where a given name and a surname of one person stand side by side."""
        part = self._columns[match.column].part
        if part not in ("first", "last") or hit.last >= len(reading.words):
            return
        following = hit.last
        initial = reading.words[following]
        if len(initial) == 1 and following + 1 < len(reading.words) and part == "first":
            following += 1  # John Q. Doe
        if not all(
            _SPLIT_NAME.fullmatch(reading.between(i)) for i in range(hit.last - 1, following)
        ):
            return
        for other, second in by_first.get(following, ()):
            if self._columns[second.column].part != ("last" if part == "first" else "first"):
                continue
            if self._columns[second.column].kind != self._columns[match.column].kind:
                continue
            words = reading.words[hit.first : other.last]
            if all(is_ambiguous(word) for word in words if len(word) > 1):
                continue
            both = np.intersect1d(match.people, second.people, assume_unique=True)
            if len(both):
                yield other.last, both

    def _found(self, reading: Reading, first: int, last: int, column: int, score: float) -> Found:
        label, kind = self._columns[column].label, self._columns[column].kind
        return Found(reading.starts[first], reading.ends[last - 1], label, kind, {SOURCE: score})

    def _admit(self, people: Iterable[int], state: FoundPeople) -> list[Entity]:
        """Remember persons; return what is known of those who are new."""
        entities: list[Entity] = []
        for person in people:
            if person in state.people:
                continue
            state.people[person] = None
            known = self._index.known_of(person)
            entities += self._entities(known)
            for number, value in known:
                column = self._columns[number]
                if column.label in ("DATE", "AGE"):
                    state.facts[column.label, value] = column.kind
        return entities

    def _entities(self, known: Sequence[tuple[int, str]]) -> Iterator[Entity]:
        """Yield a person's values as entities, the parts of a name as one name."""
        names: dict[str, dict[str, str]] = defaultdict(dict)
        for number, value in known:
            column = self._columns[number]
            if column.label == "NAME" and column.part in ("first", "middle", "last"):
                names[column.kind].setdefault(column.part, value)
            elif column.label == "NAME" and column.part == "initials":
                continue  # follow from the name, with the same support
            elif column.label not in ("DATE", "AGE"):
                yield Entity(value, column.label, column.kind, SUPPORTED)
        for kind, parts in names.items():
            given = " ".join(parts[part] for part in ("first", "middle") if part in parts)
            text = f"{parts['last']}, {given}" if given and "last" in parts else ""
            yield Entity(text or parts.get("last") or given, "NAME", kind, SUPPORTED)

    @staticmethod
    def _facts(
        reading: Reading, predictions: Sequence[Found], state: FoundPeople
    ) -> Iterator[Found]:
        """Yield the predicted dates and ages that are known of the persons found."""
        if not state.facts:
            return
        for span in predictions:
            text = reading.text[span.start : span.end]
            values: tuple[str, ...] = ()
            if span.label == "DATE":
                values = read_date(text)
            elif span.label == "AGE":
                values = (age_of(text),)
            for value in values:
                kind = state.facts.get((span.label, value))
                if kind is not None:
                    yield Found(
                        span.start, span.end, span.label, kind or span.kind, {SOURCE: SUPPORTED}
                    )
                    break


def _agreed(people: Sequence[npt.NDArray[np.int32]]) -> list[int]:
    """Return the persons whom a paragraph's values find.

    Each value finds those who share it if they are few; a value that many share finds those of
    them whom another value of the paragraph names, too.
    """
    few = [group for group in people if len(group) <= MOST_PEOPLE]
    found = {int(person) for group in few for person in group}
    agreeing = [group for group in people if any(_holds(group, person) for person in found)]
    for group in agreeing:
        narrowed = {person for person in found if _holds(group, person)}
        found = narrowed if len(group) > 1 and narrowed else found
    return sorted(found)


def _holds(group: npt.NDArray[np.int32], person: int) -> bool:
    at = int(np.searchsorted(group, person))
    return at < len(group) and int(group[at]) == person


def _among(values: npt.NDArray[np.uint64], table: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Say for n values whether they are in a sorted table."""
    if not len(table):
        return np.zeros(len(values), dtype=np.bool_)
    at = np.searchsorted(table, values)
    at[at == len(table)] = 0
    result: npt.NDArray[np.bool_] = table[at] == values
    return result


def _number_runs(reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield runs of words without a space between, of which one has a digit: 1001-004, AB12."""
    words = reading.words
    first = last = 0
    for index, word in enumerate(words):
        if index < last or word.isalpha():
            continue
        first = index
        while first > last and _CHUNK.fullmatch(reading.between(first - 1)):
            first -= 1
        last = index + 1
        while last < len(words) and _CHUNK.fullmatch(reading.between(last - 1)):
            last += 1
        if last - first <= MOST_NUMBER_WORDS:
            digits = [not word.isalpha() for word in words[first:last]]
            for start in range(last - first):
                for end in range(start + 1, last - first + 1):
                    if any(digits[start:end]):
                        yield first + start, first + end


def _is_city(word: str) -> bool:
    return word.capitalize() in word_list("cities") or word in name_words("always_capital")
