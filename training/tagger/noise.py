"""Tables of values, contents lines and abbreviation lists: numbers that are no identifiers."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import yaml

from training.tagger.sources import Example, Span


@lru_cache(maxsize=1)
def _lists() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(
        Path(__file__).with_name("tables.yaml").read_text(encoding="utf-8")
    )
    return found


def words(name: str) -> list[str]:
    """Return one list of ``tables.yaml``."""
    return _lists()[name]


def _value(rng: random.Random, style: str) -> str:
    if rng.random() < 0.05:
        return rng.choice(["NA", "-", "BLQ", "ND", "<100", "<0.1", ">1000", "."])
    if style == "integer":
        return str(rng.randint(0, rng.choice([9, 99, 600, 600, 5000])))
    if style == "decimal":
        return f"{rng.uniform(0, rng.choice([1, 10, 100, 1000])):.{rng.choice([1, 1, 2, 3])}f}"
    if style == "power":
        return f"{rng.uniform(1, 9.9):.{rng.choice([1, 3])}f}e{rng.randint(2, 14)}"
    return f"{rng.randint(1, 700)}({rng.randint(1, 9)})"


def table(rng: random.Random) -> Example:
    """Write some rows of a table of values; row codes are subject ids only where a head says so."""
    separator = rng.choice(["\t", "\t", "\t", "  ", " ", " | "])
    columns = rng.randint(1, 8)
    style = rng.choice(["integer", "decimal", "decimal", "power", "note"])
    text, spans = "", []
    subjects = rng.random() < 0.25
    coded = subjects or rng.random() < 0.4
    if subjects or rng.random() < 0.4:
        first = (
            rng.choice(["Subject", "Subject ID", "Patient", "Subject No."])
            if subjects
            else rng.choice(words("heads"))
        )
        text = (
            separator.join(
                [
                    first,
                    *(rng.choice(words("heads") + words("units")) for _ in range(columns)),
                ]
            )
            + "\n"
        )
    for _ in range(rng.randint(1, 4)):
        if coded:
            code = rng.choice(["P{:04}", "I{:05}", "{:05}", "{:02}M05", "{:03}-001"]).format(
                rng.randint(1, 99)
            )
            if subjects:
                spans.append(Span(len(text), len(text) + len(code), "ID", "subject_id"))
            text += code + separator
        else:
            text += rng.choice([*words("rows"), *words("heads"), *words("units")]) + separator
        text += separator.join(_value(rng, style) for _ in range(columns)) + "\n"
    return Example(text.rstrip("\n"), tuple(spans))


def line(rng: random.Random) -> Example:
    """Write a contents line, a list of days, a page number or an abbreviation."""
    n = rng.randint(1, 300)
    days = sorted(rng.sample(range(1, 200), rng.randint(2, 12)))
    term = rng.choice(words("terms"))
    section = ".".join(str(rng.randint(1, 16)) for _ in range(rng.randint(1, 4)))
    text = rng.choice(
        [
            f"{section} {term} {'.' * rng.randint(5, 60)} {n}",
            f"{section}\t{term}",
            f"- {n} -",
            f"- {n}",
            f"Page {n} of {n + 9}",
            f"{n}",
            f"{section}",
            ",".join(map(str, days)),
            ", ".join(map(str, days)),
            f"Days {', '.join(map(str, days))} of the dosing phase",
            f"Table {section}: {term} ({rng.choice(words('units'))})",
            "\t".join(["".join(rng.choices("ABCDEGILMNPRSTU", k=rng.randint(2, 5))), term]),
            f"Appendix {n}\t{term}\t{n}",
            f"{n} - {n + rng.randint(1, 40)}",
            f"{_value(rng, 'decimal')} {rng.choice(words('units'))}",
            f"{rng.randint(10, 40)}.{rng.randint(0, 9)}°C",
            f"Version {rng.randint(1, 20)}.{rng.randint(0, 9)}",
            f"{term}: {_value(rng, 'decimal')} to {_value(rng, 'integer')} mL",
            f"doi:10.{rng.randint(1000, 9999)}/j.{term[:5].lower()}.{n}",
            f"USP {term}",
            f"Article (dosage) {n % 9}M",
            f"{rng.randint(90, 160)}/{rng.randint(50, 99)} mmHg, pulse {n}",
            f"at least {n}, up to {n + 3} {term}",
        ]
    )
    return Example(text, ())


def compose(rng: random.Random) -> Example:
    """Draw a table or a line."""
    return table(rng) if rng.random() < 0.6 else line(rng)
