"""One value is one thing: the mentions of an id, and of a person's name, agree on their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

from nescio.policy.draws import comparable
from nescio.policy.precedence import Mention


def agree(
    mentions: Sequence[Mention],
    persons: Sequence[int],
    texts: Mapping[int, str],
    hides: Callable[[Mention], bool],
) -> list[Mention]:
    """Give the mentions of one id, and the names of one person, the kind that most scores name.

    To hide a study number in one place and let it stand in another would protect nobody. An id
    that is written the same everywhere in a document therefore has one kind: that with the
    highest sum of scores; where two are equal, one that the policy hides. Names that show no role
    take that of their person's other names, unless one of those is a patient's or relative's;
    names that show a role keep theirs.

    Args:
        mentions: settled, of one document.
        persons: the person of each mention, -1 for nobody.
        texts: paragraph -> text.
        hides: whether the policy hides a mention.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, (mention, person) in enumerate(zip(mentions, persons, strict=True)):
        if mention.certain:
            continue
        if mention.label == "ID":
            text = texts[mention.paragraph][mention.start : mention.end]
            groups["ID", comparable(text)].append(number)
        elif mention.label == "NAME" and person >= 0:
            groups["NAME", person].append(number)
    agreed = list(mentions)
    for numbers in groups.values():
        kind = _kind_of([mentions[number] for number in numbers], hides)
        for number in numbers:
            mention = mentions[number]
            if kind and (mention.label == "ID" or not mention.kind):
                agreed[number] = replace(mention, kind=kind)
    return agreed


def _kind_of(group: Sequence[Mention], hides: Callable[[Mention], bool]) -> str:
    """Return the kind that a group agrees on, or ``""`` where it names none."""
    scores: dict[str, float] = defaultdict(float)
    hidden: set[str] = set()
    for mention in group:
        if mention.kind:
            scores[mention.kind] += mention.score
            if hides(mention):
                hidden.add(mention.kind)
    for kind in ("patient", "relative"):
        if kind in scores:
            return kind
    return max(scores, key=lambda kind: (scores[kind], kind in hidden, kind), default="")
