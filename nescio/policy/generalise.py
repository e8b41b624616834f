"""Values made coarser: ages, ZIP codes, countries (years of dates: see dates)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Final

import regex
import yaml

TOP_AGE: Final = 89
"""Highest age that may be shown: 45 CFR 164.514(b)(2)(i)(C)."""

OVER_TOP_AGE: Final = "90 or older"

ZIP3_FILE: Final = "zip3_population_census2020.csv"
"""Population of each three-digit ZIP area; the census of its name is the date of the data."""

ZIP3_PEOPLE: Final = 20_000
"""A ZIP3 area must hold more people than this to be shown: 45 CFR 164.514(b)(2)(i)(B)(1)."""

_WORDS_FILE: Final = "numbers.yaml"
_YOUNGER: Final = regex.compile(
    r"\b(?:\d[\d\s./½]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)?[\s-]*"
    r"(?:months?|mos?|weeks?|wks?|days?|hours?|hrs?)\b",
    regex.IGNORECASE,
)
_NUMBER: Final = regex.compile(r"(?<![\d.,])(\d{1,3})(?:[.,]\d+|\s?½)?(?![\d])")


def ages_in(text: str) -> list[int] | None:
    """Return the ages in completed years that a text names, in order.

    Years win over months and weeks (``2 years 3 months`` is 2); an age in months alone counts
    as 0 years up to 11 months, and so on. None where no age can be read.
    """
    numbers = [int(number) for number in _NUMBER.findall(_YOUNGER.sub(" ", text))]
    numbers = [number for number in numbers if number <= 130]
    if numbers:
        return numbers
    return _spelled(_YOUNGER.sub(" ", text)) or _completed_months(text)


@cache
def _number_words() -> dict[str, int]:
    source = resources.files("nescio.policy").joinpath(f"data/{_WORDS_FILE}")
    words: dict[str, int] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return words


def _spelled(text: str) -> list[int]:
    """Return the numbers that a text spells out."""
    known = _number_words()
    words = regex.findall(r"\p{L}+", text.lower())
    numbers: list[int] = []
    for place, word in enumerate(words):
        if word not in known:
            continue
        tens = known.get(words[place - 1], 0) if place else 0
        if known[word] < 10 and tens in range(20, 100, 10):
            numbers[-1] += known[word]
        else:
            numbers.append(known[word])
    if "hundred" in words:
        return [100 + sum(numbers[1:])] if numbers[:1] == [1] else [100]
    return numbers


def _completed_months(text: str) -> list[int] | None:
    match = _YOUNGER.search(text)
    if match is None:
        return None
    months = regex.match(r"\s*(\d+)[\s-]*mo", match.group(), regex.IGNORECASE)
    return [int(months[1]) // 12] if months else [0]


def generalise_age(text: str, band: int | None) -> str | None:
    """Return an age as band, or ``90 or older``; or the text itself where it may stay.

    Args:
        text: the mention, with or without words around the number.
        band: width of the bands in years, from 0 up; None leaves ages up to 89 as they are.

    Returns:
        None where the text cannot be read: it must then go.
    """
    ages = ages_in(text)
    if not ages:
        return None
    if max(ages) > TOP_AGE:
        return OVER_TOP_AGE
    if band is None:
        return text
    low = min(ages) // band * band
    high = min(max(ages) // band * band + band - 1, TOP_AGE)
    return f"{low}–{high} years"


@cache
def zip3_populations() -> dict[str, int]:
    """Return people by three-digit ZIP prefix."""
    source = resources.files("nescio.policy").joinpath(f"data/{ZIP3_FILE}")
    lines = source.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["zip3"]: int(row["population"]) for row in rows}


def generalise_zip(text: str) -> str | None:
    """Return the first three digits of a US ZIP code, or ``000`` where too few people live.

    A prefix that the census does not list is restricted. None where the text is no US ZIP code.
    """
    match = regex.fullmatch(r"\s*(\d{3})\d{2}(?:[-\s]?\d{4})?\s*", text)
    if match is None:
        return None
    return match[1] if zip3_populations().get(match[1], 0) > ZIP3_PEOPLE else "000"


@cache
def _regions() -> dict[str, str]:
    source = resources.files("nescio.policy").joinpath("data/countries.yaml")
    regions: dict[str, list[str]] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {
        country.casefold(): region for region, countries in regions.items() for country in countries
    }


def generalise_country(text: str) -> str | None:
    """Return the region in which a country is pooled, or None where it is not known."""
    return _regions().get(" ".join(text.split()).casefold().removesuffix("'s"))
