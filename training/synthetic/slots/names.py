"""People's names of many origins, and the ways in which records write them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import Literal

from training.synthetic.slots.lists import Split, is_held_out, read_lines

Sex = Literal["male", "female"]

US_SHARE = 0.5  # of names drawn from the US Census, the rest from all other origins alike
FLAT_SHARE = 0.4  # of census draws that ignore frequency, so that rare names are seen
MIDDLE_SHARE = 0.45
DOUBLE_SHARE = 0.06  # hyphenated surnames

_SMALL = {"van", "der", "den", "de", "von", "zu", "la", "del", "dos", "da", "di", "ter", "ten"}


@dataclass(frozen=True)
class Name:
    """One person's name in its parts; ``middle`` and ``nick`` may be empty."""

    first: str
    middle: str
    last: str
    nick: str
    origin: str
    family_first: bool

    @property
    def full(self) -> str:
        """First and last name in usual case."""
        return f"{self.first} {self.last}"

    @property
    def initials(self) -> str:
        """Capital first letters, for example ``JAS``."""
        return "".join(part[0].upper() for part in (self.first, self.middle, self.last) if part)


def title_case(name: str) -> str:
    """Write a census name (``MCDONALD``) as its bearers do (``McDonald``)."""
    lowered = name.lower()
    if lowered.startswith("mc") and len(lowered) > 4:
        return "Mc" + lowered[2:].capitalize()
    return lowered.capitalize()


@cache
def _census(part: str, split: Split) -> tuple[list[str], list[float]]:
    names, weights = [], []
    for line in read_lines("names_us.tsv"):
        kind, name, percent = line.split("\t")
        if kind == part and is_held_out(name) == (split == "heldout"):
            names.append(title_case(name))
            weights.append(max(float(percent), 0.0005))
    return names, list(accumulate(weights))


@cache
def _origins(split: Split) -> dict[str, dict[str, list[str]]]:
    """Return origin -> part -> names; an origin left without names of a part is dropped."""
    origins: dict[str, dict[str, list[str]]] = {}
    for file in ("names_by_origin.tsv", "names_romanised.tsv"):
        for line in read_lines(file):
            origin, part, names = line.split("\t")
            kept = [n for n in names.split(",") if is_held_out(n) == (split == "heldout")]
            if kept:
                origins.setdefault(origin, {}).setdefault(part, []).extend(kept)
    return {key: parts for key, parts in origins.items() if len(parts) == 3}


@cache
def _nicknames() -> dict[str, list[str]]:
    return {
        line.split("\t")[0]: line.split("\t")[1].split(",") for line in read_lines("nicknames.tsv")
    }


def _from_census(rng: random.Random, part: str, split: Split) -> str:
    names, cumulated = _census(part, split)
    if rng.random() < FLAT_SHARE:
        return rng.choice(names)
    return rng.choices(names, cum_weights=cumulated)[0]


def make_name(rng: random.Random, sex: Sex, split: Split = "train", last: str = "") -> Name:
    """Draw a name; ``last`` fixes the surname (relatives)."""
    if rng.random() < US_SHARE:
        origin = "us"
        first, middle = _from_census(rng, sex, split), _from_census(rng, sex, split)
        family = _from_census(rng, "family", split)
        second = _from_census(rng, "family", split)
    else:
        origins = _origins(split)
        origin = rng.choice(sorted(origins))
        parts = origins[origin]
        first, middle = rng.choice(parts[sex]), rng.choice(parts[sex])
        family, second = rng.choice(parts["family"]), rng.choice(parts["family"])
        if rng.random() < 0.25:  # people of one origin often bear a first name of the country
            first = _from_census(rng, sex, split)
    if rng.random() < DOUBLE_SHARE and " " not in family:
        family = (
            f"{family}{rng.choice('- ')}{second}" if origin != "spanish" else f"{family} {second}"
        )
    nicks = [n for n in _nicknames().get(first, []) if is_held_out(n) == (split == "heldout")]
    return Name(
        first=first,
        middle=middle if rng.random() < MIDDLE_SHARE and middle != first else "",
        last=last or family,
        nick=rng.choice(nicks) if nicks else "",
        origin=origin,
        family_first=origin in ("chinese", "korean", "japanese", "hungarian", "vietnamese")
        and rng.random() < 0.4,
    )


