"""The names under which pattern files call checks, and what each check does to a match.

A refiner gets the scanned text, the span that a pattern matched, and the bounds of the text that
the span stands in. It returns the span as it should be and how far to trust it, in [0, 1], which
scales the rule's score; or None to reject the match.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nescio.search import checksums
from nescio.search.matching import people, places, quantities
from nescio.search.matching.people import Evidence
from nescio.search.words import is_ordinary

Bounds = tuple[int, int]
Refined = tuple[int, int, float]
Refine = Callable[[str, int, int, Bounds], Refined | None]
Confirm = Callable[[str], bool]


def _if_value(accepts: Callable[[str], object]) -> Refine:
    def refine(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
        return (start, end, 1.0) if accepts(text[start:end]) else None

    return refine


def _trimmed_by(trim: Callable[[str, int, int], Refined | None]) -> Refine:
    def refine(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
        return trim(text, start, end)

    return refine


def _person(evidence: Evidence) -> Refine:
    def refine(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
        return people.trim_person(text, start, end, bounds, evidence)

    return refine


def _age(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    return (start, end, 1.0) if quantities.is_age_of_one(text, start, end, bounds) else None


def _day_month(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    if quantities.is_quantity(text, start, end, bounds):
        return None
    return (start, end, 1.0) if quantities.is_day_and_month(text[start:end]) else None


def _written_date(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    if not quantities.is_written_date(text[start:end]):
        return None
    if text[end - 4 : end].isdigit() or not quantities.is_followed_by_unit(text, end, bounds):
        return start, end, 1.0
    return None  # "Dec 10 mg" is a tapered dose


def _identifier(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    return None if quantities.is_quantity(text, start, end, bounds) else (start, end, 1.0)


def _long_identifier(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    """Some words behind its label an identifier needs four digits, and more form than a year."""
    value = text[start:end]
    digits = sum(character.isdigit() for character in value)
    if digits < 4 or quantities.is_year(value) or quantities.is_measure(value):
        return None
    return _identifier(text, start, end, bounds)


def _six_digits(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    """Near a label, but not behind it, a number must be long."""
    if sum(character.isdigit() for character in text[start:end]) < 6:
        return None
    return _long_identifier(text, start, end, bounds)


def _subject(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    """The number of a subject or site: neither a measure nor a year."""
    value = text[start:end]
    if quantities.is_year(value) or ("/" in value and quantities.is_measure(value)):
        return None
    return _identifier(text, start, end, bounds)


def _bare_subject(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    """Behind the mere word "subject": at least three digits, or a composed number."""
    value = text[start:end]
    announced = any(character in "#.:" for character in text[max(0, start - 2) : start])
    if value.isdigit() and len(value) < 3 and not announced:
        return None
    return _subject(text, start, end, bounds)


def _county(text: str, start: int, end: int, bounds: Bounds) -> Refined | None:
    trimmed = places.trim_place(text, start, end)
    if trimmed is None:
        return None
    words = text[trimmed[0] : end].split()
    return trimmed if len(words) > 1 and not is_ordinary(words[-2]) else None


CONFIRM: Final[dict[str, Confirm]] = {
    "npi": checksums.npi,
    "dea": checksums.dea,
    "ssn": checksums.ssn,
    "nhs": checksums.nhs,
}

REFINE: Final[dict[str, Refine]] = {
    "calendar_date": _if_value(quantities.is_calendar_date),
    "compact_date": _if_value(quantities.is_compact_date),
    "month_year": _if_value(quantities.is_month_and_year),
    "written_date": _written_date,
    "day_month": _day_month,
    "year": _if_value(lambda value: quantities.is_year(value[-4:])),
    "age": _age,
    "telephone": _if_value(quantities.telephone_digits),
    "telephone_long": _if_value(lambda value: quantities.telephone_digits(value) >= 10),
    "telephone_international": _if_value(lambda value: quantities.telephone_digits(value) >= 8),
    "telephone_national": _if_value(lambda value: 9 <= quantities.telephone_digits(value) <= 12),
    "ip_address": _if_value(quantities.is_ip_address),
    "ip_not_section": _if_value(
        lambda value: quantities.is_ip_address(value) and not quantities.is_section_number(value)
    ),
    "no_word": _if_value(lambda value: not is_ordinary(value)),
    "identifier": _identifier,
    "long_identifier": _long_identifier,
    "six_digits": _six_digits,
    "subject_number": _subject,
    "bare_subject": _bare_subject,
    "dashed_or_known": _if_value(lambda value: "-" in value or checksums.ssn(value)),
    "vin_mixed": _if_value(lambda v: checksums.vin(v) and not v.isdigit() and not v.isalpha()),
    "credit_card": _if_value(checksums.credit_card),
    "iban": _if_value(checksums.iban),
    "nhs": _if_value(checksums.nhs),
    "dea": _if_value(checksums.dea),
    "person_titled": _person(Evidence.TITLE),
    "person_labelled": _person(Evidence.LABEL),
    "person_told": _person(Evidence.PROSE),
    "person_with_degree": _person(Evidence.DEGREE),
    "person_last_run": _person(Evidence.BEHIND),
    "person_bare": _person(Evidence.NONE),
    "person_reversed": _trimmed_by(people.trim_reversed),
    "place": _trimmed_by(places.trim_place),
    "town": _trimmed_by(places.trim_town),
    "county": _county,
    "city_before_state": _trimmed_by(places.city_before_state),
    "address": _trimmed_by(places.trim_address),
    "address_text": _trimmed_by(places.address_text),
    "institution": _trimmed_by(places.trim_institution),
    "institution_known": _trimmed_by(places.known_institution),
    "institution_head_first": _trimmed_by(places.head_first_institution),
    "institution_labelled": _trimmed_by(places.labelled_institution),
    "company": _trimmed_by(places.trim_company),
}
