"""Dates as they are written: read, moved by days, and set again in the same form."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import regex

from nescio.policy.calendars import MONTH, in_style_of, name_of

Order = Literal["day", "month"]
Field = Literal["year", "month", "day", "weekday", "ordinal", ""]

FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2150

_TOKEN: Final = regex.compile(
    r"(?P<time>T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"\s*(?:[ap]\.?m\b\.?|hrs?\b|h\b|Uhr\b)?\s*(?:Z\b|UTC\b|GMT\b|[+\-]\d{2}:?\d{2}\b)?)"
    r"|(?P<number>\d+)"
    r"|(?P<word>(?:UNK?|UK|NK|XX)(?=[A-Z]{3}\d)|\p{L}[\p{L}\p{M}]*)"  # UNMAY1977 is two words
    r"|(?P<other>[^\p{L}\d]+)",
    regex.IGNORECASE,
)
_ORDINALS: Final = frozenset({"st", "nd", "rd", "th"})
_FILLERS: Final = frozenset(
    {"of", "the", "on", "at", "de", "del", "den", "der", "le", "el", "il", "am", "um", "t"}
    | {"un", "unk", "uk", "nk", "xx", "xxx"}  # unknown day or month in study data
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a written date: a field of the date, or text that stays as it is."""

    text: str
    field: Field = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A date, perhaps partial, and the form in which it is written."""

    tokens: tuple[Token, ...]
    year: int | None
    month: int | None
    day: int | None

    @property
    def exact(self) -> datetime.date | None:
        """The date, if year, month and day are known and there is such a day."""
        if self.year is None or self.month is None or self.day is None:
            return None
        try:
            return datetime.date(self.year, self.month, self.day)
        except ValueError:
            return None

    def shifted(self, days: int) -> str | None:
        """Return the date moved by ``days``, in the same form.

        A partial date moves as the middle of what it may mean, so that it stays as partial as it
        was. None where there is no such day.
        """
        month = self.month or 7
        day = self.day or (15 if self.month else 1)
        year = self.year or 2001  # any year without a 29 February; only day and month are shown
        if self.year is None and (month, day) == (2, 29):
            year = 2000
        try:
            moved = datetime.date(year, month, day) + datetime.timedelta(days=days)
        except (ValueError, OverflowError):
            return None
        return self.rendered(moved)

    def rendered(self, date: datetime.date) -> str:
        """Return another date in the form of this one."""
        following = pairwise(self.tokens)
        dotted = any(a.field == "month" and b.text.startswith(".") for a, b in following)
        short = dotted or not any(" " in token.text for token in self.tokens)
        return "".join(_render(token, date, short, self._padded) for token in self.tokens)

    @property
    def _padded(self) -> bool:
        """Whether day and month of one digit get a zero before them.

        Two digits alone do not show it: ``10/11/2020`` is taken for padded, ``10 May 2020`` not.
        """
        numbers = [
            token.text
            for token in self.tokens
            if token.field in ("day", "month") and token.text.isdecimal()
        ]
        if any(len(number) == 1 for number in numbers):
            return False
        worded = any(token.field == "month" and token.text.isalpha() for token in self.tokens)
        spaced = any(" " in token.text for token in self.tokens)
        return not (worded and spaced) or any(number[0] == "0" for number in numbers)


def read_date(text: str, order: Order, this_year: int) -> Written | None:
    """Read a text that is one date, whole or partial.

    Args:
        text: the mention.
        order: what comes first in ``05/06/2020``.
        this_year: years of two digits are read as this year's century or the one before, never
            later than next year.

    Returns:
        None where it is not clear what the text means.
    """
    tokens = _tokens(text)
    if tokens is None:
        return None
    numbers = [i for i, token in enumerate(tokens) if token.text.isdecimal() and not token.field]
    named = [i for i, token in enumerate(tokens) if token.field == "month"]
    if len(named) > 1:
        return None
    values = [tokens[i].text for i in numbers]
    fields = _roles_beside_name(tokens, numbers, named[0]) if named else _roles(values, order)
    if fields is None:
        return None
    for i, field in zip(numbers, fields, strict=True):
        tokens[i] = Token(tokens[i].text, field)
    return _assemble(tokens, this_year)


def _tokens(text: str) -> list[Token] | None:
    compact = regex.fullmatch(r"(\d{4})(\d{2})(\d{2})", text.strip())
    if compact:
        fields: tuple[Field, ...] = ("year", "month", "day")
        return [Token(part, field) for part, field in zip(compact.groups(), fields, strict=True)]
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word is None:
            tokens.append(Token(match[0]))
        elif name := name_of(word):
            tokens.append(Token(word, "month" if name.what == MONTH else "weekday"))
        elif word.lower() in _ORDINALS and tokens and tokens[-1].text.isdecimal():
            tokens.append(Token(word, "ordinal"))
        elif word.lower() in _FILLERS:
            tokens.append(Token(word))
        else:
            return None
    return tokens


def _roles_beside_name(
    tokens: Sequence[Token], numbers: Sequence[int], named: int
) -> list[Field] | None:
    """Tell day and year apart where the month is a word."""
    values = [tokens[i].text for i in numbers]
    long = [len(value) == 4 for value in values]
    if len(values) > 2 or any(len(value) not in (1, 2, 4) for value in values):
        return None
    if not values:
        return []
    if len(values) == 2:
        if long.count(True) == 1:
            return ["year" if is_year else "day" for is_year in long]
        return ["day", "year"] if not any(long) else None
    quoted = numbers[0] > 0 and tokens[numbers[0] - 1].text.endswith(("'", "’"))
    is_day = not long[0] and int(values[0]) <= 31 and not (quoted and numbers[0] > named)
    return ["day"] if is_day else ["year"]


def _roles(values: Sequence[str], order: Order) -> list[Field] | None:
    """Tell the fields of a date of numbers apart."""
    lengths = [len(value) for value in values]
    if any(length not in (1, 2, 4) for length in lengths) or lengths.count(4) > 1:
        return None
    numbers = [int(value) for value in values]
    match lengths:
        case [4]:
            return ["year"]
        case [4, _]:
            return ["year", "month"]
        case [_, 4]:
            return ["month", "year"]
        case [_, _]:
            return ["month", "year"] if numbers[1] > 31 else list(_day_month(numbers, order))
        case [4, _, _]:
            return ["year", "day", "month"] if numbers[1] > 12 else ["year", "month", "day"]
        case [_, _, 4]:
            return [*_day_month(numbers[:2], order), "year"]
        case [_, _, _] if 4 not in lengths:
            if numbers[0] > 31:
                return ["year", "month", "day"]
            return [*_day_month(numbers[:2], order), "year"]
    return None


def _day_month(numbers: Sequence[int], order: Order) -> tuple[Field, Field]:
    day_first = numbers[0] > 12 or (numbers[1] <= 12 and order == "day")
    return ("day", "month") if day_first else ("month", "day")


def _assemble(tokens: Sequence[Token], this_year: int) -> Written | None:
    values: dict[str, int] = {}
    for token in tokens:
        if token.field in ("year", "month", "day"):
            name = name_of(token.text)
            values[token.field] = name.number if name else int(token.text)
            if token.field == "year" and len(token.text) <= 2:
                century = this_year - this_year % 100
                later = values["year"] + century > this_year + 1
                values["year"] += century - 100 if later else century
    year, month, day = (values.get(name) for name in ("year", "month", "day"))
    if not values or (month is None and day is not None):
        return None
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if not (1 <= (month or 1) <= 12 and 1 <= (day or 1) <= 31):
        return None
    return Written(tuple(tokens), year, month, day)


def _render(token: Token, date: datetime.date, short: bool, padded: bool) -> str:
    """Set one token for another date; ``short`` decides for "May", which is both forms."""
    text = token.text
    width = 2 if padded else 1
    match token.field:
        case "year":
            return f"{date.year % 100:02d}" if len(text) <= 2 else f"{date.year:04d}"
        case "month" | "weekday":
            if text.isdecimal():
                return str(date.month).zfill(width)
            name = name_of(text, short)
            assert name is not None  # a field that is no number is a name
            number = date.month - 1 if name.what == MONTH else date.weekday()
            return in_style_of(text, name.forms[number])
        case "day":
            return str(date.day).zfill(width)
        case "ordinal":
            tens = date.day % 100 // 10
            suffix = "th" if tens == 1 else {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10, "th")
            return in_style_of(text, suffix) if not text.isupper() else suffix.upper()
        case _:
            return text
