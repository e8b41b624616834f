"""Hybrid search: what is carried inside a blob, what never leaves it, and how overlaps end."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_inputs import Given, found_in, lexicon_of, paragraphs_of, search, spans_of

from nescio import tables
from nescio.blobs import cut_blobs, pack
from nescio.context import predict_context
from nescio.search import ReferenceIndex, hybrid_search
from nescio.search.mapping import make_mapping
from nescio.search.reference_build import build_index
from nescio.search.resolve import Found, resolve


def test_heading_governs_its_blob() -> None:
    hits = search(
        ["# Patient: Jane Doe", "Doe had a cold."], Given(0, "Jane Doe", "NAME", "patient")
    )
    assert found_in(hits, 1) == ["Doe"]
    assert hits[1].sources == ("carryover",)
    assert hits[1].kind == "patient"


def test_state_never_crosses_a_blob() -> None:
    texts = ["# Patient: Jane Doe", "Text.", "# Conclusion", "Doe is a female deer."]
    assert found_in(search(texts, Given(0, "Jane Doe", "NAME", "patient")), 3) == []


def test_state_does_not_cross_from_one_document_to_the_next() -> None:
    first, second = paragraphs_of(["Jane Doe."], "a"), paragraphs_of(["Doe slept."], "b")
    paragraphs = pa.concat_tables([first, second])
    context = predict_context(paragraphs)
    spans = hybrid_search(
        paragraphs,
        context,
        spans_of(first, [Given(0, "Jane Doe", "NAME")], "a"),
        tables.empty("lexicon"),
        cut_blobs(paragraphs, context),
    )
    assert spans["doc"].to_pylist() == ["a"]


def test_state_does_not_reach_back() -> None:
    hits = search(["# 1 Day", "Doe came.", "Jane Doe left."], Given(2, "Jane Doe", "NAME"))
    assert found_in(hits, 1) == []


def test_running_header_between_two_pages_does_not_end_what_is_carried() -> None:
    header = {"text": "Confidential", "kind": "header", "page": 1}
    texts = ["# Patient: Jane Doe", header, {"text": "Doe had a cold.", "page": 1}]
    assert found_in(search(texts, Given(0, "Jane Doe", "NAME")), 2) == ["Doe"]


def test_unsure_prediction_is_kept_but_not_carried() -> None:
    weak = Given(0, "Jane Doe", "NAME", score=0.3, source="tagger")
    hits = search(["# Visit of Jane Doe", "Doe had a cold."], weak)
    assert [hit.text for hit in hits] == ["Jane Doe"]


def test_what_only_repeats_is_not_carried_further() -> None:
    texts = ["# Patient: Jane Kowalczyk", "Kowalczik slept.", "Kowalczikk slept."]
    hits = search(texts, Given(0, "Jane Kowalczyk", "NAME"))
    assert found_in(hits, 1) == ["Kowalczik"]  # one letter off
    assert found_in(hits, 2) == []  # two letters off, one from a mention that only repeats


def test_lexicon_reaches_every_blob_of_its_document() -> None:
    hits = search(["# 1 A", "# 2 B", "Doe slept."], lexicon=lexicon_of(("Jane Doe", "NAME", "")))
    assert [(hit.text, hit.sources) for hit in hits] == [("Doe", ("lexicon",))]


def test_lexicon_of_another_document_says_nothing() -> None:
    lexicon = lexicon_of(("Jane Doe", "NAME", ""), doc="other")
    assert search(["Doe slept."], lexicon=lexicon) == []


def test_all_sources_that_vouch_are_kept() -> None:
    hits = search(
        ["# Patient: Jane Doe", "Mrs. Doe slept."],
        Given(0, "Jane Doe", "NAME", "patient"),
        Given(1, "Doe", "NAME", "", 0.7, "tagger"),
        Given(1, "Mrs. Doe", "NAME", "", 0.6, "pattern"),
        lexicon=lexicon_of(("Jane Doe", "NAME", "patient")),
    )
    assert [hit.text for hit in hits if hit.paragraph == 1] == ["Mrs. Doe"]
    assert hits[-1].sources == ("pattern", "tagger", "lexicon", "carryover")
    assert hits[-1].kind == "patient"


def test_nothing_predicted_is_lost() -> None:
    given_spans = [Given(0, "1004", "ID"), Given(0, "9 May 2021", "DATE"), Given(0, "44", "AGE")]
    hits = search(["Subject 1004, 44 years, 9 May 2021."], *given_spans)
    assert [hit.text for hit in hits] == ["1004", "44", "9 May 2021"]


def found(start: int, end: int, label: str, kind: str = "", **scores: float) -> Found:
    return Found(start, end, label, kind, scores)


TEXT = "x" * 40


def test_spans_of_one_label_become_their_union() -> None:
    [span] = resolve(
        [found(0, 8, "NAME", tagger=0.8), found(5, 12, "NAME", "staff", pattern=0.5)], TEXT
    )
    assert (span.start, span.end, span.kind) == (0, 12, "staff")
    assert span.score == pytest.approx(1 - 0.2 * 0.5)


def test_repeating_sources_do_not_add_up() -> None:
    [span] = resolve(
        [found(0, 8, "NAME", tagger=0.8), found(0, 8, "NAME", lexicon=0.7, carryover=0.85)], TEXT
    )
    assert span.score == pytest.approx(0.85)


def test_same_source_twice_is_not_two_witnesses() -> None:
    [span] = resolve([found(0, 8, "ID", pattern=0.6), found(0, 9, "ID", pattern=0.5)], TEXT)
    assert span.score == pytest.approx(0.6)


def test_stronger_label_wins_and_the_rest_of_the_weaker_stays() -> None:
    spans = resolve([found(0, 10, "LOCATION", tagger=0.6), found(6, 20, "ID", pattern=0.9)], TEXT)
    assert [(s.start, s.end, s.label) for s in spans] == [(0, 6, "LOCATION"), (6, 20, "ID")]


def test_covered_loser_vouches_without_raising_the_score() -> None:
    [span] = resolve([found(0, 10, "ID", pattern=0.9), found(2, 8, "PHONE", tagger=0.7)], TEXT)
    assert span.sources == ["pattern", "tagger"]
    assert span.score == pytest.approx(0.9)


def test_whole_wins_over_its_part_for_labels_made_of_parts() -> None:
    spans = resolve([found(0, 20, "EMAIL", pattern=0.8), found(0, 8, "NAME", tagger=0.99)], TEXT)
    assert [(s.start, s.end, s.label) for s in spans] == [(0, 20, "EMAIL")]


def test_a_number_is_not_lost_to_an_address_that_is_hardly_sure() -> None:
    """A policy drops what scores below its threshold, and would drop the number with it."""
    number = found(0, 3, "ID", pattern=0.8)
    for end in (3, 12):
        first, *_ = resolve([number, found(0, end, "ADDRESS", tagger=0.11)], TEXT)
        assert (first.start, first.end, first.label, first.score) == (0, 3, "ID", 0.8)
    [whole] = resolve([number, found(0, 12, "ADDRESS", tagger=0.6)], TEXT)
    assert (whole.end, whole.label) == (12, "ADDRESS")


def test_name_wins_over_an_equal_label_that_a_policy_may_keep() -> None:
    [first, *_] = resolve(
        [found(0, 8, "ORGANIZATION", tagger=0.92), found(0, 8, "NAME", pattern=0.88)], TEXT
    )
    assert first.label == "NAME"


def test_what_a_person_said_wins_over_everything() -> None:
    [span] = resolve([found(0, 8, "NAME", tagger=0.99), found(0, 8, "OTHER", deny=0.1)], TEXT)
    assert span.label == "OTHER"


SPANS = st.builds(
    lambda start, size, label, score, source: Found(
        start, start + size, label, "", {source: score}
    ),
    st.integers(0, 30),
    st.integers(1, 10),
    st.sampled_from(["NAME", "ID", "EMAIL", "DATE", "LOCATION"]),
    st.floats(0.05, 0.99),
    st.sampled_from(["tagger", "pattern", "reference", "lexicon", "carryover", "deny"]),
)


@given(st.lists(SPANS, max_size=8), st.randoms())
def test_resolved_spans_cover_all_that_was_found_do_not_overlap_and_ignore_the_order(
    spans: list[Found], shuffle: random.Random
) -> None:
    resolved = resolve(spans, TEXT)
    shuffled = list(spans)
    shuffle.shuffle(shuffled)
    assert [(s.start, s.end, s.label, s.sources) for s in resolve(shuffled, TEXT)] == [
        (s.start, s.end, s.label, s.sources) for s in resolved
    ]
    assert all(a.end <= b.start for a, b in pairwise(resolved))
    covered = {i for span in resolved for i in range(span.start, span.end)}
    assert covered == {i for span in spans for i in range(span.start, span.end)}


NAMES = ["Jane Doe", "Luca Marchetti", "Will Young", "May Long", "Ana O'Neil", "Wei Li"]
PIECES = [
    *NAMES,
    *(name.split()[1] for name in NAMES),
    *(name.split()[0] for name in NAMES),
    "Subject CJ1-101-1004",
    "1004",
    "J.D.",
    "JD",
    "Marchetti's",
    "24 May 1977",
    "aged 45",
    "Leeds",
    "slept.",
    "Mrs.",
    "may",
]
PREDICTED = dict.fromkeys(NAMES, ("NAME", "patient")) | {
    "24 May 1977": ("DATE", ""),
    "45": ("AGE", ""),
    "1004": ("ID", "subject_id"),
}
WHERE = st.tuples(st.sampled_from(["a", "b"]), st.booleans(), st.booleans())
PARAGRAPHS = st.lists(
    st.tuples(WHERE, st.lists(st.sampled_from(PIECES), min_size=1, max_size=5)),
    min_size=1,
    max_size=12,
)


@cache
def reference() -> ReferenceIndex:
    """Return an index of a few people, two of whom share a name."""
    import pyarrow.parquet as pq

    folder = Path(mkdtemp())
    table = {
        "USUBJID": ["CJ1-101-1004", "CJ1-101-1005", "CJ1-102-2001", "CJ1-102-2002"],
        "LAST": ["Doe", "Marchetti", "Young", "Doe"],
        "FIRST": ["May", "Luca", "Will", "May"],
        "BRTHDTC": ["1977-05-24", "1980-01-02", "1955-12-31", "1999-01-01"],
        "AGE": [45, 41, 67, 22],
        "CITY": ["Leeds", "Reading", "Bath", "Leeds"],
    }
    pq.write_table(pa.table(table), folder / "reference.parquet")
    entities = {
        "USUBJID": "ID/subject_id",
        "LAST": "NAME/patient/last",
        "FIRST": "NAME/patient/first",
        "BRTHDTC": "DATE/birth",
        "AGE": "AGE",
        "CITY": "LOCATION/city",
    }
    return build_index(folder / "reference.parquet", make_mapping(entities), folder / "index")


def generated(
    drawn: list[tuple[tuple[str, bool, bool], list[str]]], predicted: random.Random
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return paragraphs, context and predictions of two documents."""
    rows: dict[str, list[str | dict[str, Any]]] = {"a": [], "b": []}
    for (doc, heading, header), pieces in drawn:
        kind = "heading" if heading else "header" if header else "body"
        rows[doc].append({"text": " ".join(pieces), "kind": kind})
    paragraphs = pa.concat_tables([paragraphs_of(rows[doc], doc) for doc in rows])
    spans = []
    for row in paragraphs.to_pylist():
        for text, (label, kind) in PREDICTED.items():
            start = row["text"].find(text)
            if start >= 0 and predicted.random() < 0.5:
                place = {"doc": row["doc"], "paragraph": row["paragraph"], "start": start}
                seen = {"end": start + len(text), "label": label, "kind": kind, "score": 0.9}
                spans.append(place | seen | {"sources": ["tagger"]})
    return paragraphs, predict_context(paragraphs), tables.from_rows("entities", spans)


