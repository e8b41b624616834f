"""What a policy may say, as pydantic models: every field checked, nothing unknown accepted."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from nescio.policy.basis import Basis, check_basis
from nescio.policy.entities import check_entity, entity_name, kind_of, label_of
from nescio.tables import PARAGRAPH_KINDS

Action = Literal["remove", "label", "surrogate", "shift", "generalise", "keep"]
Style = Literal["box", "white", "label"]
Entity = Annotated[str, AfterValidator(check_entity)]
Probability = Annotated[float, Field(ge=0, le=1)]

SURROGATES: Final = frozenset(
    {"NAME", "ADDRESS", "LOCATION", "FACILITY", "ORGANIZATION"}
    | {"ID", "PHONE", "EMAIL", "URL", "IP"}
)
"""Labels for which a plausible surrogate can be drawn."""

GENERALISATIONS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("DATE",),
    "age": ("AGE",),
    "zip3": ("LOCATION.zip",),
    "region": ("LOCATION.country",),
}
"""What a value may be generalised to, and of which entities."""

STAFF: Final = ("NAME.staff", "ID.npi")
"""Entities of the staff switch: providers are not among the 18 identifiers of Safe Harbor."""

PHUSE: Final[dict[str, dict[str, Any]]] = {
    "KEEP": {"action": "keep"},
    "DROP": {"action": "remove"},
    "RECODE_ID": {"action": "surrogate"},
    "OFFSET": {"action": "shift"},
    "AGE_BANDS": {"action": "generalise", "to": "age", "band": 10},
    "AGE90": {"action": "generalise", "to": "age"},
    "COUNTRY_POOL": {"action": "generalise", "to": "region"},
}
"""Words of the PHUSE de-identification standard for SDTM, and what they mean here."""


def _expand(value: Any) -> Any:
    """Read a bare action, or a PHUSE word, as the rule it stands for."""
    if isinstance(value, str):
        return PHUSE.get(value, {"action": value})
    if isinstance(value, dict) and value.get("action") in PHUSE:
        return PHUSE[value["action"]] | {k: v for k, v in value.items() if k != "action"}
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """What happens to one entity."""

    action: Action
    to: Literal["year", "age", "zip3", "region"] | None = None
    """Of ``generalise``: what the value becomes."""
    band: Annotated[int, Field(ge=2, le=50)] | None = None
    """Of ages: width of the band in years; without it ages up to 89 stay as they are."""
    days: Annotated[int, Field(ge=7, le=3650)] = 365
    """Of ``shift``: the largest offset, earlier or later, in days."""
    threshold: Probability | None = None
    """Smallest score that counts; the policy's own where not given."""
    individual: Action | None = None
    """Another action inside individual patient data (narratives, listings)."""


class Pages(_Strict):
    """Pages of a document, counted from its first or last one."""

    first: Annotated[int, Field(ge=0)] = 0
    last: Annotated[int, Field(ge=0)] = 0


class Scope(_Strict):
    """An expert rule about where identifiers of people can stand.

    Without ``entity`` it *skips*: paragraphs in ``sections`` (or of ``kinds``) are not scored,
    but for the shadow sample. With ``entity`` it *narrows*: outside the given sections and
    pages, the kind is not believed, and the mention is treated as its label alone.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    entity: Entity | None = None
    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    pages: Pages | None = None

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for kind in kinds:
            if kind not in PARAGRAPH_KINDS:
                raise ValueError(f"unknown kind {kind}; kinds: {', '.join(PARAGRAPH_KINDS)}")
        return kinds

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        if not (self.sections or self.kinds or self.pages):
            raise ValueError("a scope names sections, kinds or pages")
        if self.entity is not None and not kind_of(self.entity):
            raise ValueError("a scope narrows a kind, such as NAME.author, never a whole label")
        return self


class Shadow(_Strict):
    """The random sample of skipped paragraphs that is scored all the same."""

    share: Annotated[float, Field(gt=0, le=1)] = 0.02
    least: Annotated[int, Field(ge=1)] = 30
    """Paragraphs sampled of each rule even where the share gives fewer."""
    tolerated: Annotated[int, Field(ge=0)] = 0
    """Paragraphs of the sample with an identifier up to which a rule stays on."""


class Lists(_Strict):
    """Files of phrases, by path or URI: one a line, optionally tab and an entity."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Phrase(_Strict):
    """A phrase of an allow or deny list and the entity it is about, or ``""`` for any."""

    text: str
    entity: str = ""


