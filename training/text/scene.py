"""Fills slots: one scene holds the people, dates and places that a text's templates share."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import yaml

from training.synthetic import slots
from training.synthetic.slots import Person, Pieces, Split
from training.text.forms import NAME_FORMS, TITLED

ROLES = {
    "patient": "patient",
    "relative": "relative",
    "mother": "relative",
    "father": "relative",
    "staff": "staff",
    "author": "author",
    "investigator": "investigator",
    "signatory": "signatory",
    "other": "",
}
TAILS = {
    "ssn": ("ID", "ssn"),
    "account": ("ID", "account"),
    "group": ("ID", "health_plan"),
    "study": ("ID", "study_id"),
    "kit": ("ID", ""),
    "pager": ("PHONE", ""),
}
"""Short numbers that identify by the words before them: last digits, pagers, kits."""
SEXES: dict[str, slots.Sex] = {"mother": "female", "father": "male"}
PRONOUNS = ("he", "his", "him", "man", "boy")
PROSE_DATES = (
    ("full", 62),
    ("daymonth", 18),
    ("monthyear", 12),
    ("year", 5),
    ("holiday", 1),
    ("range", 2),
)


@cache
def vocabulary() -> dict[str, list[str]]:
    """Return the word lists of ``data/words.yaml``."""
    path = Path(__file__).parent / "data" / "words.yaml"
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: [str(word) for word in entries] for name, entries in lists.items()}


class Scene:
    """What one text is about; slots of the same name agree with each other."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self.rng = rng
        self.split: Split = split
        self.today = slots.draw_date(rng)
        self.people: dict[str, Person] = {}
        self.kept: dict[str, str] = {}
        self.date_form = rng.random() < 0.6  # one text mostly keeps to one date format
        self.form = ""

    def person(self, key: str) -> Person:
        """Return the person called ``staff2``, ``author``, ...; drawn at the first call."""
        if key not in self.people:
            role = ROLES[key.rstrip("0123456789")]
            last = ""
            if role == "relative" and self.rng.random() < 0.6:
                last = self.person("patient").name.last
            self.people[key] = slots.make_person(
                self.rng, role, self.split, self.today, sex=SEXES.get(key), last=last
            )
        return self.people[key]

    def fill(self, name: str, style: str) -> Pieces:
        """Return the labelled pieces of a slot.

        Raises:
            KeyError: no such slot.
        """
        head, _, attribute = name.partition(".")
        if head.rstrip("0123456789") in ROLES:
            return self._of_person(head, attribute, style)
        if head in ("date", "when"):
            return self._date(attribute, style or ("mixed" if head == "when" else "full"))
        if head == "age":
            return self._age(attribute)
        if head == "years":
            return ((self._number("n", style), "AGE", ""),)
        if head == "tail":
            return ((str(self.rng.randint(1000, 99999)), *TAILS[attribute]),)
        if head in ("n", "f", "time", "bp", "pubyear"):
            return ((self._number(head, style), "", ""),)
        if head in vocabulary():
            word = self.rng.choice(vocabulary()[head])
            return ((_styled(word, style), "", ""),)
        if head.lower() in PRONOUNS:
            return self._of_person("patient", head, style)
        if head == "coined":
            return ((_styled(self._coined(), style), "", ""),)
        return self._thing(head, attribute, style)

    def _of_person(self, key: str, attribute: str, style: str) -> Pieces:
        person = self.person(key)
        kind = ROLES[key.rstrip("0123456789")]
        if attribute in NAME_FORMS or not attribute:
            text = NAME_FORMS[attribute or "name"](self.rng, person)
            kind = "username" if attribute == "username" else kind
            return ((_styled(text, style), "NAME", kind),)
        if attribute in TITLED:
            before, text, after = TITLED[attribute](self.rng, person)
            return tuple(
                p for p in ((before, "", ""), (text, "NAME", kind), (after, "", "")) if p[0]
            )
        if attribute.lower() in PRONOUNS:
            word = person.word(attribute.lower())
            return ((word.capitalize() if attribute[0].isupper() else word, "", ""),)
        if attribute == "rel":
            return ((self.rng.choice(vocabulary()[f"relation_{person.sex}"]), "", ""),)
        if attribute == "sex":
            long, short = person.sex, person.sex[0].upper()
            return ((self.rng.choice([long, short, long.capitalize(), short]), "", ""),)
        if attribute == "dob":
            return self._birth(person, style)
        return self._contact(person, attribute)

    def _contact(self, person: Person, attribute: str) -> Pieces:
        if attribute in ("job", "credentials"):
            return ((person.occupation if attribute == "job" else person.credentials, "", ""),)
        simple = {"phone": "PHONE", "email": "EMAIL", "url": "URL"}
        if attribute in simple:
            return ((getattr(person, attribute), simple[attribute], ""),)
        if attribute in slots.ID_KINDS:
            return ((person.id(attribute), "ID", attribute),)
        if attribute == "employer":
            return ((person.employer, "ORGANIZATION", "employer"),)
        if attribute == "fax":
            return ((slots.render_phone(self.rng, person.place.country), "PHONE", "fax"),)
        return self._place(attribute, person.place)

    def _place(self, attribute: str, place: slots.Place) -> Pieces:
        if attribute == "address":
            return slots.render_address(self.rng, place)
        if attribute == "address_lines":
            return slots.render_address(self.rng, place, lines=True)
        if attribute == "city_state":
            return slots.render_city_state(self.rng, place)
        if attribute == "street":
            return ((place.street, "ADDRESS", "street"),)
        values = {
            "city": place.city,
            "zip": place.zip,
            "state": place.region,
            "country": place.country_name,
        }
        if attribute in values:
            return ((values[attribute], "LOCATION", attribute),)
        raise KeyError(attribute)

    def _day(self, kind: str) -> datetime.date:
        shift = {"admission": -self.rng.randint(1, 12), "discharge": 0, "death": 0}
        days = shift.get(kind, -self.rng.choice([0, 0, 1, 3, 7, 30, 90, 365, 1200, 4000]))
        return self.today + datetime.timedelta(days=days)

    def _date(self, kind: str, style: str) -> Pieces:
        if kind == "birth":
            return self._birth(self.person("patient"), style)
        if style == "mixed":
            names, weights = zip(*PROSE_DATES, strict=True)
            style = self.rng.choices(names, weights)[0]
        if style == "full" and self.date_form:
            if not self.form:
                self.form = slots.draw_format(self.rng, "dates.full", self.split)
            text = slots.render_date(self.rng, self._day(kind), form=self.form)
        else:
            text = slots.render_date(self.rng, self._day(kind), style, self.split)
        return ((text, "DATE", kind),)

    def _birth(self, person: Person, style: str) -> Pieces:
        text = slots.render_date(self.rng, person.birth, style or "full", self.split)
        return ((text, "DATE", "birth"),)

    def _age(self, attribute: str) -> Pieces:
        person = self.person("patient")
        if attribute == "n":
            return ((str(person.age), "AGE", ""),)
        styles = {"": "adjective", "post": "apposition", "vague": "vague", "infant": "infant"}
        pieces = slots.render_age(
            self.rng, person.age, styles[attribute], self.split, person.word("his")
        )
        return tuple((text, "AGE" if span else "", "") for text, span in pieces)

    def _number(self, head: str, style: str) -> str:
        rng = self.rng
        if head == "time":
            text = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
            half = rng.choice(["am", "p.m.", "AM", "PM"])
            hour = f"{rng.randint(1, 12)}:{rng.randint(0, 59):02} {half}"
            return rng.choice([text, hour, text.replace(":", ""), f"{text} hrs", text])
        if head == "bp":
            return f"{rng.randint(88, 190)}/{rng.randint(48, 110)}"
        if head == "pubyear":
            return str(rng.randint(1975, 2024))
        low, high = re.fullmatch(r"(-?[\d.]+)-([\d.]+)", style or "1-30").groups()  # type: ignore[union-attr]
        if head == "n":
            return str(rng.randint(int(low), int(high)))
        return f"{rng.uniform(float(low), float(high)):.{rng.choice([1, 1, 2])}f}"

    def _coined(self) -> str:
        """Return a test, disease or formula named after a surname, so that frames decide."""
        rng = self.rng
        people = [slots.make_name(rng, "male", self.split) for _ in range(rng.choice((1, 1, 2)))]
        name = "-".join(person.last for person in people)
        possessive = rng.choice(("'s", "", "")) if len(people) == 1 else ""
        return f"{name}{possessive} {rng.choice(vocabulary()['eponym_noun'])}"

    def _thing(self, head: str, attribute: str, style: str) -> Pieces:
        rng, split, base = self.rng, self.split, head.rstrip("0123456789")
        if base in slots.ID_KINDS or base in ("subject", "site", "study"):
            kind = f"{base}_id" if base in ("subject", "site", "study") else base
            return ((self._keep(head, lambda: slots.render_id(rng, kind, split)), "ID", kind),)
        if base == "facility":
            text = self._keep(head, lambda: slots.draw_facility(rng, split))
            return ((_styled(text, style), "FACILITY", ""),)
        if base == "university":
            text = self._keep(head, lambda: rng.choice(slots.words("universities", split)))
            return ((text, "ORGANIZATION", ""),)
        if base in ("sponsor", "vendor", "employer", "insurer", "org"):
            kind = "" if base == "org" else base
            text = self._keep(head, lambda: slots.draw_organization(rng, kind, split))
            return ((_styled(text, style), "ORGANIZATION", kind),)
        if base == "county":
            return ((f"{rng.choice(slots.words('counties', split))} County", "LOCATION", "county"),)
        if base == "nation":
            return ((rng.choice(slots.words("countries", split)), "LOCATION", "country"),)
        if base == "job":
            return ((rng.choice(slots.words("occupations")), "", ""),)
        if base in ("phone", "fax"):
            country = slots.make_place(rng, split).country
            return ((slots.render_phone(rng, country), "PHONE", "fax" if base == "fax" else ""),)
        if base == "ip":
            return ((slots.render_ip(rng), "IP", ""),)
        if base == "email":
            return ((slots.render_email(rng, None, split), "EMAIL", ""),)
        if base == "url":
            return ((slots.render_url(rng, None, split), "URL", ""),)
        return self._place(base, slots.make_place(rng, split))

    def _keep(self, key: str, draw: Callable[[], str]) -> str:
        if key not in self.kept:
            self.kept[key] = draw()
        return self.kept[key]


def _styled(text: str, style: str) -> str:
    changes: dict[str, Callable[[str], str]] = {
        "upper": str.upper,
        "lower": str.lower,
        "cap": _capital,
    }
    return changes[style](text) if style in changes else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
