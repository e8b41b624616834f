"""Text that knows which of its characters are mentions of somebody's identity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Mark(NamedTuple):
    """A mention inside a text: half-open offsets in code points, label, kind, person.

    ``person`` is the number of the person in the document's list, or -1 where a mention belongs
    to no person (a study number, a sponsor).
    """

    start: int
    end: int
    label: str
    kind: str
    person: int


@dataclass(frozen=True, slots=True)
class Text:
    """A string with its marks, in order of position and without overlaps."""

    plain: str = ""
    marks: tuple[Mark, ...] = ()

    def __add__(self, other: Text | str) -> Text:
        return join("", (self, other))

    def __radd__(self, other: str) -> Text:
        return join("", (other, self))

    def __bool__(self) -> bool:
        return bool(self.plain)

    def __len__(self) -> int:
        return len(self.plain)


Textual = Text | str


def mention(plain: str, label: str, kind: str = "", person: int = -1) -> Text:
    """Return ``plain`` as one mention."""
    return Text(plain, (Mark(0, len(plain), label, kind, person),)) if plain else Text()


def as_text(value: Textual) -> Text:
    """Return ``value`` as a text; a plain string has no marks."""
    return value if isinstance(value, Text) else Text(value)


def join(separator: str, parts: Iterable[Textual]) -> Text:
    """Put texts one after the other with ``separator`` between them, marks moved along."""
    strings: list[str] = []
    marks: list[Mark] = []
    length = 0
    for part in parts:
        if strings:
            length += len(separator)
        if isinstance(part, Text):
            strings.append(part.plain)
            marks.extend(
                mark._replace(start=mark.start + length, end=mark.end + length)
                for mark in part.marks
            )
        else:
            strings.append(part)
        length += len(strings[-1])
    return Text(separator.join(strings), tuple(marks))


def capitalise(text: Textual) -> Text:
    """Return the text with its first letter in upper case, as at the start of a sentence."""
    whole = as_text(text)
    first = whole.plain[:1].upper()
    # Letters such as the German sharp s grow in upper case and would move the marks.
    return Text(first + whole.plain[1:], whole.marks) if len(first) == 1 else whole


def marked(text: Text) -> Iterator[tuple[Mark, str]]:
    """Yield each mark with the characters that it covers."""
    for mark in text.marks:
        yield mark, text.plain[mark.start : mark.end]
