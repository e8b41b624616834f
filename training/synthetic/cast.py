"""The people of one document: every form of a name, every number, as a mention of its bearer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random

from training.synthetic import slots
from training.synthetic.contact import draw_place, invented_phone, npi
from training.synthetic.text import Text, join, mention

Piece = tuple[str, str, str]


def pieces(parts: Iterable[Piece], person: int = -1) -> Text:
    """Turn the pieces of an address into a text; a line break becomes a comma."""
    texts = []
    for plain, label, kind in parts:
        flat = plain.replace("\n", ", ")
        texts.append(mention(flat, label, kind, person) if label else Text(flat))
    return join("", texts)


@dataclass
class Actor:
    """Somebody in a document.

    Attributes:
        number: position in the document's list of people, the ``person`` of the gold.
        person: who it is.
        place: where they live or work.
        title: before the name (Mrs, Dr); never part of a mention.
        credentials: after the name (MD, RN); never part of a mention.
    """

    number: int
    person: slots.Person
    place: slots.Place
    title: str
    credentials: str
    rng: Random

    @property
    def role(self) -> str:
        """The kind of the person's names."""
        return self.person.role

    @property
    def female(self) -> bool:
        """Sex, as recorded."""
        return self.person.sex == "female"

    def _name(self, plain: str) -> Text:
        return mention(plain, "NAME", self.role, self.number)

    @property
    def _middle(self) -> str:
        return f" {self.person.name.middle[0]}." if self.person.name.middle else ""

    @property
    def full(self) -> Text:
        """Given name, middle initial if any, family name."""
        return self._name(f"{self.person.name.first}{self._middle} {self.person.name.last}")

    @property
    def short(self) -> Text:
        """Given and family name."""
        return self._name(self.person.name.full)

    @property
    def whole(self) -> Text:
        """All names written out."""
        name = self.person.name
        return self._name(" ".join(part for part in (name.first, name.middle, name.last) if part))

    @property
    def first(self) -> Text:
        """Given name alone."""
        return self._name(self.person.name.first)

    @property
    def last(self) -> Text:
        """Family name alone."""
        return self._name(self.person.name.last)

    @property
    def surname(self) -> Text:
        """Family name in capitals."""
        return self._name(self.person.name.last.upper())

    @property
    def listed(self) -> Text:
        """``Doe, Jane A.``."""
        return self._name(f"{self.person.name.last}, {self.person.name.first}{self._middle}")

    @property
    def banner(self) -> Text:
        """``DOE, Jane``."""
        return self._name(f"{self.person.name.last.upper()}, {self.person.name.first}")

    @property
    def capitals(self) -> Text:
        """``JANE DOE``."""
        return self._name(self.person.name.full.upper())

    @property
    def initials(self) -> Text:
        """``J.A.D.``."""
        return self._name("".join(f"{letter}." for letter in self.person.name.initials))

    @property
    def initialled(self) -> Text:
        """``J. Doe``."""
        return self._name(f"{self.person.name.first[0]}. {self.person.name.last}")

    @property
    def formal(self) -> Text:
        """``Mrs Doe``."""
        return join(" ", (self.title, self.last))

    @property
    def formal_full(self) -> Text:
        """``Mrs Jane Doe``."""
        return join(" ", (self.title, self.short))

    titled = formal

    @property
    def possessive(self) -> Text:
        """``Mrs Doe's``."""
        return self.formal + ("'" if self.person.name.last.endswith("s") else "'s")

    @property
    def signed(self) -> Text:
        """Full name with credentials."""
        return self.full + (f", {self.credentials}" if self.credentials else "")

    @property
    def street(self) -> Text:
        """Street and number."""
        return mention(self.place.street.replace("\n", ", "), "ADDRESS", "street", self.number)

    @property
    def city(self) -> Text:
        """City of residence."""
        return mention(self.place.city, "LOCATION", "city", self.number)

    @cached_property
    def address(self) -> Text:
        """The whole address on one line."""
        return pieces(slots.render_address(self.rng, self.place), self.number)

    @cached_property
    def town(self) -> Text:
        """The address without the street."""
        parts = [
            part for part in slots.render_address(self.rng, self.place) if part[1] != "ADDRESS"
        ]
        while parts and not parts[0][1]:
            parts.pop(0)
        return pieces(parts, self.number)

    @cached_property
    def phone(self) -> Text:
        """A telephone number of the person's country."""
        plain = invented_phone(self.rng, self.place.country)
        return mention(plain, "PHONE", "", self.number)

    @cached_property
    def mobile(self) -> Text:
        """Another number."""
        plain = invented_phone(self.rng, self.place.country)
        return mention(plain, "PHONE", "", self.number)

    @property
    def email(self) -> Text:
        """An e-mail address made from the name, at a host that is reserved for examples."""
        local = self.person.email.split("@")[0]
        hosts = ("example.org", "example.com", "mail.example.net", "post.example.org")
        host = hosts[len(local) % len(hosts)]
        return mention(f"{local}@{host}", "EMAIL", "", self.number)

    def id(self, kind: str) -> Text:
        """One of the person's numbers, a kind of ID."""
        if kind == "npi":
            plain = npi(self.rng)
        elif kind == "ssn" and self.place.country == "us":
            plain = slots.render_pattern(Random(self.person.seed), "499-99-9999")
        else:
            plain = self.person.id(kind)
        return mention(plain, "ID", kind, self.number)

    def age_on(self, day: dt.date) -> int:
        """Age in whole years on a day."""
        birth = self.person.birth
        return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))

    def age(self, day: dt.date) -> Text:
        """The number of years on a day, as a mention."""
        return mention(str(self.age_on(day)), "AGE", "", self.number)


