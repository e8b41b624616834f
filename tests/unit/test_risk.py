"""The scores against worked examples computed by hand."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_inputs import document, judge

from nescio import tables
from nescio.policy import load_policy, population_risk
from nescio.risk import (
    anonymisation_section,
    chapman,
    clopper_pearson,
    compare,
    journalist,
    prosecutor,
    required_k,
    residuals,
    score,
    subjects_of,
    unseen_interval,
    utility,
    utility_against,
    wilson,
    zip3_bound,
)

COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))


def test_chapman_by_hand() -> None:
    """n1 = 100, n2 = 80, m = 60: 101 * 81 / 61 - 1 = 133.1147..."""
    assert chapman(100, 80, 60) == pytest.approx(8181 / 61 - 1)
    assert chapman(100, 80, 60) == pytest.approx(133.1148, abs=1e-4)


def test_chapman_finds_nothing_missed_where_the_detectors_agree() -> None:
    assert chapman(50, 50, 50) == 50


def test_transformed_logit_interval_by_hand() -> None:
    """n1 = 100, n2 = 80, m = 60: a = 60.5, b = 40.5, c = 20.5, bc/a = 13.7231;
    s2 = 1/60.5 + 1/40.5 + 1/20.5 + 60.5/(40.5*20.5) = .016529 + .024691 + .048780 + .072870
    = .162870, s = .403572; e^(1.959964 s) = 2.20562;
    13.7231 / 2.20562 - .5 = 5.7219 and 13.7231 * 2.20562 - .5 = 29.768."""
    low, high = unseen_interval(100, 80, 60)
    assert low == pytest.approx(5.722, abs=2e-3)
    assert high == pytest.approx(29.768, abs=5e-3)


@given(COUNTS)
def test_the_interval_of_the_missed_holds_for_any_counts(counts: tuple[int, int, int]) -> None:
    shared, only_first, only_second = counts
    low, high = unseen_interval(shared + only_first, shared + only_second, shared)
    assert 0 <= low <= high < math.inf


def spans(label: str, **found: int) -> list[dict[str, object]]:
    return [
        {"doc": "d", "paragraph": 0, "start": 0, "end": 1, "label": label, "kind": "",
         "score": 0.9, "sources": sources.split("_")}
        for sources, number in found.items() for _ in range(number)
    ]  # fmt: skip


def test_residual_counts_by_source_and_takes_away_what_others_found() -> None:
    """tagger 60 + 40, pattern 60 + 20, both 60: 13.1148 missed, of which carry-over found 5."""
    table = tables.from_rows(
        "spans", spans("NAME", tagger_pattern=60, tagger=40, pattern=20, carryover=5)
    )
    [row] = residuals(table)
    assert row.pair == ("tagger", "pattern")
    assert (row.first, row.second, row.both, row.others) == (100, 80, 60, 5)
    assert row.missed == pytest.approx(8181 / 61 - 1 - 120)
    assert row.expected == pytest.approx(8181 / 61 - 1 - 125)


def test_residual_takes_the_pair_that_shares_most_for_each_type() -> None:
    rows = spans("NAME", tagger_pattern=8, tagger_reference=30) + spans("DATE", tagger_pattern=9)
    pairs = {row.label: row.pair for row in residuals(tables.from_rows("spans", rows))}
    assert pairs == {"NAME": ("tagger", "reference"), "DATE": ("tagger", "pattern")}


def test_carry_over_and_lexicon_never_form_a_pair() -> None:
    rows = spans("NAME", tagger_carryover=40, pattern_lexicon=40, tagger=3)
    [row] = residuals(tables.from_rows("spans", rows))
    assert row.note and math.isnan(row.missed)


def test_too_few_shared_mentions_are_no_estimate() -> None:
    [row] = residuals(tables.from_rows("spans", spans("NAME", tagger_pattern=6, tagger=50)))
    assert "share 7 mentions" in row.note


def test_clopper_pearson_by_hand() -> None:
    """0 of n: 1 - (a/2)^(1/n); n of n: (a/2)^(1/n); 2 of 20: from tables .0123 and .3170."""
    assert clopper_pearson(0, 30) == pytest.approx((0, 1 - 0.025 ** (1 / 30)))
    assert clopper_pearson(30, 30) == pytest.approx((0.025 ** (1 / 30), 1))
    assert clopper_pearson(2, 20) == pytest.approx((0.0123, 0.3170), abs=1e-4)
    assert clopper_pearson(0, 0) == (0, 1)


def test_wilson_by_hand() -> None:
    """2 of 20, z = 1.959964, z2 = 3.841459: middle .1 + .0960365 = .1960365;
    reach 1.959964 * sqrt(.0045 + .00240091) = .1628175; scale 1.1920729:
    .0278665 and .3010336."""
    assert wilson(2, 20) == pytest.approx((0.0278665, 0.3010336), abs=1e-6)
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_both_intervals_hold_the_share_itself(case: tuple[int, int]) -> None:
    found, sampled = case
    for interval in (wilson(found, sampled), clopper_pearson(found, sampled)):
        assert interval.low - 1e-9 <= found / sampled <= interval.high + 1e-9


RECORDS = [("40", "F"), ("40", "F"), ("40", "F"), ("50", "F"), ("50", "F"), ("60", "M")]


def test_prosecutor_risk_by_hand() -> None:
    """Classes of 3, 2 and 1 subjects: maximum 1/1, average 3 classes / 6 subjects."""
    risk = prosecutor(RECORDS)
    assert (risk.subjects, risk.classes, risk.smallest) == (6, 3, 1)
    assert risk.maximum == 1
    assert risk.average == pytest.approx(0.5)
    assert risk.at_risk == 6 and not risk.passes
    assert prosecutor(RECORDS, threshold=0.34).at_risk == 3


@pytest.mark.parametrize(
    ("threshold", "k"), [(0.09, 12), (0.1, 10), (0.05, 20), (1 / 3, 3), (1, 1)]
)
def test_the_threshold_asks_for_the_k_that_meets_it_without_rounding(
    threshold: float, k: int
) -> None:
    """1/11 = 0.0909 exceeds 0.09, so 0.09 asks for 12."""
    assert required_k(threshold) == k
    assert 1 / k <= threshold


def test_eleven_alike_do_not_meet_the_threshold_and_twelve_do() -> None:
    assert not prosecutor([("a",)] * 11).passes
    assert prosecutor([("a",)] * 12).passes


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=40))
def test_the_average_risk_is_classes_by_subjects(records: list[tuple[str, str]]) -> None:
    risk = prosecutor(records)
    assert risk.average == pytest.approx(len(set(records)) / len(records))
    assert 0 < risk.average <= risk.maximum <= 1


def test_journalist_risk_by_hand() -> None:
    """F = 30, 30, 30, 4, 4 and, as the population lists none, the document's own 1:
    maximum 1, average (3/30 + 2/4 + 1)/6 = .26667."""
    risk = journalist(RECORDS, {("40", "F"): 30, ("50", "F"): 4})
    assert risk.maximum == 1
    assert risk.average == pytest.approx(1.6 / 6)
    assert risk.at_risk == 3


def test_zip3_totals_bound_the_risk_from_below() -> None:
    assert zip3_bound(20_000) == 1 / 20_000
    with pytest.raises(ValueError, match="nobody"):
        zip3_bound(0)


def test_the_drivers_are_the_ten_riskiest_subjects_and_what_sets_them_apart() -> None:
    values = {f"d/{i}": {"age": "40–49", "country": "France"} for i in range(20)}
    values |= {"d/90": {"age": "90 or older", "country": "France"}}
    comparison = compare(values, values)
    assert len(comparison.drivers) == 10
    first = comparison.drivers[0]
    assert (first.subject, first.risk, first.fields) == ("d/90", 1.0, ("age",))
    assert comparison.drivers[1].risk == 1 / 20


def test_before_and_after_have_to_name_the_same_subjects() -> None:
    with pytest.raises(ValueError, match="different subjects"):
        compare({"a": {}}, {})


SUBJECTS = [
    f"Subject [ID.subject_id|10{n:02d}], [AGE|{40 + n % 5}] years, [LOCATION.country|France], "
    f"[DATE.admission|{n + 1} May 2020]" for n in range(12)
]  # fmt: skip


def test_banding_shifting_and_recoding_bring_the_risk_below_the_threshold() -> None:
    source = document(*SUBJECTS, one_blob=False)
    decisions = judge(source, "ema-0070")
    comparison = score(source.paragraphs, decisions).reidentification
    assert comparison.fields == ("admission date", "age", "country")
    assert (comparison.before.classes, comparison.before.maximum) == (12, 1.0)
    assert (comparison.after.classes, comparison.after.smallest) == (1, 12)
    assert comparison.after.maximum == pytest.approx(1 / 12)
    assert comparison.after.passes and not comparison.before.passes


def test_subjects_are_named_by_opaque_ids_alone() -> None:
    source = document(*SUBJECTS, one_blob=False)
    subjects = subjects_of(judge(source, "ema-0070"), source.paragraphs)
    assert sorted(subjects.before) == sorted(f"d-1/{n}" for n in range(12))


def test_staff_are_no_subjects() -> None:
    source = document("[NAME.staff|Ann Lee], [AGE|50]")
    assert subjects_of(judge(source, "safe-harbor"), source.paragraphs).before == {}


def test_utility_by_hand() -> None:
    """Nine words, of which scores .9, .6 and .6 hide three: 6 / (6 + .1 + .4 + .4)."""
    source = document("saw [NAME:0.9|Bell] at the [FACILITY:0.6|Red House] in [DATE|May] once")
    decisions = judge(source, load_policy("everything").model_copy(
        update={"entities": {"DATE": load_policy("everything").default.model_copy(
            update={"action": "keep"})}}))  # fmt: skip
    measured = utility(source.paragraphs, decisions)
    assert (measured.words, measured.hidden) == (9, 3)
    assert measured.needless == pytest.approx(0.9, abs=1e-6)
    assert measured.share == pytest.approx(6 / 6.9, abs=1e-6)


def test_utility_against_known_identifiers_by_hand() -> None:
    """Seven words; Bell and May identify, Red House does not but is hidden: 3 / (3 + 2)."""
    source = document("saw [NAME|Bell] at [FACILITY|Red House] in [DATE|May]")
    known = document("saw [NAME|Bell] at Red House in [DATE|May]").spans
    measured = utility_against(source.paragraphs, judge(source, "everything"), known)
    assert measured.needless == 2
    assert measured.share == pytest.approx(3 / 5)


def test_a_document_without_words_keeps_them_all() -> None:
    source = document("")
    assert utility(source.paragraphs, judge(source, "everything")).share == 1


def test_the_draft_report_states_risk_threshold_k_and_rounding_without_document_text() -> None:
    source = document(*SUBJECTS, "[NAME.patient|Wilhelmina Zubrowska]", one_blob=False)
    decisions = judge(source, "ema-0070")
    policy = load_policy("ema-0070")
    text = anonymisation_section(
        score(source.paragraphs, decisions), decisions, {"title": policy.title, "hash": policy.hash}
    )
    assert policy.hash in text
    assert "asks\nfor k = 12" in text or "asks for k = 12" in text.replace("\n", " ")
    assert "1/11 = 0.0909" in text
    assert "Zubrowska" not in text and "1004" not in text
    assert "{" not in text and "nan" not in text


def test_the_draft_report_of_a_single_record_asks_for_a_population() -> None:
    source = document("[DATE|May 2020]")
    decisions = judge(source, "ema-0070")
    text = anonymisation_section(
        score(source.paragraphs, decisions), decisions, {"title": "T", "hash": "h"}
    )
    assert "State the population" in text


POPULATION = pa.table(
    {
        "person": pa.array([0, 0, 1, 1, 2, 2, 3, 3], pa.int32()),
        "label": ["DATE", "LOCATION"] * 4,
        "kind": ["birth", "state"] * 4,
        "value": ["1977-05-24", "Ohio", "1977-08-01", "Ohio", "1977-05-24", "Iowa", "1960-01-01",
                  "Ohio"],
    }
)  # fmt: skip


def test_risk_in_a_reference_population_by_hand() -> None:
    """Born on one day in Ohio is one member of four, in 1977 two of four; hidden, all four."""
    source = document(
        "Patient [NAME.patient|Jo Bell], born [DATE.birth|24 May 1977], of [LOCATION.state|ohio]"
    )
    found = {}
    for name in ("limited-data-set", "safe-harbor", "everything"):
        policy = load_policy(name)
        decisions = judge(source, policy)
        found[name] = population_risk(source.paragraphs, decisions, policy, POPULATION, 4, 2026)
    sizes = {name: (risk.before.smallest, risk.after.smallest) for name, risk in found.items()
             if risk is not None}  # fmt: skip
    assert sizes == {"limited-data-set": (1, 1), "safe-harbor": (1, 2), "everything": (1, 4)}
    safe = found["safe-harbor"]
    assert safe is not None and safe.after.maximum == pytest.approx(1 / 2)
    assert safe.fields == ("birth date", "state") and safe.unmatched == 0


def test_a_subject_outside_the_reference_population_counts_with_the_documents_number() -> None:
    source = document("Patient [NAME.patient|Jo Bell], born [DATE.birth|3 May 1950]")
    policy = load_policy("safe-harbor")
    risk = population_risk(
        source.paragraphs, judge(source, policy), policy, POPULATION, 4, this_year=2026
    )
    assert risk is not None
    assert (risk.unmatched, risk.before.maximum, risk.after.maximum) == (1, 1.0, 1.0)


def test_a_reference_without_quasi_identifiers_gives_no_population_risk() -> None:
    source = document("Patient [NAME.patient|Jo Bell], born [DATE.birth|3 May 1950]")
    policy = load_policy("safe-harbor")
    names = POPULATION.set_column(1, "label", pa.array(["NAME"] * 8))
    decisions = judge(source, policy)
    assert population_risk(source.paragraphs, decisions, policy, names, 4, 2026) is None
