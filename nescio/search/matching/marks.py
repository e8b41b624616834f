"""Find all words that rules ask for in one pass: triggers, context, kinds, words against."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import ahocorasick_rs

from nescio.search.matching.rules import Rule, load_rules, plain

SEPARATOR: Final = "\n\x00\n"  # between texts; folding leaves no other NUL in them

LONGEST_PLAIN: Final = 4  # letters of words that must be written without digits
_ANY_DIGIT: Final = re.compile("[0-9]")

Bounds = tuple[int, int]


class Buffer:
    """Texts one after the other, with the bounds of each.

    Attributes:
        text: the folded texts with SEPARATOR between them.
        labels: the same in the form in which words are compared, character for character.
        starts: where each text begins.
        ends: where each text ends.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.text = SEPARATOR.join(texts)
        self.labels = plain(self.text)
        self.starts: list[int] = []
        self.ends: list[int] = []
        position = 0
        for text in texts:
            self.starts.append(position)
            self.ends.append(position + len(text))
            position += len(text) + len(SEPARATOR)

    def index(self, position: int) -> int:
        """Return which text a position of the buffer lies in."""
        return bisect_right(self.starts, position) - 1


class Trigger(NamedTuple):
    """A word that stands at [start, end) and what to try there."""

    rules: list[Rule]
    start: int
    end: int


class _Occurrences(NamedTuple):
    """Where the words of one set stand, in the order of their ends."""

    starts: list[int]
    ends: list[int]


class _Word(NamedTuple):
    rules: list[Rule]
    sets: list[int]
    letter_first: bool
    letter_last: bool
    letters_only: bool  # too short for digits to pass as letters: "T1N" is no "TIN"


class _Machine(NamedTuple):
    automaton: ahocorasick_rs.AhoCorasick
    words: list[_Word]
    numbers: dict[frozenset[str], int]  # of the sets of words


class Marks:
    """Where in a buffer the words stand that rules ask for."""

    def __init__(self, buffer: Buffer) -> None:
        machine = _machine()
        self.triggers: list[Trigger] = []
        self._numbers = machine.numbers
        self._sets = [_Occurrences([], []) for _ in machine.numbers]
        text = buffer.text
        size = len(text)
        words = machine.words
        hits = machine.automaton.find_matches_as_indexes(buffer.labels, overlapping=True)
        for number, start, end in hits:
            word = words[number]
            if word.letter_first and start and text[start - 1].isalpha():
                continue
            if word.letter_last and end < size and text[end].isalpha():
                continue
            if word.letters_only and _ANY_DIGIT.search(text, start, end):
                continue
            if word.rules:
                self.triggers.append(Trigger(word.rules, start, end))
            for index in word.sets:
                occurrences = self._sets[index]
                occurrences.starts.append(start)
                occurrences.ends.append(end)

    def before(self, words: frozenset[str], start: int, end: int) -> Bounds | None:
        """Return the last of the words inside [start, end); of two that end there, the longer."""
        starts, ends = self._sets[self._numbers[words]]
        last = bisect_right(ends, end) - 1
        found = None
        for index in range(last, -1, -1):
            if ends[index] != ends[last]:
                break
            if starts[index] >= start:
                found = min(found or (end, end), (starts[index], ends[index]))
        return found

    def behind(self, words: frozenset[str], start: int, end: int) -> Bounds | None:
        """Return the first of the words inside [start, end)."""
        starts, ends = self._sets[self._numbers[words]]
        for index in range(bisect_right(ends, start), len(ends)):
            if ends[index] > end:
                return None
            if starts[index] >= start:
                return starts[index], ends[index]
        return None


def _word_sets() -> Iterator[frozenset[str]]:
    rules = load_rules()
    for rule in rules.rules:
        if rule.context:
            yield rule.context
    for words in rules.kinds.values():
        yield frozenset(words)
    yield from rules.against.values()


@cache
def _machine() -> _Machine:
    rules_of: dict[str, list[Rule]] = {}
    for rule in load_rules().rules:
        for word in (*rule.after, *rule.around):
            rules_of.setdefault(word, []).append(rule)
    numbers = {words: number for number, words in enumerate(dict.fromkeys(_word_sets()))}
    sets_of: dict[str, list[int]] = {}
    for words, number in numbers.items():
        for word in words:
            sets_of.setdefault(word, []).append(number)
    marked = list(dict.fromkeys([*rules_of, *sets_of]))
    return _Machine(
        ahocorasick_rs.AhoCorasick([word.removeprefix("~") for word in marked]),
        [
            _Word(
                rules_of.get(word, []),
                sets_of.get(word, []),
                word[0].isalpha(),
                word[-1].isalpha(),
                len(word) <= LONGEST_PLAIN and not _ANY_DIGIT.search(word),
            )
            for word in marked
        ],
        numbers,
    )
