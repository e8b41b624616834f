"""The lexicon holds what a document surely says of people and records, and nothing ordinary."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pattern_examples import paragraphs

from nescio import tables
from nescio.search import collect_lexicon, find_patterns
from nescio.tables import LEXICON


def _lexicon(*texts: str, **columns: list) -> list[tuple[str, str, str]]:
    table = paragraphs(list(texts), **columns)
    rows = collect_lexicon(table, find_patterns(table)).to_pylist()
    return [(row["text"], row["label"], row["kind"]) for row in rows]


def _predictions(*spans: tuple[int, int, int, str, float, str]) -> pa.Table:
    return tables.from_rows(
        "entities",
        [
            {
                "doc": "d1",
                "paragraph": paragraph,
                "start": start,
                "end": end,
                "label": label,
                "kind": "",
                "score": score,
                "sources": [source],
            }
            for paragraph, start, end, label, score, source in spans
        ],
    )


def test_labelled_fields_give_entries_with_their_kinds() -> None:
    assert _lexicon(
        "Name: Arvid Rosefield\nMRN: 94242471\nTel. 202-555-0142\nE-mail: ar@example.org",
        "Electronically signed by: João Upwell",
        "lives at 3836 Dewdrop Lane, Upmere, NY 12429",
        "Admission to Shore Hollow Hospital",
    ) == [
        ("202-555-0142", "PHONE", ""),
        ("3836 Dewdrop Lane, Upmere, NY 12429", "ADDRESS", ""),
        ("94242471", "ID", "mrn"),
        ("Arvid Rosefield", "NAME", "patient"),
        ("João Upwell", "NAME", "signatory"),
        ("Shore Hollow Hospital", "FACILITY", ""),
        ("ar@example.org", "EMAIL", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Seen on 02/12/2009, aged 92.",
        "Mr. Young and Mrs. Grace came.",
        "Dr. Li called.",
        "City: Upmere",
        "Parkinson disease; the patient was stable.",
        "The Hospital: Primary Care Clinic",
    ],
    ids=[
        "dates_and_ages",
        "ordinary_words",
        "short_names",
        "places",
        "eponyms",
        "kinds_of_clinics",
    ],
)
def test_what_would_be_found_everywhere_by_mistake_is_no_entry(text: str) -> None:
    assert _lexicon(text) == []


def test_a_name_of_ordinary_words_counts_whole() -> None:
    assert _lexicon("Name: Grace Young") == [("Grace Young", "NAME", "patient")]


def test_line_breaks_inside_a_value_are_one_space() -> None:
    assert _lexicon("Name: Arvid\nRosefield was here") == [("Arvid Rosefield", "NAME", "patient")]


def test_each_text_stands_once_a_document() -> None:
    texts = ["Name: Arvid Rosefield"] * 3
    assert len(_lexicon(*texts)) == 1
    assert len(_lexicon(*texts, doc=["d1", "d1", "d2"])) == 2


def test_an_unsure_span_becomes_sure_in_a_running_header() -> None:
    predictions = _predictions((0, 0, 15, "NAME", 0.7, "tagger"), (1, 0, 15, "NAME", 0.7, "tagger"))
    text = ["Arvid Rosefield"] * 2
    body = paragraphs(text, page=[3, 4])
    header = paragraphs(text, page=[3, 4], kind="header")
    same_page = paragraphs(text, page=[3, 3], kind="header")
    found = [collect_lexicon(t, predictions).num_rows for t in (body, header, same_page)]
    assert found == [0, 1, 0]


def test_two_detectors_together_are_surer_than_each() -> None:
    table = paragraphs(["Arvid Rosefield"], page=[3])
    unsure = (0, 0, 15, "NAME", 0.6)
    counts = [
        collect_lexicon(table, _predictions(*[(*unsure, source) for source in sources])).num_rows
        for sources in (["tagger"], ["tagger", "tagger"], ["tagger", "pattern"])
    ]
    assert counts == [0, 0, 1]


def test_a_lexicon_is_a_lexicon_table_even_when_empty() -> None:
    empty = collect_lexicon(paragraphs([]), _predictions())
    assert empty.schema == LEXICON
    assert empty.num_rows == 0


def test_scores_stay_below_one() -> None:
    table = paragraphs(["ar@example.org"], kind="header")
    lexicon = collect_lexicon(table, _predictions((0, 0, 14, "EMAIL", 1.0, "tagger")))
    assert lexicon["score"].to_pylist() == [pytest.approx(0.99)]


def test_a_part_of_an_address_that_a_detector_found_is_no_entry() -> None:
    text = "service@ward.example.org, www.ward.example.org/service"
    table = paragraphs([text])
    found = _predictions(
        (0, 0, 7, "EMAIL", 0.99, "tagger"),
        (0, 0, 24, "EMAIL", 0.99, "pattern"),
        (0, 47, 54, "URL", 0.99, "tagger"),
        (0, 26, 54, "URL", 0.99, "pattern"),
    )
    assert [row["text"] for row in collect_lexicon(table, found).to_pylist()] == [
        "service@ward.example.org",
        "www.ward.example.org/service",
    ]
