"""Names of months and weekdays, found in a text and set again in the same style."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import yaml

MONTH: Final = "month"
WEEKDAY: Final = "weekday"

_LISTS: Final = (
    (MONTH, "months", 1),
    (WEEKDAY, "weekdays", 0),
    (WEEKDAY, "weekdays_short", 0),
    (MONTH, "short", 1),
)


class Name(NamedTuple):
    """A name of a month (1 to 12) or weekday (0 is Monday) and the list that it stands in."""

    what: str
    number: int
    forms: tuple[str, ...]
    """The names of the same kind, language and length, from which another is taken."""


@cache
def _names(short: bool) -> dict[str, Name]:
    source = resources.files("nescio.policy").joinpath("data/calendar.yaml")
    languages: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    names: dict[str, Name] = {}
    for lists in languages.values():
        for what, key, first in reversed(_LISTS) if short else _LISTS:
            forms = tuple(lists[key])
            for number, form in enumerate(forms, first):
                names.setdefault(form.lower(), Name(what, number, forms))
        for form, number in lists["other"].items():
            names.setdefault(form.lower(), Name(MONTH, number, tuple(lists["short"])))
    return names


def name_of(word: str, short: bool = False) -> Name | None:
    """Return the month or weekday that a word names, in any case, or None.

    Args:
        word: without dot.
        short: take a word that is both ("May") for the abbreviation.
    """
    return _names(short).get(word.lower())


def in_style_of(word: str, form: str) -> str:
    """Return ``form`` in the case of ``word``: upper, lower or capitalised."""
    if word.isupper():
        return form.upper()
    if word.islower():
        return form.lower()
    return form.capitalize()
