"""Patterns find what examples say, leave the rest alone, and keep offsets and time in bounds."""

from __future__ import annotations

import random
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pattern_examples import Example, Refusal, found_examples, paragraphs, refusals, spans_of

from nescio.search import find_patterns
from nescio.search.folding import fold
from nescio.search.matching.marks import SEPARATOR
from nescio.search.matching.rules import load_rules
from nescio.search.matching.scan import scan
from nescio.search.patterns import CHARACTERS_AT_ONCE
from nescio.tables import LABELS, SPANS

FOUND = found_examples()
REFUSED = refusals()
TEXTS = [example.text for example in FOUND] + [refusal.text for refusal in REFUSED]
SECONDS_A_MEGABYTE = 6.0  # a third of it is usual; the rest is for slow and busy machines
DENSE_SECONDS_A_MEGABYTE = 60.0  # of nothing but trigger words, which no document is made of


def _name(case: Example | Refusal) -> str:
    return case.name


@pytest.mark.parametrize("example", FOUND, ids=_name)
def test_finds_each_marked_value_with_label_and_kind(example: Example) -> None:
    found = {(s["start"], s["end"], s["label"], s["kind"]) for s in spans_of(example.text)}
    anonymous = {(start, end, label) for start, end, label, _ in found}
    missed = [
        wanted
        for wanted in example.expected
        if (wanted not in found if wanted.kind else wanted[:3] not in anonymous)
    ]
    assert len(missed) == 0


@pytest.mark.parametrize("refusal", REFUSED, ids=_name)
def test_leaves_what_is_no_identifier_alone(refusal: Refusal) -> None:
    assert sum(span["label"] == refusal.label for span in spans_of(refusal.text)) == 0


def test_every_rule_matches_in_some_example() -> None:
    fired = {candidate.rule for text in TEXTS for candidate in scan([fold(text).text])[0]}
    assert [rule.name for rule in load_rules().rules if rule.name not in fired] == []


def test_rules_have_distinct_names_and_scores_between_zero_and_one() -> None:
    rules = load_rules().rules
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(0.0 <= rule.score <= 1.0 for rule in rules)


def test_spans_are_a_spans_table_from_patterns() -> None:
    spans = find_patterns(paragraphs(TEXTS))
    assert spans.schema == SPANS
    assert spans.num_rows > len(FOUND)
    assert {source for sources in spans["sources"].to_pylist() for source in sources} == {"pattern"}


def test_no_paragraphs_give_no_spans() -> None:
    assert find_patterns(paragraphs([])).num_rows == 0
    assert find_patterns(paragraphs(["", " ", "\n"])).num_rows == 0


def test_a_checksum_raises_the_score() -> None:
    (valid,) = spans_of("NPI: 1234567893")
    (typo,) = spans_of("NPI: 1234567890")
    assert valid["score"] > typo["score"]


def test_a_context_word_raises_the_score() -> None:
    (bare,) = spans_of("202-555-0142")
    (announced,) = spans_of("call 202-555-0142")
    assert announced["score"] > bare["score"]


def test_a_label_near_by_counts_more_than_one_far_away() -> None:
    near = spans_of("account 42424242")
    far = spans_of("account that the finance department keeps: 42424242")
    assert near[0]["score"] > far[0]["score"]


def test_parts_of_an_address_stand_inside_it() -> None:
    address, *parts = spans_of("3836 Dewdrop Lane, Primrose Bend, NY 12429")
    assert address["label"] == "ADDRESS"
    assert [part["kind"] for part in parts] == ["city", "state", "zip"]
    assert all(address["start"] < p["start"] and p["end"] <= address["end"] for p in parts)


def test_spans_overlap_only_where_an_address_holds_its_parts() -> None:
    for text in TEXTS:
        flat = [span for span in spans_of(text) if span["label"] != "ADDRESS"]
        assert all(a["end"] <= b["start"] for a, b in pairwise(flat))


def test_identical_paragraphs_get_identical_spans() -> None:
    once = find_patterns(paragraphs(TEXTS)).to_pylist()
    twice = find_patterns(paragraphs(TEXTS + TEXTS)).to_pylist()
    shifted = [span | {"paragraph": span["paragraph"] + len(TEXTS)} for span in once]
    assert twice == once + shifted


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_what_a_paragraph_gets_does_not_depend_on_its_neighbours(chance: random.Random) -> None:
    prose = [text for text in TEXTS if "\t" not in text]
    order = chance.sample(range(len(prose)), len(prose))
    together = find_patterns(paragraphs([prose[number] for number in order])).to_pylist()
    alone = [
        span | {"paragraph": place}
        for place, number in enumerate(order)
        for span in spans_of(prose[number])
    ]
    assert together == alone


