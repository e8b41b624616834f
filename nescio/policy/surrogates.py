"""Plausible values that stand for addresses, places, organisations, ids, numbers and links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import Final

import regex
import yaml

from nescio.policy.generalise import zip3_populations
from nescio.policy.shapes import RANDOM, ip, phone, same_shape, ssn
from nescio.policy.surrogate_names import DEFAULT_ORIGIN, random_name

EXAMPLE_DOMAIN: Final = "example.org"
"""Reserved for examples by RFC 2606: nobody's address."""


MOST_LETTERS: Final = 3
"""Capitals up to which a word is taken for an acronym (USA)."""


@cache
def _places() -> dict[str, list[str]]:
    source = resources.files("nescio.policy").joinpath("data/surrogate_places.yaml")
    places: dict[str, list[str]] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return places


def in_case_of(text: str, new: str) -> str:
    """Return a new value in upper or lower case where the text is; acronyms show no case."""
    if text.isupper() and len(text) > MOST_LETTERS:
        return new.upper()
    return new.lower() if text.islower() else new


def _from(which: str) -> Callable[[str], str]:
    return lambda text: in_case_of(text, RANDOM.choice(_places()[which]))


def _state(text: str) -> str:
    bare = text.replace(".", "").strip()
    if len(bare) == 2:
        return RANDOM.choice(_places()["state_codes"])
    return in_case_of(text, RANDOM.choice(_places()["states"]))


def _zip(text: str) -> str:
    """Return a ZIP code of the same length in an area that exists; other codes by shape."""
    if not regex.fullmatch(r"\d{5}(?:-?\d{4})?", text.strip()):
        return same_shape(text)
    area = RANDOM.choice(sorted(zip3_populations()))
    return area + "".join(
        str(RANDOM.randrange(10)) if character.isdecimal() else character
        for character in text.strip()[3:]
    )


def _named(parts: str, types: str) -> Callable[[str], str]:
    """Replace the name before the type (``Hospital``), which stays where it is known."""

    def make(text: str) -> str:
        kept = ""
        for ending in sorted(_places()[types], key=len, reverse=True):
            if regex.search(rf"\b{regex.escape(ending)}$", text, flags=regex.IGNORECASE):
                kept = " " + text[len(text) - len(ending) :]
                break
        return in_case_of(text, RANDOM.choice(_places()[parts])) + kept

    return make


def _address(text: str) -> str:
    """Redraw an address piece by piece: numbers by shape, the first words as street, then city."""
    street_types = {word.lower() for word in _places()["street_types"]}
    units = set(_places()["units"])
    pools = iter(("streets", "cities", "counties"))

    def replace(match: regex.Match[str]) -> str:
        piece: str = match.group()
        if regex.fullmatch(r"\d+(?:st|nd|rd|th)", piece):
            return f"{RANDOM.randrange(4, 20)}th"
        if any(character.isdecimal() for character in piece):
            return same_shape(piece)
        if piece.lower() in units:
            return piece
        if piece in _places()["state_codes"]:
            return _state(piece)
        words = piece.split()
        kept = words[-1] if words[-1].lower() in street_types | units else ""
        if kept and len(words) == 1:
            return kept
        drawn = in_case_of(piece, RANDOM.choice(_places()[next(pools, "cities")]))
        return f"{drawn} {kept}" if kept else drawn

    numbered = r"\w*\d[\w-]*"
    words = r"\p{L}[\p{L}'’-]*(?:\s+(?!\w*\d)\p{L}[\p{L}'’-]*)*"
    return str(regex.sub(f"{numbered}|{words}", replace, text))


def _email(text: str) -> str:
    given, family = (random_name(role, "", DEFAULT_ORIGIN).lower() for role in ("given", "family"))
    number = f"{RANDOM.randrange(100):02d}" if any(c.isdecimal() for c in text) else ""
    return f"{given}.{family}{number}@{EXAMPLE_DOMAIN}"


def _url(text: str) -> str:
    scheme = regex.match(r"\s*[a-z]+://", text, flags=regex.IGNORECASE)
    word = "".join(RANDOM.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(10))
    return f"{scheme.group().strip() if scheme else ''}{EXAMPLE_DOMAIN}/{word}"


_MAKERS: Final[dict[str, Callable[[str], str]]] = {
    "ADDRESS": _address,
    "LOCATION": _from("cities"),
    "LOCATION.county": _from("counties"),
    "LOCATION.state": _state,
    "LOCATION.zip": _zip,
    "LOCATION.country": _from("countries"),
    "FACILITY": _named("facilities", "facility_types"),
    "ORGANIZATION": _named("organizations", "organization_types"),
    "ID": same_shape,
    "ID.ssn": ssn,
    "PHONE": phone,
    "EMAIL": _email,
    "URL": _url,
    "IP": ip,
    "NAME.username": same_shape,
}


def make_surrogate(label: str, kind: str, text: str) -> str:
    """Return a random value of an entity in the shape of ``text``. Not for names of people."""
    maker = _MAKERS.get(f"{label}.{kind}") or _MAKERS[label]
    return maker(text)


def surrogate_key(label: str, comparable: str) -> Sequence[str]:
    """Return the mapping's key of a value: the same value has the same surrogate everywhere."""
    return ("value", label, comparable)
