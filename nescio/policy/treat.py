"""What is done to each mention of one document, and what stands in its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from nescio.policy.date_mentions import order_of, shift, to_year
from nescio.policy.dates import Order, read_date
from nescio.policy.draws import Draws, comparable
from nescio.policy.generalise import (
    generalise_age,
    generalise_country,
    generalise_zip,
)
from nescio.policy.identity import Identities
from nescio.policy.mapping import Mapping as PrivateMapping
from nescio.policy.model import Action, Policy, Rule
from nescio.policy.names import normal_form
from nescio.policy.precedence import Mention
from nescio.policy.shapes import RANDOM
from nescio.policy.subjects import people_over_89, shows_age_over_89, years_of
from nescio.policy.surrogate_names import roles_of, sex_and_origin, surrogate_name
from nescio.policy.surrogates import make_surrogate, surrogate_key

SMALLEST_SHIFT: Final = 7
"""Days by which a shift moves at least: less would leave the week as it was."""
UNWRITTEN: Final = frozenset({"face", "signature"})
"""Kinds of OTHER that are no text: their labels say what they are."""


class Treated(NamedTuple):
    """What a mention becomes; ``why`` is a rule's name and, after a slash, a detail."""

    action: Action
    replacement: str
    why: str


class Treatment:
    """Treats the mentions of one document, consistently for each person and value."""

    def __init__(
        self,
        policy: Policy,
        mentions: Sequence[Mention],
        persons: Sequence[int],
        texts: Mapping[int, str],
        mapping: PrivateMapping,
        place: tuple[str, ...],
        this_year: int,
    ) -> None:
        """Learn what the document says of its people.

        Args:
            policy: what to hide, and how.
            mentions: settled, in reading order.
            persons: the person of each mention, -1 for nobody.
            texts: paragraph -> text.
            mapping: the private mapping that draws come from.
            place: names document and run.
            this_year: the year in which the result is read.
        """
        self._policy, self._this_year = policy, this_year
        self._mentions, self._persons = mentions, persons
        self._texts = [texts[m.paragraph][m.start : m.end] for m in mentions]
        self._order = self._find_order()
        names = [text for mention, _, text in self._all() if mention.label == "NAME"]
        self._draws = Draws(mapping, self._texts, names)
        self._identities = Identities(place, mentions, persons, texts, mapping, self._birth_date)
        self._over_89 = people_over_89(
            (person, text) for mention, person, text in self._all() if mention.label == "AGE"
        )
        years = [
            year
            for mention, _, text in self._all()
            if mention.label == "DATE"
            for year in years_of(text, self._order, this_year)
        ]
        self._latest_year = max([this_year, *(year for year in years if year <= this_year + 1)])
        self._names: dict[int, list[str]] = defaultdict(list)
        for mention, person, text in self._all():
            if mention.label == "NAME" and person >= 0:
                self._names[person].append(text)
        self._numbers: dict[str, dict[tuple[str, ...], int]] = defaultdict(dict)

    def _all(self) -> list[tuple[Mention, int, str]]:
        return list(zip(self._mentions, self._persons, self._texts, strict=True))

    def _find_order(self) -> Order:
        if self._policy.date_order != "auto":
            return self._policy.date_order
        shown = order_of(text for mention, _, text in self._all() if mention.label == "DATE")
        return shown or "month"

    def _birth_date(self, text: str) -> str:
        written = read_date(text, self._order, self._this_year)
        return str(written.exact) if written and written.exact else ""

    def of(self, number: int, individual: bool) -> Treated:
        """Return what mention ``number`` becomes.

        Args:
            number: its place in the sequence of mentions.
            individual: whether it stands in individual patient data.
        """
        mention = self._mentions[number]
        rule = self._policy.rule(mention.label, mention.kind)
        name = self._policy.rule_name(mention.label, mention.kind)
        if mention.allowed:
            return Treated("keep", "", "allow-list")
        action = rule.action
        if individual and rule.individual is not None:
            action, name = rule.individual, f"{name}/individual"
        if "deny" in mention.sources:
            name = "deny-list"
            if action == "keep":
                action = "remove"
        return self._acts[action](self, number, rule, name)

    def _keep(self, number: int, rule: Rule, name: str) -> Treated:
        return Treated("keep", "", name)

    def _remove(self, number: int, rule: Rule, name: str) -> Treated:
        mention = self._mentions[number]
        said = mention.kind.upper() if mention.kind in UNWRITTEN else mention.label
        return Treated("remove", f"[{said}]" if self._policy.style == "label" else "", name)

    def _label(self, number: int, rule: Rule, name: str) -> Treated:
        mention, person = self._mentions[number], self._persons[number]
        of_person = mention.label == "NAME" and person >= 0
        value = (str(person),) if of_person else ("", *normal_form(self._texts[number]))
        known = self._numbers[mention.label]
        place = known.setdefault(value, len(known) + 1)
        return Treated("label", f"[{mention.label} {place}]", name)

    def _surrogate(self, number: int, rule: Rule, name: str) -> Treated:
        mention, text = self._mentions[number], self._texts[number]
        if mention.label == "NAME" and mention.kind != "username":
            new = self._surrogate_name(number)
        else:
            key = surrogate_key(mention.label, comparable(text))
            new = self._draws.value(key, lambda: make_surrogate(mention.label, mention.kind, text))
        if new is None or self._draws.is_original(new):
            return self._label(number, rule, f"{name}/no-surrogate")
        return Treated("surrogate", new, name)

    def _surrogate_name(self, number: int) -> str | None:
        person, text = self._persons[number], self._texts[number]
        names = self._names.get(person, [text])
        owner = self._identities.code(person) if person >= 0 else "/".join(normal_form(text))

        def draw(part: Sequence[str], make: Callable[[], str]) -> str | None:
            key = ("name", owner, *part)
            if part[0] == "initial":
                return self._draws.code(key, make)
            # Families are few and names many: another person may have to share one.
            return self._draws.value(key, make, distinct=part[0] == "family") or self._draws.value(
                key, make, distinct=False
            )

        return surrogate_name(text, roles_of(names), *sex_and_origin(names), draw)

    def _shift(self, number: int, rule: Rule, name: str) -> Treated:
        owner = self._identities.code(self._persons[number])

        def offset() -> int:
            return RANDOM.choice((-1, 1)) * RANDOM.randint(SMALLEST_SHIFT, rule.days)

        days = self._draws.days(("shift", owner), offset)
        moved = shift(self._texts[number], days, self._order, self._this_year)
        if moved is None:
            return self._remove(number, rule, f"{name}/unreadable")
        if moved == self._texts[number]:  # a year or month in which the moved day still lies
            return Treated("keep", "", f"{name}/unmoved")
        return Treated("shift", moved, name)

    def _generalise(self, number: int, rule: Rule, name: str) -> Treated:
        mention, text = self._mentions[number], self._texts[number]
        if rule.to == "year":
            years = years_of(text, self._order, self._this_year)
            over = self._persons[number] in self._over_89
            if shows_age_over_89(years, mention.kind, over, self._latest_year):
                return self._remove(number, rule, f"{name}/shows-age-over-89")
            new = to_year(text, self._order, self._this_year)
        elif rule.to == "age":
            new = generalise_age(text, rule.band)
        elif rule.to == "zip3":
            new = generalise_zip(text)
            name = f"{name}/zip3-restricted" if new == "000" else name
        else:
            new = generalise_country(text)
        if new is None:
            return self._remove(number, rule, f"{name}/unreadable")
        if new == text:
            return Treated("keep", "", f"{name}/general-enough")
        return Treated("generalise", new, name)

    _acts: Final[dict[Action, Callable[[Treatment, int, Rule, str], Treated]]] = {
        "keep": _keep,
        "remove": _remove,
        "label": _label,
        "surrogate": _surrogate,
        "shift": _shift,
        "generalise": _generalise,
    }