def with_last(name: Name, last: str) -> Name:
    """Return the name with another surname."""
    return replace(name, last=last)


def _capital_particle(last: str) -> str:
    head, _, rest = last.partition(" ")
    return f"{head.capitalize()} {rest}" if head in _SMALL and rest else last


def _dotted(name: Name, rng: random.Random) -> str:
    joint = rng.choice([".", ". ", ""])
    text = joint.join(name.initials) + (joint.strip() if joint else "")
    return text if len(text) > 1 else text + "."


def _middle(name: Name, dot: str = ".") -> str:
    return f" {name.middle[0]}{dot}" if name.middle else ""


def render_full(rng: random.Random, name: Name) -> str:
    """Write first and last name as running text does: with or without middle name."""
    if name.family_first:
        return f"{name.last} {name.first}"
    roll = rng.random()
    if roll < 0.55 or not name.middle:
        return name.full
    if roll < 0.85:
        return f"{name.first}{_middle(name, rng.choice(['.', '.', '']))} {name.last}"
    return f"{name.first} {name.middle} {name.last}"


def render_short(rng: random.Random, name: Name) -> str:
    """Write an abbreviated name: ``Anna S.``, ``J. Smith``, ``A.S. Smith``, ``Smith J``."""
    first, last = name.first[0], name.last
    forms = [f"{name.first} {last[0].upper()}.", f"{first}. {last}", f"{first} {last}"]
    forms += [f"{last} {first}", f"{last} {first}.", f"{last}, {first}."]
    if name.middle:
        forms += [f"{first}.{name.middle[0]}. {last}", f"{first}. {name.middle[0]}. {last}"]
        forms += [f"{last} {first}{name.middle[0]}", f"{first}{name.middle[0]} {last}"]
    return rng.choice(forms)


def render_listed(rng: random.Random, name: Name) -> str:
    """Write the surname first: ``SMITH, JOHN A``, ``Smith, John``, ``Smith,John``."""
    last = _capital_particle(name.last)
    comma = rng.choice([", ", ", ", ", ", ",", " , "])
    text = f"{last}{comma}{name.first}" + (
        _middle(name, rng.choice(["", "."])) if name.middle else ""
    )
    if rng.random() < 0.12:
        text += rng.choice([" Jr", " Jr.", " III", " Sr.", " II"])
    roll = rng.random()
    if roll < 0.45:
        return text.upper()
    return f"{last.upper()}{comma}{name.first}" if roll < 0.6 else text


def render_initials(rng: random.Random, name: Name) -> str:
    """Write initials only: ``J.S.``, ``JS``, ``J. S.``."""
    return _dotted(name, rng)


def render_mixed(rng: random.Random, name: Name) -> str:
    """Draw any way of writing a name in running text, full forms most often."""
    roll = rng.random()
    if roll < 0.66:
        text = render_full(rng, name)
    elif roll < 0.78:
        text = render_short(rng, name)
    elif roll < 0.86:
        text = render_listed(rng, name)
    elif roll < 0.92 and name.nick:
        text = rng.choice(
            [f"{name.nick} {name.last}", f'{name.first} "{name.nick}" {name.last}', name.nick]
        )
    else:
        text = name.full
    if rng.random() < 0.06:
        text = text.upper()
    return text.lower() if rng.random() < 0.02 else text


def render_username(rng: random.Random, name: Name) -> str:
    """Write a log-in name: ``jsmith04``, ``smith.j``, ``SMITHJ``."""
    first, last = plain(name.first), plain(name.last)
    number = str(rng.randint(1, 99))
    forms = [
        f"{first[0]}{last}",
        f"{first[0]}{last}{number}",
        f"{first}.{last}",
        f"{last}{first[0]}",
    ]
    forms += [
        f"{first}_{last}",
        f"{last[:5]}{first[:2]}{number}",
        f"{first}{number}",
        f"@{first}{last}",
    ]
    text = rng.choice(forms)
    return text.upper() if rng.random() < 0.25 else text


def plain(text: str) -> str:
    """Reduce to small ASCII letters for addresses; a name without any becomes ``user``."""
    kept = "".join(c for c in text.lower() if c.isascii() and c.isalpha())
    return kept or "user"
