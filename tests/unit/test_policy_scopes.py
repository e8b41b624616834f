"""Expert rules: where they apply, what they save, how the shadow sample watches them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from policy_inputs import document, policy_of

from nescio import tables
from nescio.policy import (
    Policy,
    breached_places,
    draw_shadow,
    load_policy,
    mark_scope,
    report_rows,
    skipped_by,
    watch_rules,
)
from nescio.policy.model import Shadow

RULES = """
extends: everything
scopes:
  - name: no-contents
    sections: [contents]
  - name: no-running-heads
    kinds: [header, footer]
  - name: no-last-page
    pages: {last: 1}
shadow: {share: 0.1, least: 5}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_of(tmp_path, RULES)


def test_paragraphs_are_skipped_by_section_kind_and_page(policy: Policy) -> None:
    source = document("a", "b", "c", "d", sections=("contents", "safety", "safety", "safety"),
                      kinds=("body", "header", "body", "body"), pages=(0, 0, 0, 1))  # fmt: skip
    skipped = skipped_by(source.paragraphs, policy, source.context)
    assert skipped == ["no-contents", "no-running-heads", "", "no-last-page"]
    marked = mark_scope(source.paragraphs, policy, source.context)
    assert marked["in_scope"].to_pylist() == [False, False, True, False]
    assert marked.schema.equals(tables.PARAGRAPHS)


def test_sections_are_found_from_headings_where_no_context_is_given(policy: Policy) -> None:
    source = document("Table of Contents", "1 Synopsis ... 3", "2. Adverse events", "Nothing.",
                      "End", kinds=("heading", "body", "heading", "body", "body"),
                      pages=(0, 0, 0, 0, 1))  # fmt: skip
    assert skipped_by(source.paragraphs, policy)[:4] == ["no-contents", "no-contents", "", ""]


def test_a_policy_without_skipping_rules_keeps_everything_in_scope() -> None:
    source = document("a", "b")
    marked = mark_scope(source.paragraphs, load_policy("everything"))
    assert marked["in_scope"].to_pylist() == [True, True]


def test_the_shadow_sample_takes_its_share_of_every_rule_and_nothing_else() -> None:
    skipped = ["a"] * 1000 + ["b"] * 3 + [""] * 50
    drawn = draw_shadow(skipped, Shadow(share=0.1, least=5))
    assert sum(skipped[i] == "a" for i in drawn) == 100
    assert sum(skipped[i] == "b" for i in drawn) == 3
    assert len(drawn) == len(set(drawn)) == 103


def test_the_shadow_sample_is_another_one_each_time() -> None:
    skipped = ["a"] * 1000
    assert len({tuple(draw_shadow(skipped, Shadow(share=0.05))) for _ in range(5)}) == 5


def spans_in(source: pa.Table, places: list[int], score: float = 0.9) -> pa.Table:
    rows = source.to_pylist()
    return tables.from_rows("spans", [
        {"doc": rows[i]["doc"], "paragraph": rows[i]["paragraph"], "start": 0, "end": 1,
         "label": "NAME", "kind": "", "score": score, "sources": ["tagger"]} for i in places
    ])  # fmt: skip


def test_a_rule_whose_sample_holds_an_identifier_is_switched_off(policy: Policy) -> None:
    paragraphs = document(*["x" * 10] * 20).paragraphs
    skipped = ["a"] * 10 + ["b"] * 8 + [""] * 2
    watches = watch_rules(
        paragraphs, skipped, [0, 1, 2, 10, 11], spans_in(paragraphs, [1]), policy, 0.5
    )
    by_rule = {watch.rule: watch for watch in watches}
    assert by_rule["a"].switched_off and by_rule["a"].missed == 1
    assert by_rule["a"].seconds_saved == 0
    assert not by_rule["b"].switched_off
    assert by_rule["b"].seconds_saved == pytest.approx(0.5 * 10 * 6)
    assert breached_places(skipped, watches) == list(range(10))


def test_a_span_that_the_policy_does_not_hide_is_no_breach(policy: Policy) -> None:
    paragraphs = document("x").paragraphs
    watches = watch_rules(paragraphs, ["a"], [0], spans_in(paragraphs, [0], 0.1), policy)
    assert watches[0].missed == 0 and not watches[0].switched_off


def test_the_report_gives_the_exact_interval_of_what_the_sample_missed(policy: Policy) -> None:
    """0 of 10: the upper end is 1 - 0.025^(1/10)."""
    paragraphs = document(*["x"] * 30, pages=(0,) * 15 + (1,) * 15).paragraphs
    skipped = ["a"] * 15 + ["a"] * 10 + [""] * 5
    row = report_rows(
        watch_rules(paragraphs, skipped, list(range(10)), spans_in(paragraphs, []), policy)
    )[0]
    assert (row["paragraphs_skipped"], row["pages_skipped"], row["sampled"]) == (25, 1, 10)
    assert row["missed_share_low"] == 0
    assert row["missed_share_high"] == pytest.approx(1 - 0.025**0.1)
