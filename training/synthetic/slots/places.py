"""Addresses of many countries, facilities, organisations, and how to reach them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from training.synthetic.slots.lists import Split, read_lines, read_yaml, split_of, words
from training.synthetic.slots.names import Name, plain

US_SHARE = 0.6
STATES: dict[str, str] = read_yaml("words")["states"]

Pieces = tuple[tuple[str, str, str], ...]
"""Text in pieces ``(text, label, kind)``; the label ``""`` marks text that is no identifier."""


@dataclass(frozen=True)
class Place:
    """Where somebody lives: ``country`` is a key of ``places_world.yaml``."""

    country: str
    country_name: str
    city: str
    region: str
    region_name: str
    zip: str
    street: str
    form: str


@cache
def _us_cities(split: Split) -> tuple[list[tuple[str, str]], list[float]]:
    cities, weights = [], []
    for line in split_of(read_lines("cities_us.csv"), split):
        name, state, population = line.split(",")
        if state in STATES:
            cities.append((name, state))
            weights.append(max(float(population or 0), 100.0) ** 0.5)
    return cities, list(accumulate(weights))


@cache
def _world(split: Split) -> dict[str, dict[str, list[str]]]:
    keys = ("cities", "regions", "streets", "zips")
    return {
        country: {key: split_of(entry[key], split) for key in keys} | {"forms": entry["forms"]}
        for country, entry in read_yaml("places_world").items()
        if country != "us"
    }


def _us_street(rng: random.Random, split: Split) -> str:
    name = rng.choice(words("street_names", split))
    if rng.random() < 0.06:
        return f"{rng.choice(['P.O. Box', 'PO Box', 'P. O. Box'])} {rng.randint(1, 9999)}"
    text = f"{rng.randint(1, 9999)} {name} {rng.choice(words('street_types'))}"
    if rng.random() < 0.15:
        text += rng.choice([" N", " SW", " NE", " West", " E."])
    if rng.random() < 0.25:
        unit = rng.choice(words("units")).format(n=rng.randint(1, 999), d=rng.randint(1, 30))
        text += rng.choice([", ", " ", ", "]) + unit
    return text


def make_place(rng: random.Random, split: Split = "train", country: str = "") -> Place:
    """Draw an address; ``country`` is a key of ``places_world.yaml``."""
    chosen = country or ("us" if rng.random() < US_SHARE else rng.choice(sorted(_world(split))))
    if chosen == "us":
        cities, cumulated = _us_cities(split)
        city, state = rng.choices(cities, cum_weights=cumulated)[0]
        plus4 = f"-{rng.randint(1, 9999):04}" if rng.random() < 0.12 else ""
        return Place(
            "us", rng.choice(["USA", "United States", "U.S.A."]), city, state,
            STATES[state], f"{rng.randint(501, 99950):05}{plus4}",
            _us_street(rng, split), "",
        )  # fmt: skip
    world = _world(split)[chosen]
    form = rng.choice(world["forms"])
    street_form, _, place_form = form.partition("|")
    street = street_form.format(
        n=rng.randint(1, 280), street=rng.choice(world["streets"]), unit=rng.randint(1, 60)
    )
    region = rng.choice(world["regions"])
    return Place(
        chosen, read_yaml("places_world")[chosen]["country"], rng.choice(world["cities"]), region,
        region, rng.choice(world["zips"]), street, place_form,
    )  # fmt: skip


def _us_tail(rng: random.Random, place: Place, joint: str) -> Pieces:
    state = place.region if rng.random() < 0.8 else place.region_name
    return (
        (joint, "", ""),
        (place.city, "LOCATION", "city"),
        (rng.choice([", ", ", ", ", ", " ", ","]), "", ""),
        (state, "LOCATION", "state"),
        (rng.choice([" ", " ", "  ", ", "]), "", ""),
        (place.zip, "LOCATION", "zip"),
    )


def render_address(rng: random.Random, place: Place, lines: bool = False) -> Pieces:
    """Write street, place and code; the street is ADDRESS, the rest LOCATION by kind."""
    street = (place.street, "ADDRESS", "street")
    if place.country == "us":
        joint = "\n" if lines else rng.choice([", ", ", ", " ", "; ", "\n"])
        return (street, *_us_tail(rng, place, joint))
    values = {
        "{city}": (place.city, "LOCATION", "city"),
        "{region}": (place.region, "LOCATION", "state"),
        "{zip}": (place.zip, "LOCATION", "zip"),
    }
    parts = re.split(r"(\{\w+\})", place.form)
    return (street, *(values.get(part, (part, "", "")) for part in parts if part))


def render_city_state(rng: random.Random, place: Place) -> Pieces:
    """Write ``Springfield, IL`` or ``Leeds, United Kingdom`` in labelled pieces."""
    city = (place.city, "LOCATION", "city")
    if place.country == "us":
        state = place.region if rng.random() < 0.6 else place.region_name
        return (city, (", ", "", ""), (state, "LOCATION", "state"))
    if rng.random() < 0.5:
        return (city,)
    return (city, (", ", "", ""), (place.country_name, "LOCATION", "country"))


def render_phone(rng: random.Random, country: str = "us", form: str = "") -> str:
    """Write a telephone number as people of the country do."""
    chosen = form or rng.choice(read_yaml("places_world")[country]["phones"])

    def digits(match: re.Match[str]) -> str:
        count = int(match.group(1) or 1)
        return f"{rng.randint(10 ** (count - 1), 10**count - 1)}"

    filled = re.sub(r"\{d(\d?)\}", digits, chosen)
    exchange = "555" if rng.random() < 0.3 else str(rng.randint(200, 999))
    return filled.format(
        a=rng.randint(201, 989), b=exchange, c=f"{rng.randint(0, 9999):04}", e=rng.randint(1, 9999)
    )


def render_email(rng: random.Random, name: Name | None, split: Split = "train") -> str:
    """Write an e-mail address, of a person or of an office."""
    host = rng.choice(words("email_hosts", split))
    if name is None:
        return f"{rng.choice(['info', 'records', 'appointments', 'billing', 'contact'])}@{host}"
    first, last = plain(name.first), plain(name.last)
    number = rng.randint(1, 1999)
    forms = [f"{first}.{last}", f"{first[0]}{last}", f"{first}{last}{number}", f"{last}.{first[0]}"]
    forms += [f"{first}_{last}", f"{first}{number}", f"{first[0]}.{last}+med", f"{last}-{first}"]
    text = f"{rng.choice(forms)}@{host}"
    return rng.choice([text.upper(), text.title()]) if rng.random() < 0.05 else text


def render_url(rng: random.Random, name: Name | None, split: Split = "train") -> str:
    """Write a web address that leads to a person or a record."""
    host = rng.choice(words("url_hosts", split))
    slug = (
        f"{plain(name.first)}{rng.choice(['', '-', '.'])}{plain(name.last)}" if name else "record"
    )
    tails = [slug, f"patient/{rng.randint(100, 999999)}", f"{slug}{rng.randint(1, 99)}"]
    tails += [f"results?id={rng.randint(10000, 9999999)}", f"p/{rng.getrandbits(40):x}"]
    scheme = rng.choice(["https://", "https://", "http://", "", "www."])
    return f"{scheme}{host}/{rng.choice(tails)}".replace("www.www.", "www.")


def render_ip(rng: random.Random) -> str:
    """Write an IPv4 or, one time in six, an IPv6 address."""
    if rng.random() < 1 / 6:
        groups = [f"{rng.getrandbits(16):x}" for _ in range(rng.choice([8, 8, 4]))]
        return ":".join(groups) if len(groups) == 8 else f"2001:db8::{':'.join(groups[:3])}"
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


def draw_facility(rng: random.Random, split: Split = "train", place: Place | None = None) -> str:
    """Draw the name of a hospital, practice, laboratory, home or school."""
    roll = rng.random()
    if roll < 0.2:
        text = rng.choice(split_of(read_lines("hospitals_us.txt"), split))
        return (
            text
            if rng.random() < 0.25
            else re.sub(r"\b(Of|And|The|At|For)\b", _lower, text.title()).replace("'S", "'s")
        )
    if roll < 0.28:
        return rng.choice(words("facility_famous", split))
    if roll < 0.36:
        return rng.choice(words("facility_world", split))
    kind = rng.choice(words("facility_types", split))
    head = rng.choice(words("facility_adjectives", split))
    if roll < 0.5:
        return f"{rng.choice(words('saints', split))} {kind}"
    city = place.city if place else make_place(rng, split, "us").city
    return rng.choice(
        [f"{city} {head} {kind}", f"{city} {kind}", f"{head} {kind}", f"{head} {kind} of {city}"]
    )


def _lower(match: re.Match[str]) -> str:
    return match.group(0).lower()


def draw_organization(rng: random.Random, kind: str = "", split: Split = "train") -> str:
    """Draw an organisation: kind sponsor, vendor, employer, insurer, or ``""`` for another."""
    if kind == "insurer":
        return rng.choice(words("insurers", split))
    if not kind:
        return rng.choice(words(rng.choice(["universities", "agencies"]), split))
    if rng.random() < 0.4:
        return rng.choice(words(f"{kind}s_real", split))
    types = {"sponsor": "pharma_types", "vendor": "vendor_types", "employer": "employer_types"}
    text = f"{rng.choice(words('org_roots', split))} {rng.choice(words(types[kind], split))}"
    if rng.random() < 0.45:
        text += rng.choice([" ", ", "]) + rng.choice(words("org_suffixes"))
    return text
