"""Addresses and numbers of invented people: they reach nobody, and check digits are right."""

from __future__ import annotations

from random import Random

from training.synthetic import slots

_PHONES = (
    "({a}) #-%",
    "{a}-#-%",
    "{a}.#.%",
    "{a} # %",
    "+1 {a} # %",
    "1-{a}-#-%",
    "({a}) #-% x{e}",
)


def draw_place(rng: Random, split: slots.Split, country: str) -> slots.Place:
    """Draw an address where somebody can live: no post box."""
    while True:
        place = slots.make_place(rng, split, country)
        if "Box" not in place.street:
            return place


def invented_phone(rng: Random, country: str) -> str:
    """Return a phone number; in North America one that is kept for fiction (555-0100 to 0199)."""
    if country not in ("us", "ca"):
        return slots.render_phone(rng, country)
    form = rng.choice(_PHONES).replace("#", "555").replace("%", "01{d2}")
    return slots.render_phone(rng, country, form)


def npi(rng: Random) -> str:
    """Return a national provider identifier; its last digit is Luhn's, over 80840 + digits."""
    digits = "1" + "".join(rng.choice("0123456789") for _ in range(8))
    total = 0
    for place, digit in enumerate(reversed("80840" + digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)
