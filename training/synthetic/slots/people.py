"""People of a record: one draw fixes who somebody is, so that every mention agrees."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from functools import cached_property

from training.synthetic.slots import dates, places
from training.synthetic.slots.ids import render_id
from training.synthetic.slots.lists import Split, words
from training.synthetic.slots.names import Name, Sex, make_name

PRONOUNS = {
    "male": {"he": "he", "his": "his", "him": "him", "man": "man", "boy": "boy", "mr": "Mr."},
    "female": {"he": "she", "his": "her", "him": "her", "man": "woman", "boy": "girl", "mr": "Ms."},
}


@dataclass(frozen=True)
class Person:
    """Somebody in a record; contact data and identifiers are drawn when first asked for.

    Attributes:
        name: Parts of the name.
        sex: ``male`` or ``female``.
        birth: Day of birth.
        age: Whole years on ``today``.
        today: The day on which the record is written.
        role: A kind of the label NAME (``patient``, ``relative``, ``staff``, ...).
        split: ``train`` or ``heldout``; which names and formats may be drawn.
        seed: Of the draws that are made later.
    """

    name: Name
    sex: Sex
    birth: datetime.date
    age: int
    today: datetime.date
    role: str
    split: Split
    seed: int

    def _rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}/{purpose}")

    @cached_property
    def place(self) -> places.Place:
        """Where the person lives."""
        return places.make_place(self._rng("place"), self.split)

    @cached_property
    def phone(self) -> str:
        """A telephone number of the person's country."""
        return places.render_phone(self._rng("phone"), self.place.country)

    @cached_property
    def email(self) -> str:
        """An e-mail address made from the name."""
        return places.render_email(self._rng("email"), self.name, self.split)

    @cached_property
    def url(self) -> str:
        """A web address of the person or of the record."""
        return places.render_url(self._rng("url"), self.name, self.split)

    @cached_property
    def occupation(self) -> str:
        """What the person does; no identifier by itself, so without a label."""
        return self._rng("occupation").choice(words("occupations"))

    @cached_property
    def employer(self) -> str:
        """Where the person works."""
        return places.draw_organization(self._rng("employer"), "employer", self.split)

    @cached_property
    def credentials(self) -> str:
        """Degree written after a professional's name."""
        options = (
            "MD,M.D.,DO,RN,PhD,MD PhD,NP,PA-C,FRCP,MBBS,RPh,LCSW,BSN RN,Pharm.D.,DPT,FACS,CRNP"
        )
        return self._rng("credentials").choice(options.split(","))

    def id(self, kind: str) -> str:
        """Return the person's identifier of ``kind`` (one of ``ids.KINDS``), always the same."""
        return render_id(self._rng(f"id/{kind}"), kind, self.split)

    def word(self, name: str) -> str:
        """Return the word for the sex: ``he``, ``his``, ``him``, ``man``, ``boy``, ``mr``."""
        return PRONOUNS[self.sex][name]


def make_person(
    rng: random.Random,
    role: str = "patient",
    split: Split = "train",
    today: datetime.date | None = None,
    sex: Sex | None = None,
    last: str = "",
    ages: tuple[int, int] | None = None,
) -> Person:
    """Draw a person.

    Args:
        rng: Source of all draws; the same state gives the same person.
        role: Kind of the label NAME.
        split: Which names and formats may be drawn.
        today: Day of the record; drawn if not given.
        sex: Drawn if not given.
        last: Surname to take (relatives).
        ages: Least and greatest age; by role if not given.
    """
    day = today or dates.draw_date(rng)
    drawn: Sex = "male" if rng.random() < 0.5 else "female"
    chosen = sex or drawn
    low, high = ages or ((0, 104) if role == "patient" else (24, 75))
    if role == "patient" and ages is None and rng.random() < 0.75:
        low, high = 18, 95
    years = rng.randint(low, high)
    birth = datetime.date.fromordinal(day.toordinal() - int(years * 365.25) - rng.randint(1, 360))
    name = make_name(rng, chosen, split, last)
    return Person(name, chosen, birth, years, day, role, split, rng.getrandbits(48))
