"""Tell dates, ages and numbers that identify from numbers that measure."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import Final

EARLIEST_YEAR: Final = 1850
LATEST_YEAR: Final = 2100
OLDEST: Final = 125
SECTION_LIMIT: Final = 32
"""5.2.1.3 numbers a section or a version; an IP address has a larger part."""

_NUMBER: Final = re.compile(r"[0-9]+")
_SMALL_ENGLISH_MONTH: Final = re.compile(r"\b(?:mar|march|may)\b")
_NUMERIC_DATE: Final = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}")
_POPULATION_BEFORE: Final = re.compile(
    r"(?:(?<![>=-])[<>≤≥±~]=?|"
    r"\b(?:at least|over|under|above|below|between|than|from|minimum|maximum|up to|median|bone|"
    r"mean|average|range|group|groups|[0-9]{1,3}(?: years?)? ?(?:-|to|and|or))) ?"
    r"(?:ages? of |age |ages |aged )?\Z",
    re.IGNORECASE,
)
_POPULATION_BEHIND: Final = re.compile(
    r" ?(?:-|to|or|and) ?[0-9]{1,3}\b|"
    r"(?: years?)?(?: old| of age)?,? (?:or|and) (?:older|over|above|younger|under)",
    re.IGNORECASE,
)
_UNIT_BEHIND: Final = re.compile(
    r" ?(?:%|°|x ?10|(?:mg|mcg|µg|ug|g|kg|ml|µl|dl|l|mm|cm|m|mmhg|bpm|iu|u|mmol|meq|kcal|hz|kd?a|"
    r"ng|pg|nm|ppm|rpm|min|minutes?|h|hr|hours?|days?|weeks?|months?|years?|times|doses?|tablets?|"
    r"patients|subjects|participants|volunteers|animals|rats|mice|males?|females?|men|women|"
    r"samples|of the)\b)",
    re.IGNORECASE,
)
_WORD_GLUED: Final = re.compile(r"[0-9]-?[a-z]{2}")  # 7-year-old, 12-lead, 2nd, 10mg
_MONTH_YEAR: Final = re.compile(r"[01]?[0-9]/(?:19|20)[0-9]{2}")
_DECIMAL: Final = re.compile(r"[0-9]+\.[0-9]+")
_RANGE: Final = re.compile(r"[0-9]+\.[0-9]+-[0-9]+(?:\.[0-9]+)?|[0-9]+-[0-9]+\.[0-9]+")
_STEPS: Final = re.compile(r"(?:[0-9]{1,2}-){3,}[0-9]{1,2}")  # a tapered dose
_MEASURE: Final = re.compile(r"[0-9]{1,3}/[0-9]{1,3}|[0-9]+\.[0-9]+|[0-9]{1,2}-[0-9]{1,2}")


def _is_day(year: int, month: int, day: int) -> bool:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def is_calendar_date(value: str) -> bool:
    """Return whether three numbers make a day of the calendar in some usual order."""
    numbers = _numbers(value)[:3]
    first, second, third = map(int, numbers)
    if len(numbers[0]) == 4:
        return _is_day(first, second, third) or _is_day(first, third, second)
    year = third if len(numbers[2]) == 4 else 2000 + third
    return _is_day(year, first, second) or _is_day(year, second, first)


def is_compact_date(value: str) -> bool:
    """Return whether eight digits are year, month and day."""
    return _is_day(int(value[:4]), int(value[4:6]), int(value[6:]))


def is_month_and_year(value: str) -> bool:
    """Return whether two numbers are a month of the calendar and a year."""
    month, year = sorted(map(int, _numbers(value)))
    return 1 <= month <= 12 and EARLIEST_YEAR <= year <= LATEST_YEAR


def is_day_and_month(value: str) -> bool:
    """Return whether two numbers are a day and a month, in either order."""
    first, second = map(int, _numbers(value))
    return _is_day(2000, first, second) or _is_day(2000, second, first)


def is_written_date(value: str) -> bool:
    """Return whether a month's name is meant: "may 3" and "march 5" without capital are not."""
    if any(character.isupper() for character in value) or re.search("[0-9]{4}", value):
        return True
    return not _SMALL_ENGLISH_MONTH.search(value)


def is_age_of_one(text: str, start: int, end: int, bounds: tuple[int, int]) -> bool:
    """Return whether an age is somebody's: no range, no bound, no statistic of many."""
    digits = _numbers(text[start:end])
    if digits and int(digits[0]) > OLDEST:
        return False
    if _POPULATION_BEFORE.search(text[max(bounds[0], start - 24) : start]):
        return False
    return not _POPULATION_BEHIND.match(text, end, bounds[1])


def telephone_digits(value: str) -> int:
    """Count the digits before an extension; 0 where they cannot be a telephone number.

    Seven to fifteen digits (ITU-T E.164, section 6), not all alike.
    """
    number = re.split(r"[,; ]*(?:ext|x|#)", value, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = "".join(_numbers(number))
    return len(digits) if 7 <= len(digits) <= 15 and len(set(digits)) > 2 else 0


def is_ip_address(value: str) -> bool:
    """Return whether this is an IPv4 or IPv6 address, with or without prefix length or zone."""
    if value.count(":") and len([part for part in value.split(":") if part]) < 2:
        return False  # "::" stands between a label and its value, too
    try:
        ipaddress.ip_address(value.split("/")[0].split("%")[0])
    except ValueError:
        return False
    return True


def is_section_number(value: str) -> bool:
    """Return whether a dotted number may as well number a section or a version."""
    return all(int(number) < SECTION_LIMIT for number in _numbers(value))


def is_followed_by_unit(text: str, end: int, bounds: tuple[int, int]) -> bool:
    """Return whether a unit of measure, of time or of what is counted comes next."""
    return bool(_UNIT_BEHIND.match(text, end, bounds[1]))


def is_quantity(text: str, start: int, end: int, bounds: tuple[int, int]) -> bool:
    """Return whether a number counts or measures something, or is a date."""
    value = text[start:end]
    if _NUMERIC_DATE.fullmatch(value) and is_calendar_date(value):
        return True
    if any(form.fullmatch(value) for form in (_DECIMAL, _RANGE, _STEPS, _MONTH_YEAR)):
        return True
    if _WORD_GLUED.search(value):
        return True
    if not any(character.isdigit() for character in value):
        return True
    return value[-1].isdigit() and is_followed_by_unit(text, end, bounds)


def is_measure(value: str) -> bool:
    """Return whether a value reads as a ratio, a decimal number or a short range."""
    return bool(_MEASURE.fullmatch(value))


def is_year(value: str) -> bool:
    """Return whether this is a year in which somebody who is treated now may have lived."""
    return len(value) == 4 and value.isdigit() and 1880 <= int(value) <= LATEST_YEAR
