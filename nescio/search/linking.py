"""Link the mentions of one document into persons.

Nodes are distinct names and distinct numbers of persons. They are joined, in this order, where

1. two full names agree (surname equal or a slip apart, given names or their initials not
   contradicting);
2. a number is the last part of another that only one ends with (USUBJID and subject number;
   patient id, screening number and medical record number keep their kinds but are one person's);
3. a shortened name (J. Doe, Doe, Jane, J.D.) fits exactly one full name: of the document, else of
   the same blob, else the last one named before it in the blob;
4. numbers of different kinds and a patient's name stand in one field, table row or heading, and
   there is one of each; then the same for a blob as a whole.

A join that would give one person two numbers of one kind, or two contradicting full names, is not
made; if 4. asked for it, it is listed as a conflict, by opaque ids only, and a name that stands
with another person's number is taken for a namesake: the number decides. What else a paragraph
says (dates, ages, places) belongs to the subject that it names, else to the one named last before
it in its blob, else to the document's only subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

from nescio.search.aliases import deletions, key_of
from nescio.search.names import PersonName, parse_name
from nescio.search.person_graph import Graph, Node
from nescio.search.person_names import (
    LEAST_SPELLING,
    compatible,
    findable,
    fits,
    is_full,
    is_initials,
)

SUBJECT_NUMBERS: Final = frozenset(
    {"subject_id", "mrn", "ssn", "health_plan", "account", "passport", "licence"}
)
"""Kinds of ID that one subject has one of."""

STAFF_ROLES: Final = frozenset({"staff", "author", "investigator", "signatory", "username"})
NOT_OF_SUBJECTS: Final = frozenset({"NAME", "ORGANIZATION", "FACILITY"})
"""Labels of which a mention that nothing links is not taken for the subject's."""

TOGETHER: Final = frozenset({"field", "cell", "heading", "header", "footer"})
"""Kinds of paragraph of which what stands in one belongs together."""


class Mention(NamedTuple):
    """A span with its text, as linking sees it."""

    paragraph: int
    start: int
    end: int
    label: str
    kind: str
    score: float
    text: str


class Conflict(NamedTuple):
    """Two persons of a document that context says are one and their data say are not."""

    doc: str
    person: int
    other: int
    about: str  # kind of number, or "name"


