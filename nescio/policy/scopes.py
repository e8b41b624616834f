"""Expert rules about where identifiers can stand: what they skip, and where kinds are believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from nescio.context import predict_context
from nescio.policy.model import Policy, Scope

Place = Mapping[str, Any]
"""Where a paragraph stands: page, kind and section."""


def mark_scope(paragraphs: pa.Table, policy: Policy, context: pa.Table | None = None) -> pa.Table:
    """Return the paragraphs with ``in_scope`` as the policy's skipping rules say.

    Args:
        paragraphs: PARAGRAPHS of whole documents: pages are counted from a document's last one.
        policy: its scopes without an entity skip.
        context: CONTEXT of the same paragraphs, for rules by section; None predicts it here.
    """
    skipped = skipped_by(paragraphs, policy, context)
    column = pa.array([rule == "" for rule in skipped], pa.bool_())
    index = paragraphs.schema.get_field_index("in_scope")
    return paragraphs.set_column(index, paragraphs.schema.field(index), column)


def skipped_by(paragraphs: pa.Table, policy: Policy, context: pa.Table | None = None) -> list[str]:
    """Return for each paragraph the rule that skips it, or ``""``; the first of several counts.

    Args:
        paragraphs: as for ``mark_scope``.
        policy: as for ``mark_scope``.
        context: as for ``mark_scope``.
    """
    rules = [scope for scope in policy.scopes if scope.entity is None]
    if not rules:
        return [""] * len(paragraphs)
    places = _places(paragraphs, rules, context)
    last = _last_pages(places)
    return [
        next((rule.name for rule in rules if stands_in(rule, place, last[place["doc"]])), "")
        for place in places
    ]


def _places(
    paragraphs: pa.Table, rules: Sequence[Scope], context: pa.Table | None
) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = paragraphs.select(
        ["doc", "paragraph", "page", "kind"]
    ).to_pylist()
    if any(rule.sections for rule in rules):
        if context is None:
            context = predict_context(paragraphs)
        rows = context.select(["doc", "paragraph", "section"]).to_pylist()
        sections = {(row["doc"], row["paragraph"]): row["section"] for row in rows}
        for place in places:
            place["section"] = sections.get((place["doc"], place["paragraph"]), "")
    return places


def _last_pages(places: Sequence[Place]) -> dict[str, int]:
    last: dict[str, int] = defaultdict(int)
    for place in places:
        last[place["doc"]] = max(last[place["doc"]], place["page"])
    return last


def stands_in(scope: Scope, place: Place, last_page: int) -> bool:
    """Say whether a paragraph stands where a scope says.

    A skipping scope that names pages and sections means paragraphs that satisfy each; one that
    narrows an entity means any of them (``first 3 pages and signature pages``).

    Args:
        scope: the rule.
        place: page, kind and, if the scope names sections, section.
        last_page: number of the document's last page, from 0.
    """
    tests: list[Callable[[], bool]] = []
    if scope.sections:
        tests.append(lambda: place["section"] in scope.sections)
    if scope.kinds:
        tests.append(lambda: place["kind"] in scope.kinds)
    if scope.pages is not None:
        first, last = scope.pages.first, scope.pages.last
        tests.append(lambda: 0 <= place["page"] < first or place["page"] > last_page - last)
    combine = all if scope.entity is None else any
    return combine(test() for test in tests)


def narrowed_kinds(policy: Policy) -> dict[str, list[Scope]]:
    """Return entity -> the scopes in one of which it must stand to be believed."""
    found: dict[str, list[Scope]] = defaultdict(list)
    for scope in policy.scopes:
        if scope.entity is not None:
            found[scope.entity].append(scope)
    return dict(found)