def test_batches_do_not_change_what_is_found() -> None:
    long = ["Nothing to see here. " * (CHARACTERS_AT_ONCE // 40)] * 1
    mixed = [*TEXTS, long[0], long[0] + "x", *TEXTS[::-1]]
    spans = find_patterns(paragraphs(mixed)).to_pylist()
    assert len(spans) == 2 * len(find_patterns(paragraphs(TEXTS)).to_pylist())


def test_nothing_is_found_across_two_paragraphs() -> None:
    for first, second in pairwise(TEXTS):
        for candidates, text in zip(scan([first, second]), (first, second), strict=True):
            assert all(0 <= c.start < c.end <= len(text) for c in candidates)


FRAGMENTS = (
    st.sampled_from(TEXTS) | st.text(max_size=30) | st.sampled_from(["\x00", "\n", "|", ": "])
)


@given(st.lists(FRAGMENTS, max_size=6).map("".join))
@settings(max_examples=150, deadline=None)
def test_spans_lie_inside_their_text_and_are_labelled_from_the_closed_list(text: str) -> None:
    for span in spans_of(text):
        assert 0 <= span["start"] < span["end"] <= len(text)
        assert span["kind"] in ("", *LABELS[span["label"]])
        assert 0.0 < span["score"] < 1.0


@given(
    st.lists(st.sampled_from(TEXTS) | st.text("aé\u0301\u030cßﬁ°İ \n"), max_size=4).map(" ".join)
)
@settings(max_examples=100, deadline=None)
def test_decomposed_text_gets_the_same_spans_as_composed_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert _values(composed) == _values(decomposed)


def _values(text: str) -> list[tuple[str, str]]:
    return [
        (span["label"], unicodedata.normalize("NFC", text[span["start"] : span["end"]]))
        for span in spans_of(text)
    ]


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_folding_maps_every_boundary_back_in_order(text: str) -> None:
    folded = fold(text)
    boundaries = [folded.original(i, i)[0] for i in range(len(folded.text) + 1)]
    assert boundaries[0] == 0 and boundaries[-1] == len(text)
    assert boundaries == sorted(boundaries)
    assert SEPARATOR not in folded.text


def test_dashes_quotes_and_spaces_of_typesetters_are_read_as_plain() -> None:
    plain, typeset = (
        "Dr. O'Neil-Roe, 202-555-0142",
        "Dr.\u00a0O\u2019Neil\u2010Roe, 202\u2011555\u20110142",
    )
    ranges = [[(s["start"], s["end"], s["label"]) for s in spans_of(t)] for t in (plain, typeset)]
    assert ranges[0] == ranges[1]
    assert len(ranges[0]) == 2


def _seconds_a_megabyte(text: str) -> float:
    spans_of("warm up")
    started = time.process_time()
    spans_of(text)
    return (time.process_time() - started) / len(text) * 1e6


def _takes_linear_time(text: str, seconds_a_megabyte: float) -> bool:
    """Say whether a text is scanned that fast, or, on a slow machine, its quarter as slowly."""
    taken = _seconds_a_megabyte(text)
    # Four times the text: four times a quadratic scan's seconds a megabyte.
    return taken < seconds_a_megabyte or taken < 2 * _seconds_a_megabyte(text[: len(text) // 4])


@pytest.mark.parametrize(
    "unit",
    ["1", "12 ", " ", "a, ", "A, ", "1.", "1-", "1/", "\n", "@", "a@", ":", "a:", "_", "(", "x\t"],
    ids=lambda unit: ascii(unit).strip("'"),
)
def test_long_runs_of_digits_spaces_and_marks_take_no_more_than_linear_time(unit: str) -> None:
    assert _takes_linear_time(unit * (200_000 // len(unit)), SECONDS_A_MEGABYTE)


@pytest.mark.parametrize(
    "unit",
    [
        "May ",
        "3 May, ",
        "Name: ",
        "St. Mary Hospital ",
        "John Smith ",
        "MRN ",
        "http://",
        "+1 ",
        "A. B. MD ",
    ],
    ids=lambda unit: unit.strip().replace(" ", "_"),
)
def test_long_runs_of_trigger_words_take_no_more_than_linear_time(unit: str) -> None:
    assert _takes_linear_time(unit * (40_000 // len(unit)), DENSE_SECONDS_A_MEGABYTE)


def test_a_long_text_full_of_identifiers_takes_no_more_than_linear_time() -> None:
    page = "\n".join(TEXTS)
    assert _takes_linear_time(page * (300_000 // len(page)), SECONDS_A_MEGABYTE)


def test_prose_is_scanned_fast_enough() -> None:
    sentence = (
        "The compound was given once daily for 28 days at 0.8 mL/kg; body weight rose by 4.2 % "
        "and no test article-related finding was noted in Group 3 (Table 5.2.1). "
    )
    text = "".join(f"{number}. {sentence}" for number in range(3_000))
    assert _seconds_a_megabyte(text) < SECONDS_A_MEGABYTE
