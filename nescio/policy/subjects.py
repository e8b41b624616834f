"""What dates and ages show of the people in a document: who is over 89, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nescio.policy.date_mentions import read_dates
from nescio.policy.dates import Order, Written
from nescio.policy.generalise import TOP_AGE, ages_in

NOT_ABOUT_A_PERSON: Final = "milestone"
"""Kind of date that is not directly related to an individual."""


def people_over_89(ages: Iterable[tuple[int, str]]) -> set[int]:
    """Return the persons of whom an age over 89 is named.

    Args:
        ages: person and text of each AGE.
    """
    return {person for person, text in ages if max(ages_in(text) or [0]) > TOP_AGE}


def years_of(text: str, order: Order, this_year: int) -> list[int]:
    """Return the years in a date or range."""
    parts = read_dates(text, order, this_year) or []
    return [part.year for part in parts if isinstance(part, Written) and part.year is not None]


def shows_age_over_89(years: Iterable[int], kind: str, over_89: bool, latest_year: int) -> bool:
    """Say whether the year of a date would show an age over 89.

    45 CFR 164.514(b)(2)(i)(C) takes all elements of dates, years included, that show such an
    age. A date shows one if it lies 90 years or more before the latest year that the document
    names or in which it is read, since whoever was alive then is that old; and the birth date of
    a person said to be over 89 shows one whatever its year.

    Args:
        years: named by the date.
        kind: of the date.
        over_89: whether an age over 89 is named of the date's person.
        latest_year: the latest of the years named in the document and that of the run.
    """
    if kind == NOT_ABOUT_A_PERSON:
        return False
    if kind == "birth" and over_89:
        return True
    return any(latest_year - year > TOP_AGE for year in years)