class Cast:
    """Everybody in a document, numbered in order of appearance.

    Args:
        rng: source of all choices.
        country: where the document was written, a key of the places.
        today: the day on which it was written.
        split: ``train`` or ``heldout``: which names may be drawn.
    """

    def __init__(
        self, rng: Random, country: str, today: dt.date, split: slots.Split = "train"
    ) -> None:
        self.rng = rng
        self.country = country
        self.today = today
        self.split = split
        self.actors: list[Actor] = []

    def add(
        self,
        role: str,
        title: str = "",
        credentials: str = "",
        ages: tuple[int, int] = (30, 64),
        sex: slots.Sex | None = None,
        like: Actor | None = None,
        country: str = "",
    ) -> Actor:
        """Draw somebody.

        Args:
            role: a kind of NAME.
            title: Mr or Mrs by sex unless given.
            credentials: after the name.
            ages: on the document's day.
            sex: drawn unless given.
            like: a relative, for address and (mostly) family name.
            country: of residence, the document's unless given.
        """
        rng = self.rng
        last = like.person.name.last if like is not None and rng.random() < 0.7 else ""
        person = slots.make_person(rng, role, self.split, self.today, sex, last, ages)
        if like is not None and rng.random() < 0.6:
            place = like.place
        else:
            place = draw_place(rng, self.split, country or self.country)
        if not title:
            american = self.country == "us"
            forms = (
                (("Ms.", "Mrs.") if american else ("Mrs", "Ms")) if person.sex == "female" else ()
            )
            title = rng.choice(forms or (("Mr.",) if american else ("Mr",)))
        own = Random(rng.getrandbits(48))
        actor = Actor(len(self.actors), person, place, title, credentials, own)
        self.actors.append(actor)
        return actor

    def listing(self) -> list[dict[str, object]]:
        """Describe everybody for the gold file."""
        return [
            {
                "id": actor.number,
                "role": actor.role,
                "name": actor.whole.plain,
                "first": actor.first.plain,
                "last": actor.last.plain,
                "birth": actor.person.birth.isoformat(),
            }
            for actor in self.actors
        ]