@settings(deadline=None)
@given(PARAGRAPHS, st.integers(1, 5), st.booleans(), st.randoms(use_true_random=False))
def test_any_sharding_and_any_order_of_blobs_gives_the_same_spans(
    drawn: list[tuple[tuple[str, bool, bool], list[str]]],
    shards: int,
    with_reference: bool,
    chance: random.Random,
) -> None:
    paragraphs, context, predictions = generated(drawn, chance)
    lexicon = lexicon_of(("Ana O'Neil", "NAME", "patient"), doc="a")
    index = reference() if with_reference else None
    blobs = cut_blobs(paragraphs, context)
    sequential = hybrid_search(paragraphs, context, predictions, lexicon, blobs, index)
    numbers = pc.unique(blobs["blob"]).to_pylist()
    chance.shuffle(numbers)
    parts = []
    for members in pack([1] * len(numbers), shards):
        wanted = pa.array([numbers[i] for i in members], pa.int32())
        own = blobs.filter(pc.is_in(blobs["blob"], wanted))
        renumbered = {number: place for place, number in enumerate(wanted.to_pylist())}
        order = pa.array([renumbered[b] for b in own["blob"].to_pylist()], pa.int32())
        own = own.set_column(2, own.schema.field("blob"), order)
        keys = ["doc", "paragraph"]
        slices = [
            table.join(own.select(keys), keys, join_type="left semi")
            for table in (paragraphs, context)
        ]
        mine = {(r["doc"], r["paragraph"]) for r in own.to_pylist()}
        there = [(r["doc"], r["paragraph"]) in mine for r in predictions.to_pylist()]
        own_predictions = predictions.filter(pa.array(there, pa.bool_()))
        parts.append(hybrid_search(*slices, own_predictions, lexicon, own, index))
    parallel = pa.concat_tables(parts).sort_by(
        [("doc", "ascending"), ("paragraph", "ascending"), ("start", "ascending")]
    )
    assert parallel.to_pylist() == sequential.to_pylist()


@settings(deadline=None)
@given(PARAGRAPHS, st.randoms(use_true_random=False))
def test_spans_of_a_blob_do_not_depend_on_any_other_blob(
    drawn: list[tuple[tuple[str, bool, bool], list[str]]], chance: random.Random
) -> None:
    paragraphs, context, predictions = generated(drawn, chance)
    blobs = cut_blobs(paragraphs, context)
    none = tables.empty("lexicon")
    every = hybrid_search(paragraphs, context, predictions, none, blobs, reference())
    alone = blobs.filter(pc.equal(blobs["blob"], pc.max(blobs["blob"])))
    spans = hybrid_search(paragraphs, context, predictions, none, alone, reference())
    mine = {(row["doc"], row["paragraph"]) for row in alone.to_pylist()}
    assert spans.to_pylist() == [
        row for row in every.to_pylist() if (row["doc"], row["paragraph"]) in mine
    ]
