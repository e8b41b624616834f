"""Cut what a pattern took for a place, an address or an institution down to its name."""

from __future__ import annotations

import re
from typing import Final

from nescio.search.words import is_given_name, is_ordinary, word_list

Trimmed = tuple[int, int, float]

TRUST_ORDINARY: Final = 0.8
"""Trust in a name that is made of ordinary words only ("Golden Hollow Home Health")."""
MOST_SMALL_WORDS: Final = 2
"""Words written small that an address may have; a sentence has more."""
FLAT_REACH: Final = 20
"""Characters before a street in which a flat may stand."""

_MAY_BE_SMALL: Final = re.compile(
    r"hospitals?|clinics?|infirmary|hospice|of|the|and|for|at|d[eu]|des|la|del"
)
_TOKEN: Final = re.compile(r"[^\s,]+")
_CITY_STATE: Final = re.compile(
    r"(?P<city>[^,0-9]+?)(?:, ?| )(?P<state>[A-Z]{2}|[A-Z][a-zé]+(?: [A-Zo][A-Za-z]+){0,2})"
    r"(?:,? +(?P<zip>[0-9-]+))?"
)
_FLAT_BEFORE: Final = re.compile(
    r"\b(?:flat|apartment|apt\.?|unit|suite|room|floor) #?[0-9A-Z]{1,5}, ?\Z", re.IGNORECASE
)
_ANY_DIGIT: Final = re.compile(r"[0-9]")


def trim_place(text: str, start: int, end: int) -> Trimmed | None:
    """Return the name of a place without the ordinary words that a sentence has before it."""
    tokens = _tokens(text, start, end)
    stops = word_list("place_stops")
    while tokens and text[slice(*tokens[0])].lower() in stops:
        tokens = tokens[1:]
    return (tokens[0][0], end, 1.0) if tokens else None


def trim_town(text: str, start: int, end: int) -> Trimmed | None:
    """Return a town that a word announces: some part of it is no ordinary word, or it is known."""
    trimmed = trim_place(text, start, end)
    if trimmed is None:
        return None
    start, end, _ = trimmed
    words = [text[a:b].strip(".'") for a, b in _tokens(text, start, end)]
    while words and words[-1].lower() in word_list("not_names"):
        end = start + text[start:end].rindex(words.pop())
    end = start + len(text[start:end].rstrip(" ,.-\n"))
    if not words or end <= start:
        return None
    if text[start:end] in word_list("cities"):
        return start, end, 1.0
    return (start, end, 0.95) if any(not is_ordinary(word) for word in words) else None


def city_before_state(text: str, start: int, end: int) -> Trimmed | None:
    """Return "City, ST"; behind codes that are also degrees or words only for a known city."""
    trimmed = trim_place(text, start, end)
    if trimmed is None:
        return None
    match = _CITY_STATE.fullmatch(text, trimmed[0], end)
    if match is None:
        return None
    city = " ".join(match["city"].split())
    if match["zip"]:
        return trimmed
    if city.isupper() and len(city) < 4:
        return None  # "GI, GU", "BPM, PR"
    if match["state"] in word_list("codes_with_other_meanings"):
        return trimmed if f"{city}, {match['state']}" in word_list("cities_of_codes") else None
    if city in word_list("cities"):
        return trimmed
    words = [word.strip(".'") for word in city.split()]
    if not words or all(word.lower() in word_list("not_names") for word in words):
        return None
    if len(words) == 2 and is_given_name(words[0]):  # "Smith, John" and lists of people
        return trimmed[0], end, TRUST_ORDINARY
    return trimmed


def trim_address(text: str, start: int, end: int) -> Trimmed | None:
    """Return an address with the flat that is written before it, without a comma behind it."""
    flat = _FLAT_BEFORE.search(text, max(0, start - FLAT_REACH), start)
    trimmed = text[start:end].rstrip(" ,\n|")
    return flat.start() if flat else start, start + len(trimmed), 1.0


def address_text(text: str, start: int, end: int) -> Trimmed | None:
    """Return what an address label announces, if it reads like one: a number and words."""
    value = text[start:end].rstrip(" ,.\n|")
    if "@" in value or "://" in value or not _ANY_DIGIT.search(value):
        return None
    letters = sum(character.isalpha() for character in value)
    small = sum(word.islower() and len(word) > 3 for word in value.split())
    if letters < 4 or letters < len(value) // 3 or small > MOST_SMALL_WORDS:
        return None
    return start, start + len(value), 1.0


def trim_institution(text: str, start: int, end: int) -> Trimmed | None:
    """Return the name of an institution from its first word of weight on.

    "University of Utah Hospital" has one, "The Hospital" and "Primary Care Clinic" have none.
    Only hospitals and clinics may be written small ("Mercy hospital").
    """
    tokens = _tokens(text, start, end)
    stops = word_list("place_stops")
    while tokens and (text[slice(*tokens[0])].lower() in stops or text[tokens[0][0]].islower()):
        tokens = tokens[1:]
    words = [text[a:b].strip(".'") for a, b in tokens]
    kinds = word_list("institution_kinds")
    weighty = [word for word in words if word.lower() not in kinds and word[:1].isupper()]
    if any(word[:1].islower() and not _MAY_BE_SMALL.fullmatch(word) for word in words):
        return None
    if not weighty or all(len(word) == 1 for word in weighty):
        return None
    known = any(not is_ordinary(word) for word in weighty)
    if not known and text[start:end].isupper():
        return None  # the heading "SKIN CLINIC"
    forms = all(word.lower() in word_list("not_names") for word in weighty)
    if not known and len(words) < 3 and (forms or words[-1][0].islower()):
        return None
    return tokens[0][0], end, 1.0 if known else TRUST_ORDINARY


def known_institution(text: str, start: int, end: int) -> Trimmed | None:
    """Return an institution of which some word of weight is no ordinary one."""
    trimmed = trim_institution(text, start, end)
    return trimmed if trimmed and trimmed[2] == 1.0 else None


def head_first_institution(text: str, start: int, end: int) -> Trimmed | None:
    """Return "Clinique Saint-Louis"; in English the kind of institution comes last."""
    words = [text[a:b].strip(".'") for a, b in _tokens(text, start, end)]
    named = [word for word in words[1:] if word[:1].isupper() and not is_ordinary(word)]
    return (start, end, 1.0) if named else None


def labelled_institution(text: str, start: int, end: int) -> Trimmed | None:
    """Return what a label announces, unless all its words are the words of forms."""
    words = [text[a:b].strip(".',&").lower() for a, b in _tokens(text, start, end)]
    if all(is_ordinary(word) or word in word_list("not_names") for word in words if word):
        return None
    return start, end, 1.0


def trim_company(text: str, start: int, end: int) -> Trimmed | None:
    """Return the name of a company, without ordinary words in front."""
    tokens = _tokens(text, start, end)
    stops = word_list("place_stops")
    while tokens and (text[slice(*tokens[0])].lower() in stops or text[tokens[0][0]].islower()):
        tokens = tokens[1:]
    if len(tokens) < 2:
        return None
    words = [text[a:b].strip(".',") for a, b in tokens[:-1]]
    weighty = [word for word in words if len(word) > 1 and word.lower() not in ("and", "of")]
    return (tokens[0][0], end, 1.0) if weighty else None


def _tokens(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [match.span() for match in _TOKEN.finditer(text, start, end)]
