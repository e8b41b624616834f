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

A patient's name, a number, an e-mail or a telephone number (not a doctor's name, a site or a town)
that at most ``MOST_PEOPLE`` people share finds them: what else is known of them is looked
for from there on to the end of the blob.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nescio.search.aliases import Entity
from nescio.search.linking import SUBJECT_NUMBERS
from nescio.search.mapping import Column
from nescio.search.names import name_words
from nescio.search.reading import Reading
from nescio.search.reference import Match, ReferenceIndex
from nescio.search.reference_people import MOST_PEOPLE, SOURCE, FoundPeople
from nescio.search.reference_runs import Hit, number_runs, word_runs
from nescio.search.reference_values import NUMBERS
from nescio.search.resolve import Found
from nescio.search.support import is_ambiguous
from nescio.search.words import is_eponym, is_given_name, word_list

SURE: Final = 0.95
"""Score of a value that tells people apart."""
INEXACT: Final = 0.75
SHARED: Final = 0.80
"""Score of a predicted value that more than MOST_PEOPLE people share."""
RARE_SURNAME: Final = 0.60

LEAST_NUMBER: Final = 5
LEAST_SURNAME: Final = 5
ALWAYS_CALLED: Final = ("NAME", "ID")
"""Labels looked for even where nothing was predicted: to find those is what a reference is for."""

_SPLIT_NAME: Final = re.compile(r"[\s,.]{1,3}")
_WHOLE_NAME: Final = frozenset({"", "maiden"})


class ReferenceSearch:
    """The paragraphs of one shard against one index.

    All runs of words of all paragraphs are looked up at once when this is made; what counts of it
    is decided paragraph by paragraph, in order, by ``find``.
    """

    def __init__(self, index: ReferenceIndex, readings: Sequence[Reading]) -> None:
        self._index = index
        self._columns = index.mapping.columns
        self._hits: dict[int, list[Hit]] = defaultdict(list)
        for place, hit in [*word_runs(index, readings), *number_runs(index, readings)]:
            self._hits[place].append(hit)

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
                people += self._found_by_prediction(text, matches)
        by_first = self._by_first_word(place, called)
        for hit, match in (entry for entries in by_first.values() for entry in entries):
            column = self._columns[match.column]
            score = self._weight(reading, hit, match)
            if score:
                found.append(_span(reading, hit.first, hit.last, column, score))
            if score >= SURE and _finds_people(column):
                people.append(match.people)
            for last, both in self._pairs(reading, hit, match, by_first):
                found.append(_span(reading, hit.first, last, column, SURE))
                if _finds_people(column):
                    people.append(both)
        known = state.admit(self._index, people)
        return [*found, *state.facts_in(reading, predictions)], known

    def _by_first_word(
        self, place: int, called: Sequence[int]
    ) -> dict[int, list[tuple[Hit, Match]]]:
        """Return a paragraph's hits in the columns called for, by the word they begin with."""
        by_first: dict[int, list[tuple[Hit, Match]]] = defaultdict(list)
        for hit in self._hits.get(place, ()):
            for match in self._index.matches(hit.low, hit.high, called):
                if hit.number == (self._columns[match.column].label in NUMBERS):
                    by_first[hit.first].append((hit, match))
        return by_first

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

    def _found_by_prediction(
        self, text: str, matches: Sequence[Match]
    ) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the people whom a predicted value finds: by a number or a whole name."""
        for match in matches:
            column = self._columns[match.column]
            partial = column.label == "NAME" and (column.part not in _WHOLE_NAME or " " not in text)
            if match.exact and _finds_people(column) and not partial:
                yield match.people

    def _weight(self, reading: Reading, hit: Hit, match: Match) -> float:
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
    def _name_weight(reading: Reading, hit: Hit, column: Column) -> float:
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
            and not (is_ambiguous(word) or _is_eponym(word) or _is_city(word))
            and not is_given_name(word)
        )
        return RARE_SURNAME if rare else 0.0

    def _pairs(
        self,
        reading: Reading,
        hit: Hit,
        match: Match,
        by_first: dict[int, list[tuple[Hit, Match]]],
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


def _span(reading: Reading, first: int, last: int, column: Column, score: float) -> Found:
    start, end = reading.starts[first], reading.ends[last - 1]
    return Found(start, end, column.label, column.kind, {SOURCE: score})


def _finds_people(column: Column) -> bool:
    """Say whether a column's values are the person's own: not a doctor's, a site's, a town's."""
    if column.label == "ID":
        return column.kind in SUBJECT_NUMBERS or not column.kind
    return column.label in ("EMAIL", "PHONE") or (
        column.label == "NAME" and column.kind in ("", "patient")
    )


def _is_eponym(word: str) -> bool:
    return is_eponym(word) or word in name_words("eponyms")


def _is_city(word: str) -> bool:
    return word.capitalize() in word_list("cities")
