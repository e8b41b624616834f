"""Mentions of dates: one date or a range, coarsened to the year or shifted by days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import regex

from nescio.policy.dates import Order, Token, Written, read_date

_RANGE: Final = regex.compile(r"\s*(?:[-–—/]|\b(?:to|until|till|through|and|bis|au)\b)\s*")


def read_dates(text: str, order: Order, this_year: int) -> list[Written | str] | None:
    """Read a text that is a date or a range of two (``3 to 5 May 2020``).

    Returns:
        Dates, with the text between them; None where it is not clear what the text means.
    """
    whole = read_date(text, order, this_year)
    if whole is not None:
        return [whole]
    for match in _RANGE.finditer(text):
        last = read_date(text[match.end() :], order, this_year)
        first = read_date(text[: match.start()], order, this_year)
        if first is None and last is not None:
            first = _completed(text[: match.start()], last)
        if first is not None and last is not None:
            return [first, match.group(), last]
    return None


def _completed(day: str, last: Written) -> Written | None:
    """Return the first date of ``3 to 5 May 2020``, written as fully as the last."""
    day = day.strip()
    if not (day.isdecimal() and len(day) <= 2 and last.day and 1 <= int(day) <= 31):
        return None
    tokens = tuple(Token(day, "day") if token.field == "day" else token for token in last.tokens)
    return Written(tokens, last.year, last.month, int(day))


def order_of(texts: Iterable[str]) -> Order | None:
    """Return what comes first in the numeric dates of a document, if most of them show it."""
    votes = {"day": 0, "month": 0}
    for text in texts:
        match = regex.match(r"\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](?:\d{4}|\d{2})\b", text)
        if match and (int(match[1]) > 12) != (int(match[2]) > 12):
            votes["day" if int(match[1]) > 12 else "month"] += 1
    if votes["day"] == votes["month"]:
        return None
    return "day" if votes["day"] > votes["month"] else "month"


def to_year(text: str, order: Order, this_year: int) -> str | None:
    """Return the year or years of a date or range: all that Safe Harbor lets stand."""
    parts = read_dates(text, order, this_year)
    years = [part.year for part in parts or () if isinstance(part, Written)]
    # In "May to June 2019" only the last has a year: it is that of both.
    shown = list(dict.fromkeys(str(year) for year in years if year is not None))
    return "–".join(shown) or None


def shift(text: str, days: int, order: Order, this_year: int) -> str | None:
    """Return a date or range moved by ``days``, in the same form; None if it cannot be read."""
    parts = read_dates(text, order, this_year)
    if parts is None:
        return None
    moved = [part if isinstance(part, str) else part.shifted(days) for part in parts]
    known = [part for part in moved if part is not None]
    return "".join(known) if len(known) == len(moved) else None
