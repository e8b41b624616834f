"""The draws of one document: from the mapping, and never equal to an original of the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from nescio.policy.mapping import Mapping
from nescio.policy.names import CACHED, WORD, fold

LONG_PART: Final = 6
"""Letters and digits from which a part of a draw must not be an original: the verifier looks for
originals of this length anywhere."""

TRIES: Final = 60
"""Draws after which a value is given up: the originals use up what its shape allows."""


_PIECE: Final = re.compile(r"[^\W_]+")


@lru_cache(maxsize=CACHED)
def comparable(text: str) -> str:
    """Return a value as two writings of it are compared: letters and digits, folded."""
    return "".join(character for character in fold(text) if character.isalnum())


def _words(text: str) -> set[str]:
    words = (match.group() for match in WORD.finditer(text))
    return {comparable(word) for word in words if len(word) > 1}


def _long_parts(text: str) -> Iterator[str]:
    """Yield what stands between any two punctuation marks of a value, in comparable form."""
    pieces = [comparable(piece) for piece in _PIECE.findall(text)]
    for first in range(len(pieces)):
        for last in range(first + 1, len(pieces) + 1):
            part = "".join(pieces[first:last])
            if len(part) >= LONG_PART:
                yield part


class Draws:
    """Looks draws up in the mapping and makes new ones that fit the document."""

    def __init__(
        self, mapping: Mapping, originals: Collection[str], names: Iterable[str] = ()
    ) -> None:
        """Take what the draws of a document depend on.

        Args:
            mapping: of the run.
            originals: texts of all mentions; no draw equals one, or a word of one, or has a
                long one among its parts.
            names: texts of the names of people; no word of a draw is a word of one.
        """
        self._mapping = mapping
        self._names = {word for text in names for word in _words(text)}
        self._whole = {comparable(text) for text in originals}
        self._forbidden = set(self._whole)
        self._used: dict[str, tuple[str, ...]] = {}
        for text in originals:
            self._forbidden |= _words(text)

    def is_original(self, text: str) -> bool:
        """Say whether a text is one of the document's originals, or a word of one."""
        return comparable(text) in self._forbidden

    def value(
        self, key: Sequence[str], make: Callable[[], str], *, distinct: bool = True
    ) -> str | None:
        """Return the draw of a key that is no original of this document.

        A draw of an earlier run may be an original here; the key then gets a second draw, under
        a key of its own, so that a retry makes the same choice.

        Args:
            key: what the draw is for.
            make: makes one at random.
            distinct: whether no other key of the document may have the same value.

        Returns:
            None where no fitting value was found.
        """
        for attempt in range(TRIES):
            own = (*key, str(attempt)) if attempt else tuple(key)
            value = self._mapping.get(own)
            if value is None:
                value = self._new(tuple(key), make, distinct)
                if value is None:
                    return None
                self._mapping.note(own, value)
            if self._fits(value, tuple(key), distinct):
                self._used.setdefault(comparable(value), tuple(key))
                return value
        return None

    def _new(self, key: tuple[str, ...], make: Callable[[], str], distinct: bool) -> str | None:
        for _ in range(TRIES):
            value = make()
            if self._fits(value, key, distinct):
                return value
        return None

    def _fits(self, value: str, key: tuple[str, ...], distinct: bool) -> bool:
        same = comparable(value)
        if same in self._forbidden or self._names & _words(value):
            return False
        if not self._whole.isdisjoint(_long_parts(value)):
            return False
        return not distinct or self._used.get(same, key) == key

    def days(self, key: Sequence[str], make: Callable[[], int]) -> int:
        """Return the shift drawn for a key, in days."""
        return int(self._mapping.draw(key, lambda: str(make())))

    def code(self, key: Sequence[str], make: Callable[[], str]) -> str:
        """Return the draw of a key whatever the document says: for codes nobody is shown."""
        return self._mapping.draw(key, make)
