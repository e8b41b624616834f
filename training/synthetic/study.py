"""An invented clinical trial: sponsor, sites, investigators, subjects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from training.synthetic import slots
from training.synthetic.cast import Actor, Cast
from training.synthetic.dates import draw_habits
from training.synthetic.sources import data
from training.synthetic.text import Text, mention

COUNTRY_KEYS = {
    "United States": "us", "Germany": "de", "France": "fr", "Poland": "pl", "Spain": "es",
    "Japan": "jp", "Canada": "ca", "United Kingdom": "gb", "Italy": "it", "Brazil": "br",
    "South Africa": "za", "Australia": "au",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A study site: number, country's name, investigator, institution, city."""

    number: str
    country: str
    investigator: Actor
    facility: str
    city: str


@dataclass
class Subject:
    """A trial participant; ``number`` is the person of the gold."""

    number: int
    site: Site
    label: str  # as printed, with the site's number
    short: str
    birth: dt.date
    age: int
    female: bool
    race: str
    initials: str
    first_dose: dt.date
    active: bool
    height: int
    weight: int


class Study:
    """One trial.

    Args:
        rng: source of all choices.
        split: ``train`` or ``heldout``: which names and formats may be drawn.
    """

    def __init__(self, rng: Random, split: slots.Split = "train") -> None:
        self.rng = rng
        self.words = data("report")
        words, names = self.words, data("words")
        self.product = rng.choice(words["products"])
        self.indication, self.endpoint = rng.choice(words["indications"])
        self.phase = rng.choice(("2", "2b", "3", "3", "IIa", "III"))
        self.sponsor_name = rng.choice(names["sponsors"])
        self.vendor_names = rng.sample(names["vendors"], 2)
        initials = "".join(letter for letter in self.product.upper() if letter.isalpha())[:3]
        self.code = rng.choice(
            (f"{initials}-{rng.randint(101, 399)}", f"{initials}{rng.randint(1001, 9999)}")
        )
        self.registry = rng.choice(
            (
                f"NCT0{rng.randint(2000000, 5999999)}",
                f"20{rng.randint(14, 22)}-00{rng.randint(1000, 5999)}-{rng.randint(10, 79)}",
            )
        )
        self.started = dt.date(rng.randint(2014, 2021), rng.randint(1, 12), rng.randint(1, 28))
        self.ended = self.started + dt.timedelta(days=rng.randint(500, 900))
        self.reported = self.ended + dt.timedelta(days=rng.randint(120, 300))
        self.habits = draw_habits(rng, "study")
        self.sid_word = rng.choice(("Subject", "Subject", "Patient", "Subject No.", "Subj."))
        self._shape = rng.choice(
            ("{site}-{n:03d}", "{site}-{n:04d}", "{site}{n:03d}", "{site}/{n:03d}")
        )
        self._draw_people(split)
        self.subjects: list[Subject] = []

    def _draw_people(self, split: slots.Split) -> None:
        rng, names = self.rng, data("words")
        self.cast = cast = Cast(rng, "us", self.reported, split)
        self.sites: list[Site] = []
        countries = rng.sample(self.words["countries"], 6)
        for number in range(rng.randint(9, 14)):
            country = rng.choice(countries)
            key = COUNTRY_KEYS[country]
            title = rng.choice(("Dr", "Dr", "Prof.")) if key != "us" else "Dr."
            actor = cast.add("investigator", title, "MD", country=key)
            facility = rng.choice(names["hospitals"].get(key, names["hospitals"]["any"]))
            code = str(1001 + number) if len(self.code) < 7 else f"{(number + 1) * 7 + 3:03d}"
            self.sites.append(Site(code, country, actor, facility, actor.place.city))
        self.coordinator = self.sites[0].investigator
        self.monitor = cast.add("staff", "Dr", "MD")
        self.statistician = cast.add("author", "", "PhD")
        self.writer = cast.add("author", "", "PhD")
        self.manager = cast.add("staff", "", "")
        self.signatories = [cast.add("signatory", "Dr", "MD"), cast.add("signatory", "", "PhD")]
        self.references = [self._reference_names() for _ in range(24)]
        self.people_before_subjects = len(cast.actors)

    def _reference_names(self) -> list[str]:
        drawn = [slots.make_name(self.rng, self.rng.choice(("male", "female"))) for _ in range(3)]
        return [f"{name.last} {name.first[0]}{name.middle[:1]}" for name in drawn]

    @property
    def sponsor(self) -> Text:
        """The sponsor's name."""
        return mention(self.sponsor_name, "ORGANIZATION", "sponsor")

    @property
    def study(self) -> Text:
        """The protocol number."""
        return mention(self.code, "ID", "study_id")

    def vendor(self, index: int) -> Text:
        """A service provider's name."""
        return mention(self.vendor_names[index], "ORGANIZATION", "vendor")

    def site_number(self, site: Site) -> Text:
        """A site's number."""
        return mention(site.number, "ID", "site_id")

    def facility(self, site: Site) -> Text:
        """A site's institution."""
        return mention(site.facility, "FACILITY")

    def country(self, site: Site, person: int = -1) -> Text:
        """A site's country."""
        return mention(site.country, "LOCATION", "country", person)

    def sid(self, subject: Subject) -> Text:
        """A subject's number as printed."""
        return mention(subject.label, "ID", "subject_id", subject.number)

    def usubjid(self, subject: Subject) -> Text:
        """A subject's unique identifier: study and subject number."""
        return mention(f"{self.code}-{subject.label}", "ID", "subject_id", subject.number)

    def add_subject(self) -> Subject:
        """Enrol one more subject."""
        rng = self.rng
        site = rng.choice(self.sites)
        count = len(self.subjects) + 1
        first = self.started + dt.timedelta(days=rng.randint(0, 300))
        age = min(84, max(18, round(rng.gauss(54, 15))))
        birth = first - dt.timedelta(days=int(age * 365.25) + rng.randint(1, 360))
        subject = Subject(
            number=self.people_before_subjects + count - 1,
            site=site,
            label=self._shape.format(site=site.number, n=count),
            short=f"{count:03d}",
            birth=birth,
            age=age,
            female=rng.random() < 0.5,
            race=rng.choice(self.words["races"]),
            initials="".join(rng.choice("ABCDEFGHJKLMNPRSTVW") for _ in range(rng.choice((2, 3)))),
            first_dose=first,
            active=rng.random() < 0.66,
            height=rng.randint(148, 196),
            weight=rng.randint(47, 118),
        )
        self.subjects.append(subject)
        return subject

    def any_subject(self) -> Subject:
        """Draw a subject, enrolling the first ones when there are none yet."""
        while len(self.subjects) < 24:
            self.add_subject()
        return self.rng.choice(self.subjects)

    def people(self) -> list[dict[str, object]]:
        """Describe everybody for the gold file."""
        listed = self.cast.listing()
        listed += [
            {
                "id": subject.number,
                "role": "subject",
                "name": subject.label,
                "birth": subject.birth.isoformat(),
            }
            for subject in self.subjects
        ]
        return listed
