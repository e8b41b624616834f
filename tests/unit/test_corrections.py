"""What reviews teach: labelled texts for training and measuring, and entries for policy lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest
from review_inputs import DOC, NAME, NUMBER, OTHER_NAME, propose
from typer.testing import CliRunner

from nescio.cli import app
from nescio.policy.load import read_phrases
from nescio.policy.suggest import add_to_lists, suggestions
from nescio.review.apply import How, Reviewed, find_record, release_marks
from nescio.review.corrections import corrections_key
from nescio.review.desk import Desk, Entry, State, items_of
from nescio.review.proposal import proposal_key, read_proposed, read_redactions
from nescio.store import LocalStore
from training.evaluation.sets import test_sets as sets_of
from training.tagger.batches import CORRECTED, Corpus
from training.tagger.sources import read_corrections


def release(folder: Path, state: State, *added: Entry) -> dict[str, dict[str, Any]]:
    """Release a proposal after decisions; return the corrections by id."""
    store = LocalStore(folder / "out")
    record = find_record(store, DOC)
    items = items_of(record, read_redactions(store, DOC), read_proposed(store, DOC))
    desk = Desk.__new__(Desk)
    desk.doc, desk.record, desk.items, desk.state = DOC, record, items, state
    entries = [*desk.entries(), *added]
    job = Reviewed(
        str(folder / "out"), DOC, record, folder / "original.pdf", None, "alice", desk.undecided()
    )
    release_marks(job, entries, How(others="leave"))
    path = folder / "out" / corrections_key(DOC)
    assert path.stat().st_mode & 0o777 == 0o600
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["id"]: row for row in rows}


def spans(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["text"][s["start"] : s["end"]], s["label"]) for s in row["spans"]]


def place_of(folder: Path, text: str) -> tuple[float, float, float, float]:
    with pymupdf.open(folder / "original.pdf") as document:
        x0, y0, x1, y1 = document[0].search_for(text)[0]
        return x0, y0, x1, y1


ALL = dict.fromkeys(("0.0", "1.1", "2.0", "3.1"), "accepted")


@pytest.mark.parametrize("rotation", [0, 90])
def test_spans_are_what_was_decided(tmp_path: Path, rotation: int) -> None:
    propose(tmp_path, rotation=rotation)
    added = []
    if not rotation:
        added = [Entry("", 0, "NAME", (place_of(tmp_path, OTHER_NAME),))]
    state = State(verdicts=ALL | {"0.0": "rejected"}, labels={"2.0": "PHONE"})
    found = release(tmp_path, state, *added)
    first = [pair for row in found.values() if "/0/" in row["id"] for pair in spans(row)]
    second = [pair for row in found.values() if "/1/" in row["id"] for pair in spans(row)]
    assert first == [(NUMBER, "PHONE"), *([(OTHER_NAME, "NAME")] if added else [])]
    assert second == [(NAME, "NAME"), (NUMBER, "ID")]
    texts = " ".join(row["text"] for row in found.values())
    assert f"Patient: {NAME} was seen today." in texts, "rejected text stands in it, unlabelled"


def test_nothing_is_learnt_where_nobody_decided(tmp_path: Path) -> None:
    propose(tmp_path)
    found = release(tmp_path, State(verdicts={"0.0": "accepted", "1.1": "accepted"}))
    assert NUMBER not in json.dumps(found)
    review = json.loads((tmp_path / "out/private/review" / f"{DOC}.json").read_text())
    assert review["texts"] == [{"text": NAME, "label": "NAME", "verdict": "accepted"}] * 2


def test_nothing_is_learnt_from_pages_with_mentions_that_the_policy_keeps(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path)
    decisions = read_proposed(store, DOC).to_pylist()
    kept = decisions[0] | {"mention": 99, "page": 1, "action": "keep"}
    table = pa.Table.from_pylist([*decisions, kept], schema=read_proposed(store, DOC).schema)

    pq.write_table(table, tmp_path / "out" / proposal_key(DOC, "decisions.parquet"))
    found = release(tmp_path, State(verdicts=dict(ALL)))
    assert found and all("/0/" in name for name in found)


def test_training_and_measuring_read_them_and_share_no_document(tmp_path: Path) -> None:
    for number in range(20):
        row = {"id": f"d-{number}/0/0", "text": f"Seen by Ilse {number} today.",
               "spans": [{"start": 8, "end": 12, "label": "NAME"}]}  # fmt: skip
        (tmp_path / f"d-{number}.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    train = {example.text for example in read_corrections(tmp_path, "train")}
    measured = {example.text for example in read_corrections(tmp_path, "measure")}
    assert len(train) + len(measured) == 20 and not train & measured and measured
    corpus = Corpus(None, 1, tmp_path)
    assert corpus.mix["corrections"] == CORRECTED
    drawn = [corpus.example().text.casefold() for _ in range(80)]
    assert any("seen by ilse" in " ".join(text.split()) for text in drawn)
    (sets,) = [one for one in sets_of(None, 5, tmp_path) if one.name == "corrections"]
    assert {example.text for example in sets.examples} <= measured
    assert "corrections" not in {one.name for one in sets_of(None, 5)}
    assert "corrections" not in Corpus(None, 1).mix


def reviews(folder: Path, *texts: list[tuple[str, str, str]]) -> LocalStore:
    """Write what was decided on documents."""
    store = LocalStore(folder)
    for number, found in enumerate(texts):
        rows = [dict(zip(("text", "label", "verdict"), row, strict=True)) for row in found]
        store.write(f"private/review/d-{number}.json", json.dumps({"texts": rows}).encode())
    return store


def test_lists_are_suggested_from_repeated_and_unanimous_decisions(tmp_path: Path) -> None:
    store = reviews(
        tmp_path,
        [("Apgar", "NAME", "rejected"), ("Norton", "NAME", "rejected"), ("K-12", "ID", "added")],
        [("APGAR", "NAME", "rejected"), ("Norton", "NAME", "accepted"), ("K-12", "ID", "added")],
        [("Apgar", "NAME", "rejected"), ("Once", "NAME", "rejected"), ("Once", "NAME", "rejected")],
    )
    found = suggestions(store)
    assert found == [("allow", "Apgar", "NAME", 3), ("deny", "K-12", "ID", 2)]
    for _ in range(2):  # confirming twice adds once
        add_to_lists(found, tmp_path / "lists")
    allow = read_phrases((tmp_path / "lists" / "allow.txt").read_bytes())
    assert [(phrase.text, phrase.entity) for phrase in allow] == [("Apgar", "NAME")]


def test_a_person_confirms_suggestions(tmp_path: Path) -> None:
    decided = [("Apgar", "NAME", "rejected"), ("K-12", "ID", "added")]
    reviews(tmp_path, decided, decided)
    command = ["policy", "suggest", str(tmp_path)]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0 and "2 suggestions" in shown.output
    assert not list(tmp_path.glob("lists/*"))
    folder = ["--folder", str(tmp_path / "lists")]
    assert CliRunner().invoke(app, [*command, "--accept", "2", *folder]).exit_code == 0
    assert (tmp_path / "lists" / "deny.txt").read_text() == "K-12\tID\n"
    assert not (tmp_path / "lists" / "allow.txt").exists()
    for wrong in ("3", "0", "x", "-1"):
        assert CliRunner().invoke(app, [*command, "--accept", wrong, *folder]).exit_code != 0
