"""The training text: exact spans, disjoint splits, repeatable seeds, closed labels."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from nescio.tables import LABELS
from training.synthetic import slots
from training.text import generate, load_templates
from training.text.noise import roughen
from training.text.respell import Labelled, detokenise, edit, rename, split_text
from training.text.scene import Scene, vocabulary
from training.text.sources import convert, load, mapping
from training.text.templates import compile_template, expand
from training.text.weak import RULES

SHARED = Path(os.environ.get("NESCIO_SHARED", Path(__file__).parents[2].parent / "shared"))
DOCUMENTS = (
    "discharge", "referral", "radiology", "pathology", "nursing", "operation", "insurance", "email",
    "narrative", "listing", "signature",
)  # fmt: skip
"""Kinds of documents that have hundreds of templates each."""
needs_shared = pytest.mark.skipif(
    not (SHARED / "data" / "phi").is_dir(), reason=f"no labelled sets under {SHARED}"
)


@pytest.fixture(scope="module")
def texts():
    return [*generate(11, 1500, "train"), *generate(11, 500, "heldout")]


def test_spans_are_exact_ordered_and_apart(texts):
    for row in texts:
        end = 0
        for span in row["spans"]:
            covered = row["text"][span["start"] : span["end"]]
            assert covered and covered == covered.strip(), row["id"]
            assert span["start"] >= end, row["id"]
            end = span["end"]


def test_labels_and_kinds_are_of_the_closed_list(texts):
    found = {(span["label"], span["kind"]) for row in texts for span in row["spans"]}
    allowed = {(label, kind) for label, kinds in LABELS.items() for kind in (*kinds, "")}
    assert found <= allowed


def test_every_label_but_other_is_taught(texts):
    assert {span["label"] for row in texts for span in row["spans"]} == set(LABELS) - {"OTHER"}


def test_a_seed_repeats_the_texts_and_another_changes_them():
    first, again, other = (list(generate(seed, 60)) for seed in (5, 5, 6))
    assert first == again
    assert [row["text"] for row in first] != [row["text"] for row in other]


def test_a_text_does_not_depend_on_how_many_are_made():
    assert list(generate(5, 10)) == list(generate(5, 40))[:10]


def test_held_out_templates_never_stand_in_training_text(texts):
    used = {
        split: {name for row in texts if row["split"] == split for name in row["template_ids"]}
        for split in ("train", "heldout")
    }
    assert used["train"] and used["heldout"]
    assert not used["train"] & used["heldout"]


def test_one_template_in_eight_is_held_out_in_every_large_kind():
    templates = load_templates()
    held = Counter(t.kind for t in templates if t.split == "heldout")
    assert 0.08 < sum(held.values()) / len(templates) < 0.16
    large = {kind for kind, n in Counter(t.kind for t in templates).items() if n >= 25}
    assert large <= held.keys()


def test_templates_are_many_and_no_two_alike():
    templates = load_templates()
    assert len({t.name for t in templates}) == len(templates)
    counts = Counter(t.kind for t in templates)
    assert {kind: counts[kind] for kind in DOCUMENTS if counts[kind] < 200} == {}


@pytest.mark.parametrize("seed", range(4))
def test_every_slot_of_every_template_can_be_filled(seed):
    for template in load_templates():
        rng = random.Random(seed)
        scene = Scene(rng, template.split)
        for node in expand(template.nodes, rng):
            filled = ((node, "", ""),) if isinstance(node, str) else scene.fill(*node)
            assert all(text for text, _, _ in filled), template.name


def test_no_braces_of_a_template_are_left_in_the_text(texts):
    assert not [row["id"] for row in texts if re.search(r"\{[a-z]+[.}:]", row["text"].lower())]


def test_no_escape_of_a_template_is_left_in_the_text(texts):
    assert not [row["id"] for row in texts if re.search(r"\\[nt]", row["text"])]


def test_no_word_list_hides_a_kind_of_id():
    assert not set(vocabulary()) & set(slots.ID_KINDS)


def test_an_unclosed_choice_is_an_error():
    with pytest.raises(ValueError, match="not closed"):
        compile_template("The patient <was|is seen.", "form")


def test_noise_keeps_the_number_and_the_labels_of_pieces():
    pieces = [("Seen by Dr. ", "", ""), ("Ana Lima", "NAME", "staff"), (" on ", "", "")]
    for seed in range(200):
        rough = roughen(pieces, random.Random(seed))
        assert [piece[1:] for piece in rough] == [piece[1:] for piece in pieces]
        assert all(text for text, _, _ in rough)


def test_training_names_and_held_out_names_are_disjoint():
    names = {"train": set(), "heldout": set()}
    for split, found in names.items():
        rng = random.Random(3)
        for _ in range(3000):
            name = slots.make_name(rng, rng.choice(("male", "female")), split)
            found |= {name.first.casefold()}
    assert len(names["train"]) > 1000
    assert not names["train"] & names["heldout"]


def test_one_person_has_one_value_for_everything():
    person = slots.make_person(random.Random(2))
    assert (person.phone, person.email, person.id("mrn")) == (
        person.phone,
        person.email,
        person.id("mrn"),
    )
    assert person.today.year - person.birth.year - person.age in (0, 1)


def test_ids_of_every_kind_follow_their_formats():
    rng = random.Random(1)
    for kind in slots.ID_KINDS:
        assert kind in LABELS["ID"]
        assert all(re.search(r"[0-9A-Za-z*]", slots.render_id(rng, kind)) for _ in range(50))
    assert re.fullmatch(r"[A-Z]{2}-\d{4}", slots.render_pattern(rng, "AA-9999"))


def test_ages_mark_the_number_alone():
    for seed in range(100):
        pieces = slots.render_age(random.Random(seed), 76, "adjective")
        assert next(text for text, span in pieces if span) in ("76", "seventy-six")


def test_the_mapping_names_only_labels_of_the_closed_list():
    for source in mapping().values():
        assert set(source["annotated"]) <= set(LABELS)
        assert set(source["weak"]) | set(source["first"]) <= set(RULES)
        for entry in source["labels"].values():
            assert entry.keys() & {"ignore", "drop"} or entry["label"] in LABELS
            assert set(entry.get("also", ())) <= set(LABELS)
            if entry.get("kind"):
                assert entry["kind"] in LABELS[entry["label"]]


def test_an_address_is_split_into_street_city_state_and_zip():
    text = "Lives at 12 Elm St, Apt 4, Oxford, OH 45056 now."
    row = {"text": text, "spans": [{"start": 9, "end": 43, "label": "ADDRESS"}]}
    spans = convert(row, mapping()["outis"]).spans
    assert [(text[s["start"] : s["end"]], s["label"], s["kind"]) for s in spans] == [
        ("12 Elm St, Apt 4", "ADDRESS", "street"),
        ("Oxford", "LOCATION", "city"),
        ("OH", "LOCATION", "state"),
        ("45056", "LOCATION", "zip"),
    ]


def test_an_unmarked_age_is_marked_and_an_unmarked_year_is_masked():
    text = "A 54-year-old adult. A review published in 2009."
    labelled = convert({"text": text, "spans": []}, mapping()["outis"])
    assert [text[s["start"] : s["end"]] for s in labelled.spans] == ["54"]
    assert labelled.spans[0]["weak"]
    assert [text[m["start"] : m["end"]] for m in labelled.ignore] == ["2009"]


def test_an_age_of_a_group_is_not_marked_as_a_persons():
    text = "Indicated for children aged 12 years and older and for patients over 65 years old."
    assert not convert({"text": text, "spans": []}, mapping()["outis"]).spans


def test_names_after_titles_are_marked_and_other_common_names_masked():
    text = "She was followed by Dr. Kumar. Her sister Martha agrees."
    labelled = convert({"text": text, "spans": []}, mapping()["sections"])
    assert [text[s["start"] : s["end"]] for s in labelled.spans] == ["Kumar"]
    assert [text[m["start"] : m["end"]] for m in labelled.ignore] == ["Martha"]


def test_an_unknown_label_of_a_source_is_an_error():
    with pytest.raises(KeyError):
        convert({"text": "x", "spans": [{"start": 0, "end": 1, "label": "?"}]}, mapping()["btc"])


def test_edits_move_spans_with_their_text():
    labelled = Labelled("ab Ana cd Bo", [{"start": 3, "end": 6}, {"start": 10, "end": 12}], [])
    edited = edit(labelled, [(3, 6, "Maria"), (7, 9, "")])
    assert edited.text == "ab Maria  Bo"
    assert [edited.text[s["start"] : s["end"]] for s in edited.spans] == ["Maria", "Bo"]


def test_detokenising_keeps_the_words_of_spans():
    text = "Then ( Ana 's ) friend , Bo , left ."
    labelled = Labelled(text, [{"start": 7, "end": 10}, {"start": 25, "end": 27}], [])
    tidy = next(
        t for t in (detokenise(labelled, random.Random(s)) for s in range(9)) if t.text != text
    )
    assert tidy.text == "Then (Ana's) friend, Bo, left."
    assert [tidy.text[s["start"] : s["end"]] for s in tidy.spans] == ["Ana", "Bo"]


def test_a_renamed_person_keeps_one_name_throughout():
    text = "Zor Quimble came. Quimble left."
    spans = [{"start": a, "end": b, "label": "NAME", "kind": None} for a, b in ((0, 11), (18, 25))]
    renamed = rename(Labelled(text, spans, []), random.Random(4))
    full, short = (renamed.text[s["start"] : s["end"]] for s in renamed.spans)
    assert "Quimble" not in renamed.text
    assert full.endswith(short)


def test_cutting_a_text_loses_no_span():
    text = " ".join(f"Seen by Ana{n} on Monday. All is well." for n in range(60))
    spans = [
        {"start": m.start(), "end": m.end(), "label": "NAME", "kind": None}
        for m in re.finditer(r"Ana\d+", text)
    ]
    pieces = split_text(Labelled(text, spans, []), random.Random(1))
    assert len(pieces) > 3
    found = [p.text[s["start"] : s["end"]] for p in pieces for s in p.spans]
    assert found == [text[s["start"] : s["end"]] for s in spans]


def test_sets_for_testing_are_marked_as_such():
    uses = {name: use for source in mapping().values() for name, use in source["files"].items()}
    evaluation = {name for name, use in uses.items() if use == "eval"}
    assert evaluation == {"outis_challenge", "outis_validation", "wnut17_dev"}


@needs_shared
def test_spans_of_the_sources_are_exact_and_test_sets_stay_out_of_training():
    splits: dict[str, set[str]] = {}
    files = ("outis_v12", "wnut17_dev", "wikigold", "mts_dialog", "sec_filings")
    for row in load(SHARED / "data", only=files):
        splits.setdefault(row["source"], set()).add(row["split"])
        for span in row["spans"]:
            covered = row["text"][span["start"] : span["end"]]
            assert covered and covered == covered.strip(), row["id"]
    assert splits.keys() == set(files)
    assert splits["wnut17_dev"] == {"eval"}
    assert all(splits[name] == {"train", "holdout"} for name in files if name != "wnut17_dev")


def test_a_disease_named_after_somebody_is_nobodys_name():
    for seed in range(20):
        ((text, label, kind),) = Scene(random.Random(seed), "train").fill("coined", "")
        assert text.split()[0][0].isalpha() and len(text.split()) > 1
        assert (label, kind) == ("", "")


def test_names_stand_beside_words_that_are_none(texts):
    beside = [r for r in texts if any(name.startswith("contrast-") for name in r["template_ids"])]
    assert len(beside) > 50
    assert sum(any(s["label"] == "NAME" for s in row["spans"]) for row in beside) > 0.8 * len(
        beside
    )
