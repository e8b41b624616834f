"""Context: which paragraphs stand under one heading, and in which section."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from conftest import SHARED
from search_inputs import paragraphs_of

from nescio.context import predict_context


def flags(texts: list[str | dict[str, Any]]) -> list[bool]:
    return predict_context(paragraphs_of(texts))["dep_flag"].to_pylist()


def sections(texts: list[str | dict[str, Any]]) -> list[str]:
    return predict_context(paragraphs_of(texts))["section"].to_pylist()


def test_first_paragraph_of_each_document_depends_on_nothing() -> None:
    import pyarrow as pa

    both = pa.concat_tables(
        [paragraphs_of(["One.", "Two."], "a"), paragraphs_of(["One.", "Two."], "b")]
    )
    assert predict_context(both)["dep_flag"].to_pylist() == [False, True, False, True]


def test_heading_opens_and_text_depends() -> None:
    assert flags(["# 1 Summary", "Text.", "More.", "# 2 Methods", "Text."]) == [
        False,
        True,
        True,
        False,
        True,
    ]


def test_subheading_opens_its_own_part() -> None:
    assert flags(["# 12 Narratives", "# 12.1 Subject 1004", "Text."]) == [False, False, True]


def test_second_line_of_a_heading_belongs_to_it() -> None:
    first = {"text": "# 12 Narratives of deaths and other", "gap": 20.0}
    second = {"text": "# serious adverse events in adults", "gap": 3.0}
    assert flags([first, second, "Text."]) == [False, True, True]


@pytest.mark.parametrize(
    "line", ["Subject 1004", "Patient: J. Doe", "Narrative for Subject 101-1004", "Case no. 12"]
)
def test_line_that_names_one_subject_opens_even_where_it_is_no_heading(line: str) -> None:
    assert flags(["Text before.", line, "Text of this subject."]) == [False, False, True]


def test_sentence_that_begins_with_a_subject_opens_nothing() -> None:
    assert flags(["Text.", "Subject 1004 reported a headache on day 3 and was given aspirin."]) == [
        False,
        True,
    ]


def test_fields_of_a_form_stay_together() -> None:
    form = [{"text": text, "kind": "field"} for text in ("MRN: 1", "Patient: J. Doe", "DOB: 1970")]
    assert flags(form) == [False, True, True]


def test_rows_of_a_table_stay_together_even_where_they_look_like_headings() -> None:
    rows = [{"text": t, "kind": "cell", "table": 0, "bold": True} for t in ("ID SEX", "1 M")]
    assert flags(["# Listing", *rows])[2] is True


def test_running_header_does_not_cut_the_text_that_runs_on_below_it() -> None:
    page = [
        "# History",
        "Text.",
        {"text": "Jane Doe, page 2", "kind": "header", "page": 1},
        {"text": "Text runs on.", "page": 1},
    ]
    assert flags(page) == [False, True, False, True]


def test_headers_of_one_page_stand_together_and_those_of_two_pages_do_not() -> None:
    headers = [
        {"text": text, "kind": "header", "page": page}
        for text, page in (("Doe", 0), ("MRN 1", 0), ("Doe", 1))
    ]
    assert flags(headers) == [False, True, False]


def test_section_runs_on_until_the_next_known_heading_of_its_depth() -> None:
    texts = ["# 1 Synopsis", "Text.", "# 12 Safety", "# 12.1 Overview", "Text.", "# 13 Discussion"]
    assert sections(texts) == ["synopsis", "synopsis", "safety", "safety", "safety", "discussion"]


def test_subject_under_narratives_is_in_the_narratives() -> None:
    texts = ["# 12.3 Patient narratives", "# Subject 1004", "# Medical history", "Text.",
             "# Subject 1005", "Text."]  # fmt: skip
    assert sections(texts) == ["narratives"] * 2 + ["past_history"] * 2 + ["narratives"] * 2


def test_label_at_the_head_of_a_paragraph_names_its_section() -> None:
    assert sections(["ALLERGIES: penicillin.", "MEDICATIONS: aspirin."]) == [
        "allergies",
        "medications",
    ]


def test_single_word_names_a_section_unless_a_noun_follows() -> None:
    headings = ["# 1 Summary", "# 2 Summary of safety", "# 3 Summary tables"]
    assert sections(headings) == ["synopsis", "synopsis", ""]


def test_unknown_heading_does_not_end_a_section_of_records() -> None:
    assert sections(["# Narratives", "# Things that happened", "Text."]) == ["narratives"] * 3


def test_unknown_heading_as_large_ends_a_section_and_a_smaller_one_does_not() -> None:
    opener = {"text": "Synopsis", "kind": "heading", "size": 14.0}
    small, large = ({"text": "Happenings", "kind": "heading", "size": s} for s in (11.0, 14.0))
    assert sections([opener, small, "Text."]) == ["synopsis"] * 3
    assert sections([opener, large, "Text."]) == ["synopsis", "", ""]


def test_headings_of_real_visit_notes_are_told_from_their_text() -> None:
    path = SHARED / "data" / "sections" / "aci_paragraphs.jsonl.gz"
    if not path.exists():
        pytest.skip("../shared/data/sections is not on this machine")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        notes = [json.loads(line) for line in lines]
    import pyarrow as pa

    docs: dict[str, list[dict[str, Any]]] = {}
    for note in notes:
        docs.setdefault(note["doc"], []).append(note)
    plain = {"font": "", "size": 0.0, "gap": 0.0}
    paragraphs = pa.concat_tables(
        [
            paragraphs_of([plain | {"text": n["text"], "paragraph": n["i"]} for n in rows], doc)
            for doc, rows in docs.items()
        ]
    )
    gold = {(note["doc"], note["i"]): note["same_as_prev"] for note in notes}
    rows = predict_context(paragraphs).to_pylist()
    wrong = sum(row["dep_flag"] != gold[row["doc"], row["paragraph"]] for row in rows)
    missed = sum(row["dep_flag"] and not gold[row["doc"], row["paragraph"]] for row in rows)
    assert len(rows) > 2_000
    assert wrong / len(rows) < 0.03
    assert missed == 0  # a cut too few would carry one patient's state into another's text


def test_models_correct_the_rule_on_bare_text_and_do_not_depend_on_the_batch() -> None:
    """A line of a list with a label is no heading; other documents change no score."""
    import pyarrow as pa

    plain = {"font": "", "size": 0.0, "gap": 0.0}
    texts = ["CHIEF COMPLAINT", "Headache for two days.", "Selected results", "All was normal.",
             "- Examination: No edema."]  # fmt: skip
    one = paragraphs_of([plain | {"text": text} for text in texts], "a")
    other = paragraphs_of(["# 1 Summary", "Text.", "ALLERGIES: none."] * 20, "b")
    alone = predict_context(one).to_pylist()
    both = predict_context(pa.concat_tables([other, one])).to_pylist()
    assert [row for row in both if row["doc"] == "a"] == alone
    ruled = predict_context(one, rules_only=True)["dep_flag"].to_pylist()
    assert ruled[4] is False  # a line of a list, cut by the rule for its label
    assert alone[0]["dep_flag"] is False
    assert alone[4]["dep_flag"] is True


def test_model_votes_no_cut_away_before_another_subject() -> None:
    plain = {"font": "", "size": 0.0, "gap": 0.0}
    lines = [plain | {"text": text} for text in ("Text before.", "Subject 1004", "He fell.")]
    assert flags(lines) == [False, False, True]
