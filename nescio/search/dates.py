"""Read a date in any usual form as ISO 8601, all readings where day and month are ambiguous."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_FIRST: Final = re.compile(r"^(\d{4})[-/.\s]?(\d{1,2})[-/.\s]?(\d{1,2})(?:[t\s].*)?$")
_YEAR_LAST: Final = re.compile(r"^(\d{1,2})[-/.\s]+(\d{1,2})[-/.\s]+(\d{4}|\d{2})$")
_DAY_MONTH: Final = re.compile(
    rf"^(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[-/.,\s]*({_MONTH})[-/.,\s]*(\d{{4}}|\d{{2}})$"
)
_MONTH_DAY: Final = re.compile(
    rf"^({_MONTH})[-/.,\s]*(\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]+(\d{{4}}|\d{{2}})$"
)
_YEAR_NAME: Final = re.compile(rf"^(\d{{4}})[-/.,\s]*({_MONTH})[-/.,\s]*(\d{{1,2}})$")
_TWO_DIGITS: Final = 30
"""Two digits up to this are a year of this century, above it of the last."""


@lru_cache(maxsize=65_536)
def read_date(text: str) -> tuple[str, ...]:
    """Return the dates that a text may mean, as ``YYYY-MM-DD``; none if it is no whole date.

    ``03/04/2021`` means two days, month first and day first, and gives both, month first first.
    """
    plain = " ".join(text.lower().split())
    if match := _YEAR_FIRST.match(plain):
        return _dates([(match[1], match[2], match[3])])
    if match := _YEAR_LAST.match(plain):
        first, second, year = match.groups()
        return _dates([(year, first, second), (year, second, first)])
    if match := _DAY_MONTH.match(plain):
        return _dates([(match[3], match[2], match[1])])
    if match := _MONTH_DAY.match(plain):
        return _dates([(match[3], match[1], match[2])])
    if match := _YEAR_NAME.match(plain):
        return _dates([(match[1], match[2], match[3])])
    return ()


def _dates(readings: list[tuple[str, str, str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for year, month, day in readings:
        number = _MONTHS.get(month) or int(month)
        try:
            found[date(_full_year(year), number, int(day)).isoformat()] = None
        except ValueError:
            continue  # no such day: this reading is none
    return tuple(found)


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year <= _TWO_DIGITS else 1900)