class DocumentLinks:
    """Links the mentions of one document."""

    def __init__(
        self,
        doc: str,
        mentions: Sequence[Mention],
        blobs: Mapping[int, int],
        kinds: Mapping[int, str],
    ) -> None:
        self.doc = doc
        self.mentions = mentions
        self._blobs = blobs
        self._kinds = kinds
        self._graph = Graph()
        self._node: list[int] = [-1] * len(mentions)
        self._roles: dict[int, set[str]] = defaultdict(set)
        self._order: dict[int, int] = {}

    def link(self) -> list[int]:
        """Return the person of each mention, -1 for nobody."""
        full, short = self._add_nodes()
        self._join_full(full)
        self._join_numbers()
        self._join_short(full, short)
        self._join_together()
        roots = [self._graph.root(node) if node >= 0 else -1 for node in self._node]
        self._give_rest(roots)
        order = self._order
        return [order.setdefault(root, len(order)) if root >= 0 else -1 for root in roots]

    def conflicts(self) -> Iterator[Conflict]:
        """Yield the joins that were refused and still separate two persons."""
        seen = set()
        for (a, b), about in self._graph.refused.items():
            first, second = self._graph.root(a), self._graph.root(b)
            if first != second and first in self._order and second in self._order:
                pair = sorted((self._order[first], self._order[second]))
                seen.add((pair[0], pair[1], about))
        yield from (Conflict(self.doc, *entry) for entry in sorted(seen))

    def _add_nodes(self) -> tuple[dict[int, PersonName], dict[int, PersonName]]:
        """Make nodes: one for each full name and number, one a blob for each shortened name."""
        by_key: dict[tuple[Any, ...], int] = {}
        full: dict[int, PersonName] = {}
        short: dict[int, PersonName] = {}
        for index, mention in enumerate(self.mentions):
            if mention.label == "NAME":
                name = parse_name(mention.text)
                if name is None:
                    continue
                whole = is_full(name) and not is_initials(name, mention.text)
                key: tuple[Any, ...] = (name,) if whole else (name, self._blob(mention))
                if key not in by_key:
                    by_key[key] = self._graph.add(Node(names=[name]))
                self._node[index] = by_key[key]
                if whole:
                    full[by_key[key]] = name
                    self._roles[by_key[key]].add(_role(mention.kind))
                else:
                    short[index] = name
            elif mention.label == "ID" and mention.kind in SUBJECT_NUMBERS:
                key = (mention.kind, key_of(mention.text))
                if key not in by_key:
                    node = Node()
                    node.numbers[mention.kind].add(key[1])
                    by_key[key] = self._graph.add(node)
                self._node[index] = by_key[key]
        return full, short

    def _blob(self, mention: Mention) -> int:
        return self._blobs.get(mention.paragraph, -1)

    def _join_full(self, full: Mapping[int, PersonName]) -> None:
        by_word: dict[str, list[int]] = defaultdict(list)
        for node, name in full.items():
            surname = "-".join(name.surname)
            words = {*surname.split("-")}
            if len(surname) >= LEAST_SPELLING:
                words |= deletions(surname)
            for word in words:
                by_word[word].append(node)
        for nodes in by_word.values():
            for a, b in combinations(nodes, 2):
                if compatible(full[a], full[b]):
                    self._graph.join(a, b)

    def _join_numbers(self) -> None:
        by_value: dict[str, set[int]] = defaultdict(set)
        whole: dict[int, str] = {}
        for index, mention in enumerate(self.mentions):
            if mention.label == "ID" and self._node[index] >= 0:
                value = key_of(mention.text)
                whole[self._node[index]] = value
                words = value.split(" ")
                for cut in range(len(words)):
                    by_value[" ".join(words[cut:])].add(self._node[index])
        for node, value in whole.items():
            longer = {other for other in by_value[value] if whole[other] != value}
            same = {other for other in by_value[value] if whole[other] == value}
            for other in same:
                self._graph.join(node, other)
            if len({whole[other] for other in longer}) == 1:
                self._graph.join(node, longer.pop())

    def _join_short(self, full: Mapping[int, PersonName], short: Mapping[int, PersonName]) -> None:
        """Join shortened names to the full name that they fit."""
        by_word: dict[str, set[int]] = defaultdict(set)
        for node, name in full.items():
            for word in findable(name):
                by_word[word].add(node)
        in_blob: dict[int, list[int]] = defaultdict(list)
        for index, mention in enumerate(self.mentions):
            node, blob = self._node[index], self._blob(mention)
            if node in full:
                in_blob[blob].append(node)
            elif index in short:
                name = short[index]
                near = {n for word in findable(name) for n in by_word.get(word, ())}
                fitting = {
                    n
                    for n in near
                    if fits(name, full[n], mention.text) and self._roles_agree(n, mention)
                }
                roots = {self._graph.root(n) for n in fitting}
                if len(roots) > 1:
                    before = [n for n in in_blob[blob] if self._graph.root(n) in roots]
                    roots = {self._graph.root(before[-1])} if before else set()
                for root in roots:
                    self._graph.join(root, node)

    def _roles_agree(self, node: int, mention: Mention) -> bool:
        roles = self._roles[node] - {""}
        return not mention.kind or not roles or _role(mention.kind) in roles

    def _join_together(self) -> None:
        """Join numbers and patients' names that stand together, paragraph, then blob."""
        by_paragraph: dict[int, list[int]] = defaultdict(list)
        by_blob: dict[int, list[int]] = defaultdict(list)
        for index, mention in enumerate(self.mentions):
            if self._node[index] < 0:
                continue
            if _names_subject(mention):
                by_blob[self._blob(mention)].append(index)
            together = self._kinds.get(mention.paragraph) in TOGETHER
            if together and (_names_subject(mention) or not mention.kind):
                by_paragraph[mention.paragraph].append(index)
        for group in (*by_paragraph.values(), *by_blob.values()):
            self._join_group(group)

    def _join_group(self, group: Sequence[int]) -> None:
        kinds: dict[str, set[int]] = defaultdict(set)
        for index in group:
            mention = self.mentions[index]
            kind = mention.kind if mention.label == "ID" else "name"
            kinds[kind].add(self._graph.root(self._node[index]))
        if any(len(roots) > 1 for roots in kinds.values()):
            return
        single = {kind: next(iter(roots)) for kind, roots in kinds.items()}
        name = single.pop("name", None)
        for a, b in combinations(single.values(), 2):
            self._graph.join(a, b, by_context=True)
        if name is None:
            return
        for number in single.values():
            if self._graph.join(name, number, by_context=True) in SUBJECT_NUMBERS:
                self._separate(group, name, number)

    def _separate(self, group: Sequence[int], name: int, number: int) -> None:
        """Take a name that stands with another's number for a namesake: the number decides."""
        for index in group:
            if self.mentions[index].label == "NAME" and self._same(self._node[index], name):
                self._node[index] = number

    def _same(self, a: int, b: int) -> bool:
        return self._graph.root(a) == self._graph.root(b)

    def _give_rest(self, roots: list[int]) -> None:
        """Give dates, ages, places and the like to the subject that they belong to."""
        subjects = {
            root
            for root, mention in zip(roots, self.mentions, strict=True)
            if root >= 0 and _names_subject(mention)
        }
        named: dict[int, set[int]] = defaultdict(set)
        for root, mention in zip(roots, self.mentions, strict=True):
            if root in subjects:
                named[mention.paragraph].add(root)
        only = next(iter(subjects)) if len(subjects) == 1 else -1
        last: tuple[int, int] = (-1, -1)
        for index, mention in enumerate(self.mentions):
            blob = self._blob(mention)
            if roots[index] in subjects:
                last = (blob, roots[index])
            elif roots[index] < 0 and mention.label not in NOT_OF_SUBJECTS:
                here = named[mention.paragraph]
                if len(here) == 1:
                    roots[index] = next(iter(here))
                else:
                    roots[index] = last[1] if last[0] == blob else only


def _names_subject(mention: Mention) -> bool:
    """Say whether a mention names the subject of the data: a patient, or a number of one."""
    if mention.label == "ID":
        return mention.kind in SUBJECT_NUMBERS
    return mention.label == "NAME" and mention.kind == "patient"


def _role(kind: str) -> str:
    """Return the roles between which a shortened name does not jump."""
    return "staff" if kind in STAFF_ROLES else kind
