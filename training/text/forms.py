"""How templates may write a person's name: bare forms, and forms with a title or degree."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.synthetic import slots
from training.synthetic.slots import Person


def _cite(rng: random.Random, person: Person) -> str:
    initials = person.name.initials[:-1]
    return f"{person.name.last} {rng.choice([initials, '.'.join(initials) + '.'])}"


NAME_FORMS: dict[str, Callable[[random.Random, Person], str]] = {
    "name": lambda rng, p: slots.render_mixed(rng, p.name),
    "full": lambda rng, p: slots.render_full(rng, p.name),
    "short": lambda rng, p: slots.render_short(rng, p.name),
    "listed": lambda rng, p: slots.render_listed(rng, p.name),
    "initials": lambda rng, p: slots.render_initials(rng, p.name),
    "comma": lambda rng, p: f"{p.name.last}, {p.name.first}",
    "first": lambda rng, p: p.name.first,
    "middle": lambda rng, p: p.name.middle or p.name.first,
    "last": lambda rng, p: p.name.last,
    "nick": lambda rng, p: p.name.nick or p.name.first,
    "username": lambda rng, p: slots.render_username(rng, p.name),
    "cite": _cite,
}


def _mr(rng: random.Random, person: Person) -> tuple[str, str, str]:
    women = ["Mrs. ", "Ms. ", "Mrs ", "Ms ", "Miss ", "Mme ", "Frau "]
    men = ["Mr. ", "Mr. ", "Mr ", "Mr ", "Mister ", "Herr ", "Sr. ", "Sir "]
    weights = [8, 8, 5, 5, 2, 1, 1] if person.sex == "female" else [8, 8, 6, 6, 1, 1, 1, 1]
    title = rng.choices(women if person.sex == "female" else men, weights)[0]
    text = person.name.last if rng.random() < 0.8 else person.name.full
    return title, text, ""


def _dr(rng: random.Random, person: Person) -> tuple[str, str, str]:
    titles = ["Dr. ", "Dr ", "Doctor ", "Prof. ", "Professor ", "Dr.", "DR. ", "PD Dr. ", "Drs. "]
    title = rng.choices(titles, [20, 10, 2, 2, 1, 1, 2, 1, 0.3])[0]
    last = person.name.last
    text = rng.choices(
        [last, slots.render_full(rng, person.name), slots.render_short(rng, person.name)], [6, 3, 1]
    )[0]
    return title, text.upper() if title == "DR. " else text, ""


def _md(rng: random.Random, person: Person) -> tuple[str, str, str]:
    text = rng.choice([slots.render_full, slots.render_full, slots.render_short])(rng, person.name)
    return "", text, rng.choice([", ", ", ", " "]) + person.credentials


def _nurse(rng: random.Random, person: Person) -> tuple[str, str, str]:
    forms = [
        person.name.first,
        person.name.last,
        slots.render_short(rng, person.name),
        person.name.full,
    ]
    title = rng.choice(["RN ", "Nurse ", "Sister ", "CNA ", "nurse ", "S/N "])
    return title, rng.choice(forms), ""


TITLED: dict[str, Callable[[random.Random, Person], tuple[str, str, str]]] = {
    "mr": _mr,
    "dr": _dr,
    "md": _md,
    "nurse": _nurse,
}
"""Attribute of a person slot -> text before the name, the name, text after it."""
