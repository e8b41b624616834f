"""Rules that mark what a published set leaves unmarked, or mask what could be either.

A rule adds spans only where it is nearly always right (``76-year-old``, ``Dr. Kumar``); where it
is not, the characters are masked, so that the model learns nothing from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from training.synthetic.slots.lists import read_lines, read_yaml


class Mark(NamedTuple):
    """What a rule found: a span of ``label``, or a mask where ``label`` is empty."""

    start: int
    end: int
    label: str
    kind: str | None


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_AGE = re.compile(
    r"\b(\d{1,3})(?=[ -]?(?:year|yr)s?[ -]?(?:old|of age)\b)"
    r"|(?<=\baged )(\d{1,3})\b|(?<=\bage )(\d{1,3})\b(?! to\b| or\b|\s*[-–])"
    r"|\b(\d{1,3})(?= ?y[./]?o\b)|(?<=\bage: )(\d{1,3})\b",
    re.IGNORECASE,
)
_POPULATION = re.compile(
    r"(?:children|adults|patients|women|men|people|those|persons|than|under|over)\W+$", re.I
)
_DATE = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? {_YEAR}"
    rf"|{_MONTH},? (?:of )?{_YEAR}|\d{{1,2}}[/-]\d{{1,2}}[/-](?:19|20)?\d\d"
    rf"|{_YEAR}-\d\d-\d\d|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)\b)"
)
_DATE_LIKE = re.compile(
    rf"\b{_YEAR}\b|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|\b{_MONTH} \d{{1,2}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?!\w)"
    r"|\b\d{1,3}[ -](?:years?|yrs?|months?|weeks?)[ -]old\b"
)
_TITLED = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Miss|Doctor|Professor|Prof)\b\.? ?"
    r"((?:[A-Z]\. ?)?[A-Z][\w'’-]+(?: (?:[A-Z]\. )?[A-Z][\w'’-]+)?)"
)
_HANDLE = re.compile(r"[@#] ?\w+|https?://\S+|\bRT\b")
_CAPITAL = re.compile(r"\b[A-Z][a-z]{2,}\b")
_NOT_AFTER_TITLE = {
    "Patient",
    "The",
    "She",
    "He",
    "His",
    "Her",
    "I",
    "This",
    "In",
    "At",
    "On",
    "We",
}


@cache
def _common_names() -> frozenset[str]:
    """Return the census names that at least one person in ten thousand bears."""
    rows = (line.split("\t") for line in read_lines("names_us.tsv"))
    names = {name for _, name, percent in rows if float(percent) >= 0.01}
    return frozenset(names - {month.upper() for month in read_yaml("words")["months"]})


def ages(text: str) -> Iterator[Mark]:
    """Mark the number of ``76-year-old``, ``aged 9 years``, ``age 48``; not of groups."""
    for match in _AGE.finditer(text):
        group = match.lastindex or 1
        if not _POPULATION.search(text[: match.start()].removesuffix("aged ").rstrip() + " "):
            yield Mark(match.start(group), match.end(group), "AGE", "")


def dates(text: str) -> Iterator[Mark]:
    """Mark dates with a year or a day's ending; mask barer ones."""
    for match in _DATE.finditer(text):
        yield Mark(match.start(), match.end(), "DATE", None)
    yield from date_masks(text)


def date_masks(text: str) -> Iterator[Mark]:
    """Mask whatever looks like a date, a year or an age in months."""
    for match in _DATE_LIKE.finditer(text):
        yield Mark(match.start(), match.end(), "", None)


def titled_names(text: str) -> Iterator[Mark]:
    """Mark the capitalised words after Dr., Mr., Mrs., Ms., Miss; mask a lone initial."""
    for match in _TITLED.finditer(text):
        words = match.group(1).split(" ")
        if words[0] in _NOT_AFTER_TITLE:
            continue
        end = match.end(1)
        if len(words) > 1 and words[-1] in _NOT_AFTER_TITLE:
            end -= len(words[-1]) + 1
        masked = end - match.start(1) < 3
        yield Mark(match.start(1), end, "" if masked else "NAME", None)


def name_masks(text: str) -> Iterator[Mark]:
    """Mask capitalised words that are common names; nobody knows whether they name someone."""
    known = _common_names()
    for match in _CAPITAL.finditer(text):
        if match.group().upper() in known:
            yield Mark(match.start(), match.end(), "", None)


def handle_masks(text: str) -> Iterator[Mark]:
    """Mask handles, hashtags and links of tweets: sets disagree on whether they are names."""
    for match in _HANDLE.finditer(text):
        yield Mark(match.start(), match.end(), "", None)


RULES: dict[str, Callable[[str], Iterator[Mark]]] = {
    "ages": ages,
    "dates": dates,
    "date_masks": date_masks,
    "titled_names": titled_names,
    "name_masks": name_masks,
    "handle_masks": handle_masks,
}
"""Name in ``data/sources.yaml`` -> rule. Earlier marks win over later ones."""
