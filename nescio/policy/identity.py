"""Who a person of a document is across documents and runs: a random code, found again by ids."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from nescio.policy.draws import comparable
from nescio.policy.mapping import Mapping as PrivateMapping
from nescio.policy.names import normal_form
from nescio.policy.precedence import Mention

STRONG_IDS: Final = ("ssn", "mrn", "health_plan", "passport")
"""Kinds of id that are one person's wherever they stand."""


class Identities:
    """Gives each person of a document a code, by which shifts and names are drawn.

    The code is random. The mapping keeps it under what identifies the person: strong ids; a
    subject id together with the study's; name and birth date together; else only the place in
    this document. The first that is known decides, and the others are learnt.
    """

    def __init__(
        self,
        place: tuple[str, ...],
        mentions: Sequence[Mention],
        persons: Sequence[int],
        texts: Mapping[int, str],
        mapping: PrivateMapping,
        birth_date: Callable[[str], str],
    ) -> None:
        """Learn what identifies the persons of one document.

        Args:
            place: names the document (and run): where nothing else identifies a person.
            mentions: of the document.
            persons: the person of each mention, -1 for nobody.
            texts: paragraph -> text.
            mapping: the private mapping.
            birth_date: gives a written date in one form, or ``""``.
        """
        self._place, self._mapping = place, mapping
        self._codes: dict[int, str] = {}
        self._keys: dict[int, list[tuple[str, ...]]] = defaultdict(list)
        found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        studies: set[str] = set()
        for mention, person in zip(mentions, persons, strict=True):
            text = texts[mention.paragraph][mention.start : mention.end]
            entity = f"{mention.label}.{mention.kind}"
            if entity == "ID.study_id":
                studies.add(comparable(text))
            if person < 0:
                continue
            if mention.label == "NAME":
                found[person][entity].add(" ".join(normal_form(text)))
            elif entity == "DATE.birth":
                found[person][entity].add(birth_date(text))
            else:
                found[person][entity].add(comparable(text))
        study = studies.pop() if len(studies) == 1 else ""
        for person, values in found.items():
            self._keys[person] = _keys(values, study)

    def code(self, person: int) -> str:
        """Return the person's code; -1 stands for the document as a whole."""
        if person not in self._codes:
            self._codes[person] = self._find(person)
        return self._codes[person]

    def _find(self, person: int) -> str:
        place = ("person", "place", *self._place, str(person))
        keys = [*self._keys.get(person, ()), place]
        known = [code for code in map(self._mapping.get, keys) if code is not None]
        code = known[0] if known else f"p-{secrets.token_hex(8)}"
        for key in keys:
            self._mapping.draw(key, lambda: code)
        return code


def _keys(values: Mapping[str, set[str]], study: str) -> list[tuple[str, ...]]:
    """Return the mapping's keys of a person, the strongest first."""
    keys: list[tuple[str, ...]] = [
        ("person", kind, value) for kind in STRONG_IDS for value in sorted(values[f"ID.{kind}"])
    ]
    if study:
        keys += [
            ("person", "subject_id", study, value) for value in sorted(values["ID.subject_id"])
        ]
    births = values["DATE.birth"] - {""}
    if len(births) == 1:
        names = values["NAME.patient"] | values["NAME."]
        full = sorted(name for name in names if " " in name)
        keys += [("person", "name", name, min(births)) for name in full]
    return keys
