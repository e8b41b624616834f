"""The story of one medical record: who, where, when, which illness; and its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from random import Random

from training.synthetic import slots
from training.synthetic.cast import Actor, Cast
from training.synthetic.contact import draw_place, invented_phone
from training.synthetic.dates import draw_habits
from training.synthetic.fill import Deck, fill
from training.synthetic.sources import data
from training.synthetic.text import Text, Textual, join, mention

COUNTRIES = (
    ("us",) * 6
    + ("gb",) * 2
    + ("ca", "de", "fr", "es", "it", "nl", "au", "in", "jp", "br", "pl", "za")
)

_DAYS = {"adm": "admission", "dis": "discharge", "mid": "visit", "next": "visit", "birth": "birth"}
_WORDS = {
    "he": ("he", "she"),
    "his": ("his", "her"),
    "him": ("him", "her"),
    "man": ("man", "woman"),
}


class Story:
    """One patient's stay; answers every slot of the templates in ``data/record.yaml``.

    Args:
        rng: source of all choices.
        split: ``train`` or ``heldout``: which names and formats may be drawn.
    """

    def __init__(self, rng: Random, split: slots.Split = "train") -> None:
        self.rng = rng
        self.country = rng.choice(COUNTRIES)
        self.split = split
        self.case = rng.choice(data("cases"))
        self.admitted = dt.date.fromordinal(
            rng.randint(dt.date(2012, 1, 1).toordinal(), dt.date(2024, 11, 30).toordinal())
        )
        self.discharged = self.admitted + dt.timedelta(days=rng.randint(5, 17))
        self.habits = draw_habits(rng, "us" if self.country == "us" else "other")
        self._reached = 0
        self.weight, self.haemoglobin = rng.uniform(54, 98), rng.uniform(9.4, 13.8)
        for name, value, *_ in self.case["labs"]:
            if name == "Haemoglobin":
                self.haemoglobin = int(value) / 10
        self._draw_people()
        self._draw_places()
        texts = data("record")
        self.decks = {
            name: Deck(texts[name], rng) for name in texts if isinstance(texts[name][0], str)
        }

    def _draw_people(self) -> None:
        rng, case = self.rng, self.case
        self.cast = cast = Cast(rng, self.country, self.discharged, self.split)
        self.patient = cast.add("patient", ages=tuple(case["ages"]), sex=case.get("sex"))
        self._draw_relative()
        doctors = (
            ("MD", "MD, PhD", "MD, FACC") if self.country == "us" else ("", "FRCP", "PhD", "MD")
        )
        title = "Dr." if self.country == "us" else "Dr"
        professor = "Prof." if self.country != "us" and rng.random() < 0.3 else title
        self.attending = cast.add("staff", professor, rng.choice(doctors))
        self.referrer = cast.add("staff", title, rng.choice(doctors))
        self.nurse = cast.add("staff", "", "RN" if self.country == "us" else "")
        self.second = cast.add("staff", title, rng.choice(doctors))

    def _draw_relative(self) -> None:
        age = self.patient.age_on(self.admitted)
        fitting = [
            row for row in data("words")["relations"] if age + row[2] >= 18 and age + row[3] <= 96
        ]
        female, male, youngest, oldest = self.rng.choice(fitting)
        ages = (age + youngest, age + oldest)
        self.relative = self.cast.add("relative", ages=ages, like=self.patient)
        self.relation = female if self.relative.female else male

    def _draw_places(self) -> None:
        rng, words = self.rng, data("words")
        local = words["hospitals"].get(self.country, [])
        self.hospital_name = rng.choice(local or words["hospitals"]["any"])
        self.site = draw_place(rng, self.split, self.country)
        self.clinic = Actor(
            -1, self.attending.person, self.site, "", "", Random(rng.getrandbits(48))
        )
        self.department = rng.choice(self.case["department"])
        self.ward = rng.choice(words["wards"])

    @property
    def hospital(self) -> Text:
        """The hospital that writes."""
        return mention(self.hospital_name, "FACILITY")

    @cached_property
    def hospital2(self) -> Text:
        """Another hospital."""
        return mention(slots.draw_facility(self.rng, self.split, self.patient.place), "FACILITY")

    @cached_property
    def insurer(self) -> Text:
        """The patient's insurer."""
        return mention(self.rng.choice(data("words")["insurers"]), "ORGANIZATION", "insurer")

    @property
    def works(self) -> bool:
        """Whether the patient is of working age."""
        return 18 <= self.patient.age_on(self.admitted) < 66

    @property
    def occupation(self) -> str:
        """What the patient does or did; no identifier by itself."""
        trade = self.patient.person.occupation
        return trade if self.works or "retired" in trade else f"retired {trade}"

    @cached_property
    def employer(self) -> Text:
        """The patient's employer."""
        return mention(self.rng.choice(data("words")["employers"]), "ORGANIZATION", "employer")

    @cached_property
    def office_phone(self) -> Text:
        """The hospital's telephone number."""
        return mention(invented_phone(self.rng, self.country), "PHONE")

    @cached_property
    def fax(self) -> Text:
        """The hospital's fax number."""
        return mention(invented_phone(self.rng, self.country), "PHONE", "fax")

    @cached_property
    def referrer_fax(self) -> Text:
        """The referring doctor's fax number."""
        return mention(invented_phone(self.rng, self.country), "PHONE", "fax")

    @property
    def _host(self) -> str:
        words = "".join(c if c.isascii() and c.isalpha() else " " for c in self.hospital_name)
        return "-".join(words.lower().split()[:3]) + ".example.org"

    @property
    def website(self) -> Text:
        """The hospital's site."""
        return mention(f"www.{self._host}", "URL")

    @property
    def office_mail(self) -> Text:
        """The department's e-mail address."""
        return mention(f"{self.department.split()[-1].lower()}@{self._host}", "EMAIL")

    @cached_property
    def device(self) -> Text:
        """Serial number of an implant or a machine."""
        return "ref. " + self.patient.id("device")

    @cached_property
    def specimen(self) -> Text:
        """Number of a specimen."""
        return self.patient.id("specimen")

    def day(self, name: str) -> dt.date:
        """Draw a day of the named phase; admission and discharge are fixed."""
        stay = (self.discharged - self.admitted).days
        shift = {
            "adm": 0,
            "dis": stay,
            "mid": self._middle_day(stay) if name == "mid" else 0,
            "next": stay + self.rng.randint(7, 60),
            "onset": -self.rng.randint(2, 12),
            "past": -self.rng.randint(300, 4000),
        }
        if name == "birth":
            return self.patient.person.birth
        return self.admitted + dt.timedelta(days=shift[name])

    def _middle_day(self, stay: int) -> int:
        """Draw a day of the stay not before the one drawn last, so that a section runs forward."""
        self._reached = min(stay - 1, self._reached + self.rng.choice((0, 1, 1, 2, 3)))
        return max(1, self._reached)

    def date(self, name: str, form: str = "short") -> Text:
        """Write a day of the named phase: ``short``, ``long``, ``partial`` or ``month``."""
        write = getattr(self.habits, form)
        return write(self.day(name), _DAYS.get(name, ""), self.patient.number)  # type: ignore[no-any-return]

    def lookup(self, slot: str) -> Textual:
        """Answer one slot of a template.

        Raises:
            KeyError: no such slot.
        """
        name, _, form = slot.partition(".")
        people = {
            "p": self.patient,
            "r": self.relative,
            "a": self.attending,
            "g": self.referrer,
            "n": self.nurse,
            "s": self.second,
        }
        if name in people:
            found: Textual = getattr(people[name], form)
            return found
        if name in ("adm", "dis", "mid", "next", "past", "birth"):
            return self.date(name, form)
        if name == "onset":
            return self.date(name, form or "partial")
        if name.lower() in _WORDS:
            word = _WORDS[name.lower()][self.patient.female]
            return word.capitalize() if name[0].isupper() else word
        return self._thing(name)

    def _thing(self, name: str) -> Textual:
        patient = self.patient
        age = patient.age_on(self.admitted)
        answers: dict[str, Callable[[], Textual]] = {
            "age": lambda: patient.age(self.admitted),
            "age_then": lambda: mention(str(age - 6), "AGE", "", patient.number),
            "occupation": lambda: self.occupation,
            "an_occupation": lambda: _with_article(self.occupation),
            "relation": lambda: self.relation,
            "complaint": lambda: self.rng.choice(self.case["complaint"]),
            "city2": lambda: mention(
                slots.make_place(self.rng, self.split).city, "LOCATION", "city", patient.number
            ),
            "dept2": lambda: self.rng.choice(data("words")["departments"]),
            "weight": lambda: f"{self.weight + self.rng.uniform(-0.4, 0.4):.1f}",
            "hb": lambda: f"{self.haemoglobin + self.rng.uniform(-0.3, 0.3):.1f}",
            "gfax": lambda: self.referrer_fax,
            "desk": lambda: self.office_phone,
            "office": lambda: self.office_mail,
            "url": lambda: self.website,
            "username": lambda: mention(
                slots.render_username(Random(patient.person.seed), patient.person.name),
                "NAME", "username", patient.number,
            ),
            "mrn": lambda: patient.id("mrn"),
            "account": lambda: patient.id("account"),
            "plan": lambda: patient.id("health_plan"),
        }  # fmt: skip
        if name in answers:
            return answers[name]()
        found: Textual = getattr(self, name)
        return found

    def say(self, template: str) -> Text:
        """Fill one template."""
        return fill(template, self.lookup, self.rng)

    def sentences(self, deck: str, count: int) -> Text:
        """Say the next templates of a deck, one after the other."""
        return join(" ", (self.say(template) for template in self.decks[deck].deal(count)))

    def of_case(self, section: str) -> Text:
        """Say what the case has for a section."""
        self._reached = 0
        return join(" ", (self.say(template) for template in self.case[section]))


def _with_article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun
