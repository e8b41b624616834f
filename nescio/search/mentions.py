"""Find the mentions of known entities in a paragraph, by their aliases."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from nescio.search.aliases import TRUST, Entity, Form, aliases_of, deletions, gap_of, misread
from nescio.search.reading import Reading
from nescio.search.resolve import Found
from nescio.search.support import Touching, is_ambiguous, is_mention
from nescio.search.words import is_given_name, is_surname

_GLUED: Final = re.compile(r"(?P<before>[0-9]{0,4})(?P<name>[^\W\d_]+)(?P<after>[0-9]{0,2})")
LEAST_SPELLING: Final = 6
"""Letters of a name for which one letter more, less or other still makes the same name."""
LEAST_MISREAD: Final = 4


class _Known(NamedTuple):
    words: tuple[str, ...]
    form: Form
    entity: Entity
    source: str


class KnownEntities:
    """What is known, ready to be looked for; entities can be added at any time.

    Looking up a paragraph costs one or a few dictionary accesses a word, however much is known:
    aliases are filed as sequences of words, so word boundaries hold by construction.
    """

    def __init__(self) -> None:
        self._by_words: dict[tuple[str, ...], list[_Known]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._by_deletion: dict[str, set[str]] = defaultdict(set)
        self._by_misread: dict[str, list[_Known]] = defaultdict(list)
        self._parts: dict[str, _Known] = {}
        self._seen: dict[tuple[str, str, str, str], float] = {}

    def __bool__(self) -> bool:
        return bool(self._seen)

    def add(self, entity: Entity, source: str) -> None:
        """Add an entity that ``source`` vouches for; the same again changes nothing."""
        key = entity.text, entity.label, entity.kind, source
        if self._seen.get(key, -1.0) >= entity.score:
            return
        self._seen[key] = entity.score
        for words, form in aliases_of(entity.text, entity.label):
            known = _Known(words, form, entity, source)
            self._by_words[words].append(known)
            self._lengths[words[0]].add(len(words))
            if len(words) == 1 and form in (Form.WHOLE, Form.PART):
                self._add_variants(words[0], known)

    def _add_variants(self, word: str, known: _Known) -> None:
        """File a single word for OCR variants, and if it is part of a name for spelling, too."""
        is_name = known.entity.label == "NAME"
        if len(word) >= LEAST_MISREAD and (
            is_name or (known.entity.label == "ID" and _has_digit(word))
        ):
            self._by_misread[misread(word)].append(known)
        if is_name and len(word) >= LEAST_SPELLING:
            before = self._parts.get(word)
            if before is None:
                for shorter in deletions(word):
                    self._by_deletion[shorter].add(word)
            if before is None or before.entity.score < known.entity.score:
                self._parts[word] = known

    def find(self, reading: Reading, predictions: Sequence[Touching]) -> list[Found]:
        """Return the mentions in a paragraph, which may overlap."""
        if not self._seen:
            return []
        found: list[Found] = []
        misreadable = bool(self._by_misread)
        for index, word in enumerate(reading.words):
            lengths = self._lengths.get(word)
            hits = list(self._exact(reading, index, lengths, predictions)) if lengths else []
            hits = hits or list(self._glued(reading, index))
            if hits:
                found += hits
            elif misreadable and len(word) >= LEAST_MISREAD and reading.capital(index):
                found += self._variants(reading, index, predictions)
        if misreadable:
            found += self._numbers(reading, predictions)
        return found

    def _exact(
        self,
        reading: Reading,
        index: int,
        lengths: Iterable[int],
        predictions: Sequence[Touching],
    ) -> Iterator[Found]:
        for length in sorted(lengths):
            last = index + length
            if last > len(reading.words):
                return
            for known in self._by_words.get(tuple(reading.words[index:last]), ()):
                label = known.entity.label
                if _joined(reading, index, last, label) and is_mention(
                    reading, index, last, label, known.form, predictions
                ):
                    yield _found(reading, index, last, known, known.form)

    def _glued(self, reading: Reading, index: int) -> Iterator[Found]:
        """Yield a name that digits touch: of a footnote (Mason1), of a time (17:34Mason)."""
        word = reading.words[index]
        match = None if word.isalpha() else _GLUED.fullmatch(word)
        if match is None or is_ambiguous(match["name"]):
            return
        start = reading.starts[index] + len(match["before"])
        end = reading.ends[index] - len(match["after"])
        if reading.text[start].islower():
            return
        for known in self._by_words.get((match["name"],), ()):
            if known.entity.label == "NAME" and known.form in (Form.WHOLE, Form.PART):
                score = known.entity.score * TRUST[known.form]
                yield Found(start, end, "NAME", known.entity.kind, {known.source: score})

    def _variants(
        self, reading: Reading, index: int, predictions: Sequence[Touching]
    ) -> Iterator[Found]:
        """Yield a word that OCR or a slip of the pen made of a known one."""
        word = reading.words[index]
        for known in self._by_misread.get(misread(word), ()):
            if _misread_here(word, known) and is_mention(
                reading, index, index + 1, known.entity.label, known.form, predictions
            ):
                yield _found(reading, index, index + 1, known, Form.MISREAD)
        if len(word) >= LEAST_SPELLING - 1 and not _is_another_name(word):
            for name in self._spelt_like(word):
                known = self._parts[name]
                if is_mention(reading, index, index + 1, "NAME", known.form, predictions):
                    yield _found(reading, index, index + 1, known, Form.SPELLING)

    def _numbers(self, reading: Reading, predictions: Sequence[Touching]) -> Iterator[Found]:
        """Yield known numbers of several parts in which OCR took a character for another."""
        for first, last in reading.numbers:
            if last - first == 1:
                continue
            word = "".join(reading.words[first:last])
            for known in self._by_misread.get(misread(word), ()):
                if known.entity.label == "ID" and is_mention(
                    reading, first, last, "ID", known.form, predictions
                ):
                    yield _found(reading, first, last, known, Form.MISREAD)

    def _spelt_like(self, word: str) -> list[str]:
        if not self._by_deletion:
            return []
        near = {name for shorter in deletions(word) for name in self._by_deletion.get(shorter, ())}
        return sorted(name for name in near if OSA.distance(word, name, score_cutoff=1) <= 1)


def _found(reading: Reading, first: int, last: int, known: _Known, form: Form) -> Found:
    start, end = reading.starts[first], reading.ends[last - 1]
    entity = known.entity
    abbreviated = entity.label == "NAME" and last - first > 1 and len(reading.words[last - 1]) == 1
    if abbreviated and reading.text[end : end + 1] == ".":
        end += 1
    score = entity.score * TRUST[form]
    return Found(start, end, entity.label, entity.kind, {known.source: score})


def _joined(reading: Reading, first: int, last: int, label: str) -> bool:
    """Say whether only what may stand inside a mention stands between its words."""
    gap = gap_of(label)
    return all(gap.fullmatch(reading.between(i)) for i in range(first, last - 1))


def _misread_here(word: str, known: _Known) -> bool:
    """Say whether a word can be a known one misread, and is not simply another word or number.

    A name read as letters only must not be a name or word of its own (Burns, Bums); in a number
    at least one character must have changed between letter and digit.
    """
    if known.entity.label == "NAME":
        return not is_ambiguous(word) and not _is_another_name(word)
    return _has_digit(word) or _has_digit(known.words[0])


def _is_another_name(word: str) -> bool:
    """Say whether a word is a name or an ordinary word in its own right."""
    return is_ambiguous(word) or is_given_name(word) or is_surname(word)


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)
