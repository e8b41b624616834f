"""From a document's spans to its settled mentions: lists, scopes, merges, precedence, addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nescio.policy.address import split_address
from nescio.policy.agree import agree
from nescio.policy.entities import entity_name
from nescio.policy.lists import Lists
from nescio.policy.merges import merge_kinds
from nescio.policy.model import Policy
from nescio.policy.people import blobs_of, names_subject, number_people
from nescio.policy.precedence import Mention, settle
from nescio.policy.scopes import narrowed_kinds, stands_in


@dataclass
class Document:
    """What is known of one document before the policy judges."""

    doc: str
    paragraphs: Sequence[dict[str, Any]]
    context: Iterable[dict[str, Any]]
    spans: Iterable[dict[str, Any]]
    individual: set[int] = field(default_factory=set)
    """Paragraphs with individual patient data; known once the mentions are settled."""

    def __post_init__(self) -> None:
        self.places = {row["paragraph"]: row | {"section": ""} for row in self.paragraphs}
        flags: dict[int, bool] = {}
        for row in self.context:
            flags[row["paragraph"]] = row["dep_flag"]
            if row["paragraph"] in self.places:
                self.places[row["paragraph"]]["section"] = row["section"]
        self.texts: dict[int, str] = {
            number: place["text"] for number, place in self.places.items()
        }
        self.blobs = blobs_of(sorted(self.places), flags)
        self.last_page = max((place["page"] for place in self.places.values()), default=0)


class Settler:
    """Settles documents by one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._lists = Lists(policy)
        self._narrowed = narrowed_kinds(policy)

    def mentions(self, document: Document) -> list[Mention]:
        """Return the document's mentions that count, without overlaps, in reading order."""
        by_paragraph = self._candidates(document)
        document.individual |= self._individual(document, by_paragraph)
        return [
            mention
            for paragraph in sorted(by_paragraph)
            for mention in self._settle(
                by_paragraph[paragraph],
                document.texts[paragraph],
                paragraph in document.individual,
            )
        ]

    def agreed(
        self, document: Document, mentions: Sequence[Mention], persons: Sequence[int]
    ) -> list[Mention]:
        """Return the mentions with the kinds that those of one value or person agree on."""

        def hides(mention: Mention) -> bool:
            return self._hides(mention, mention.paragraph in document.individual)

        return agree(mentions, persons, document.texts, hides)

    def persons(
        self,
        document: Document,
        mentions: Sequence[Mention],
        linked: Mapping[int, Sequence[tuple[int, int, int]]] | None,
    ) -> list[int]:
        """Return the person of each mention, -1 for nobody."""
        return number_people(mentions, document.texts, linked, document.blobs)

    def _candidates(self, document: Document) -> dict[int, list[Mention]]:
        """Return the mentions that pass their thresholds, by paragraph, overlaps and all."""
        found: dict[int, list[Mention]] = defaultdict(list)
        for row in document.spans:
            mention = self._read(row, document)
            rule_threshold = self._policy.threshold_of(mention.label, mention.kind)
            if mention.certain or mention.score >= rule_threshold:
                found[mention.paragraph].append(mention)
        for paragraph, text in document.texts.items():
            if denied := self._lists.denied(paragraph, text):
                found[paragraph] += denied
        return found

    def _read(self, row: Mapping[str, Any], document: Document) -> Mention:
        mention = Mention(
            row["paragraph"],
            row["start"],
            row["end"],
            row["label"],
            row["kind"],
            round(row["score"], 6),  # so that 0.7 as float32 is not below a threshold of 0.7
            tuple(row["sources"]),
        )
        mention = merge_kinds(mention, document.texts[mention.paragraph], self._policy.merges)
        scopes = self._narrowed.get(entity_name(mention.label, mention.kind), ())
        place = document.places[mention.paragraph]
        if scopes and not any(stands_in(scope, place, document.last_page) for scope in scopes):
            return replace(mention, kind="")
        return mention

    def _individual(self, document: Document, found: Mapping[int, Sequence[Mention]]) -> set[int]:
        """Return the paragraphs of individual patient data.

        They stand in a section that the policy names, or under one heading with a mention that
        names a subject.
        """
        sections = self._policy.individual_sections
        blobs = {
            document.blobs[paragraph]
            for paragraph, mentions in found.items()
            if any(mention.kind and names_subject(mention) for mention in mentions)
        }
        return {
            number
            for number, place in document.places.items()
            if place["section"] in sections or document.blobs[number] in blobs
        }

    def _hides(self, mention: Mention, individual: bool) -> bool:
        if mention.certain:
            return True
        if mention.allowed:
            return False
        rule = self._policy.rule(mention.label, mention.kind)
        action = rule.individual if individual and rule.individual else rule.action
        return action != "keep"

    def _settle(self, mentions: Sequence[Mention], text: str, individual: bool) -> list[Mention]:
        allowed = self._lists.allowed(text)
        marked = [
            replace(mention, allowed=True) if _is_allowed(mention, allowed) else mention
            for mention in mentions
        ]
        settled = settle(marked, lambda mention: self._hides(mention, individual), text)
        return [piece for mention in settled for piece in self._split(mention, text, individual)]

    def _split(self, mention: Mention, text: str, individual: bool) -> list[Mention]:
        if mention.label != "ADDRESS" or not self._hides(mention, individual) or mention.certain:
            return [mention]

        def survives(kind: str) -> bool:
            rule = self._policy.rule("LOCATION", kind)
            action = rule.individual if individual and rule.individual else rule.action
            return action in ("keep", "generalise")

        return split_address(mention, text, survives)


def _is_allowed(mention: Mention, allowed: Iterable[tuple[int, int, str]]) -> bool:
    if mention.certain:
        return False
    names = ("", mention.label, entity_name(mention.label, mention.kind))
    return any(
        start <= mention.start and mention.end <= end and entity in names
        for start, end, entity in allowed
    )