class Policy(_Strict):
    """Which identifiers are hidden, and how."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    basis: Basis = "none"
    """Rule text that the policy claims to follow; what contradicts it is refused."""
    output_is_phi: bool = False
    style: Style = "box"
    """How a removal looks; not an action."""
    threshold: Probability = 0.5
    default: Annotated[Rule, BeforeValidator(_expand)] = Rule(action="remove")
    entities: dict[Entity, Annotated[Rule, BeforeValidator(_expand)]]
    staff: Literal["hide", "keep"] = "hide"
    merges: dict[str, tuple[str, ...]] = {}
    """Kind of ID -> other kinds, or words before a value, that mean the same."""
    individual_sections: tuple[str, ...] = ("narratives", "listings")
    date_order: Literal["auto", "day", "month"] = "auto"
    """Which comes first in numeric dates where the document does not show it."""
    scopes: tuple[Scope, ...] = ()
    shadow: Shadow = Shadow()
    lists: Lists = Lists()

    _allow: tuple[Phrase, ...] = PrivateAttr(())
    _deny: tuple[Phrase, ...] = PrivateAttr(())

    @field_validator("entities", mode="after")
    @classmethod
    def _possible(cls, entities: dict[str, Rule]) -> dict[str, Rule]:
        for entity, rule in entities.items():
            check_rule(entity, rule)
        return entities

    @field_validator("merges")
    @classmethod
    def _known_merges(cls, merges: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for kind, words in merges.items():
            check_entity(entity_name("ID", kind))
            for word in words:
                if not re.fullmatch(r"[a-z][a-z0-9_]*", word):
                    raise ValueError(f"{kind}: write merged names as in patient_id")
        return merges

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        doubled = [entity for entity in STAFF if entity in self.entities]
        if self.staff == "keep" and doubled:
            raise ValueError(f"staff: keep contradicts the rule of {doubled[0]}")
        names = [scope.name for scope in self.scopes]
        if len(set(names)) < len(names):
            raise ValueError("two scopes have the same name")
        check_basis(self.basis, self.rule)
        return self

    def rule(self, label: str, kind: str) -> Rule:
        """Return the rule of an entity: its own, else its label's, else the default."""
        entity = entity_name(label, kind)
        if self.staff == "keep" and entity in STAFF:
            return Rule(action="keep")
        return self.entities.get(entity) or self.entities.get(label) or self.default

    def rule_name(self, label: str, kind: str) -> str:
        """Return the name under which the rule of an entity stands in the policy."""
        entity = entity_name(label, kind)
        if self.staff == "keep" and entity in STAFF:
            return "staff"
        if entity in self.entities:
            return entity
        return label if label in self.entities else "default"

    def threshold_of(self, label: str, kind: str) -> float:
        """Return the smallest score with which a span of the entity counts."""
        own = self.rule(label, kind).threshold
        return self.threshold if own is None else own

    @property
    def allow(self) -> tuple[Phrase, ...]:
        """Phrases that stay."""
        return self._allow

    @property
    def deny(self) -> tuple[Phrase, ...]:
        """Phrases that are hidden wherever they stand."""
        return self._deny

    def with_phrases(self, allow: tuple[Phrase, ...], deny: tuple[Phrase, ...]) -> Policy:
        """Return the policy with the contents of its lists."""
        policy = self.model_copy()
        policy._allow, policy._deny = allow, deny
        return policy

    @property
    def reads_years(self) -> bool:
        """Whether the result depends on the year in which it is made.

        It does where dates are generalised, shifted or bound to a surrogate's person: years of
        two digits, and what shows an age over 89, are read from that year backwards.
        """
        rules = (self.default, *self.entities.values())
        actions = {action for rule in rules for action in (rule.action, rule.individual)}
        return "shift" in actions or "surrogate" in actions or any(r.to == "year" for r in rules)

    @property
    def hash(self) -> str:
        """SHA-256 (hexadecimal) of all that decides: the policy and the phrases of its lists.

        Order of keys, comments and layout of the YAML, and where the lists are stored, do not
        change it.
        """
        content = self.model_dump(mode="json", exclude={"lists"})
        for name, phrases in (("allow", self._allow), ("deny", self._deny)):
            content[name] = sorted({(phrase.text, phrase.entity) for phrase in phrases})
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def check_rule(entity: str, rule: Rule) -> None:
    """Raise ValueError where the action, or one of its fields, does not fit the entity."""
    label = label_of(entity)
    for action in (rule.action, rule.individual):
        if action == "shift" and label != "DATE":
            raise ValueError(f"{entity}: only dates can be shifted")
        if action == "surrogate" and label not in SURROGATES:
            hint = "use shift" if label == "DATE" else "use remove, label or generalise"
            raise ValueError(f"{entity}: there is no surrogate for {label}; {hint}")
    generalises = "generalise" in (rule.action, rule.individual)
    if generalises and rule.to is None:
        raise ValueError(f"{entity}: generalise needs `to`: {', '.join(GENERALISATIONS)}")
    if rule.to is not None:
        fits = any(entity == name or label == name for name in GENERALISATIONS[rule.to])
        if not generalises or not fits:
            raise ValueError(f"{entity}: cannot be generalised to {rule.to}")
    if rule.band is not None and rule.to != "age":
        raise ValueError(f"{entity}: band is for ages that are generalised")
