"""From spans to decisions: which mention is hidden, how, by which rule, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from nescio import tables
from nescio.policy.model import Policy
from nescio.policy.names import normal_form
from nescio.policy.people import People, as_people, blobs_of, number_people
from nescio.policy.precedence import Mention, settle


def decide(
    paragraphs: pa.Table,
    context: pa.Table,
    spans: pa.Table,
    policy: Policy,
    people: pa.Table | People | None = None,
) -> pa.Table:
    """Judge every mention of the run by the policy.

    Args:
        paragraphs: PARAGRAPHS of whole documents.
        context: CONTEXT of the same paragraphs.
        spans: SPANS of the same paragraphs, in any order.
        policy: what to hide, and how.
        people: persons as linked: a table with the columns doc, paragraph, start, end, person,
            or a mapping of the same; None numbers them by distinct name.

    Returns:
        DECISIONS, sorted by document, paragraph and start; mentions do not overlap. Mentions
        that the policy lets stand are there with the action ``keep``.
    """
    texts: dict[str, dict[int, tuple[int, str]]] = defaultdict(dict)
    for row in paragraphs.select(["doc", "page", "paragraph", "text"]).to_pylist():
        texts[row["doc"]][row["paragraph"]] = (row["page"], row["text"])
    flags: dict[str, dict[int, bool]] = defaultdict(dict)
    for row in context.select(["doc", "paragraph", "dep_flag"]).to_pylist():
        flags[row["doc"]][row["paragraph"]] = row["dep_flag"]
    found: dict[str, list[Mention]] = defaultdict(list)
    for row in spans.to_pylist():
        row |= {"score": round(row["score"], 6), "sources": tuple(row["sources"])}
        found[row.pop("doc")].append(Mention(**row))
    linked = as_people(people)
    rows: list[dict[str, Any]] = []
    for doc in sorted(found):
        pages = {number: page for number, (page, _) in texts[doc].items()}
        own = {number: text for number, (_, text) in texts[doc].items()}
        mentions = _settled(found[doc], own, policy)
        persons = number_people(
            mentions,
            own,
            None if people is None else linked.get(doc, {}),
            blobs_of(sorted(own), flags[doc]),
        )
        for row in _judge(mentions, persons, own, policy):
            rows.append({"doc": doc, "page": pages[row["paragraph"]]} | row)
    return tables.from_rows("decisions", rows)


def _settled(
    mentions: Iterable[Mention], texts: Mapping[int, str], policy: Policy
) -> list[Mention]:
    by_paragraph: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.certain or mention.score >= policy.threshold_of(mention.label, mention.kind):
            by_paragraph[mention.paragraph].append(mention)

    def hides(mention: Mention) -> bool:
        return policy.rule(mention.label, mention.kind).action != "keep"

    return [
        mention
        for paragraph in sorted(by_paragraph)
        for mention in settle(by_paragraph[paragraph], hides, texts[paragraph])
    ]


def _judge(
    mentions: Sequence[Mention], persons: Sequence[int], texts: Mapping[int, str], policy: Policy
) -> Iterable[dict[str, Any]]:
    numbers: dict[str, dict[tuple[str, ...], int]] = defaultdict(dict)
    for number, (mention, person) in enumerate(zip(mentions, persons, strict=True)):
        action = policy.rule(mention.label, mention.kind).action
        replacement = ""
        if action == "label":
            text = texts[mention.paragraph][mention.start : mention.end]
            known = numbers[mention.label]
            whose = mention.label == "NAME" and person >= 0
            value = (str(person),) if whose else ("", *normal_form(text))
            replacement = f"[{mention.label} {known.setdefault(value, len(known) + 1)}]"
        elif action != "keep":
            action = "remove"
        yield {
            "paragraph": mention.paragraph,
            "mention": number,
            "start": mention.start,
            "end": mention.end,
            "label": mention.label,
            "kind": mention.kind,
            "score": mention.score,
            "sources": list(mention.sources),
            "person": person,
            "action": action,
            "replacement": replacement,
            "why": policy.rule_name(mention.label, mention.kind),
        }
