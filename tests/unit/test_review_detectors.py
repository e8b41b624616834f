"""Detectors look at what a person releases, too: what nobody decided on is asked about."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pymupdf
import pytest
from redact_inputs import make, text
from review_inputs import DOC
from review_servers import API, Client, list_original, serving

from nescio import tables
from nescio.boxes import redactions_of
from nescio.extract import extract_pages
from nescio.original import Original
from nescio.policy import decide, frozen, load_policy, thawed
from nescio.review.apply import UnseenError, apply_proposal
from nescio.review.proposal import proposal_key, read_original, read_record, write_proposal
from nescio.search import find_patterns
from nescio.store import LocalStore

MAIL = "ilse@example.org"
LINES = ("Patient Name: Ilse Vargasdottir", f"Write to {MAIL} for the result.", "45 mg daily.")


def propose(folder: Path, *, overlooked: bool) -> Path:
    """Propose what patterns find in a page; perhaps the address is lost on the way."""
    pdf = make(folder / "original.pdf", text("A page without people."), text(*LINES))
    found = extract_pages(pdf, DOC, 0, 2)
    policy = load_policy("everything")
    spans = find_patterns(found.paragraphs)
    decisions = decide(found.paragraphs, tables.empty("context"), spans, policy, this_year=2026)
    if overlooked:
        rows = [row for row in decisions.to_pylist() if row["label"] != "EMAIL"]
        assert len(rows) < len(decisions)
        decisions = tables.from_rows("decisions", rows)
    redactions = redactions_of(decisions, found.words, found.paragraphs)
    store = LocalStore(folder / "out")
    original = Original(found.paragraphs, found.words, decisions, redactions, policy, "box", 2026)
    document = {"doc": DOC, "pages": 2, "outbox_key": "k"}
    given = (decisions, redactions, found.words)
    write_proposal(store, pdf, document, given, style="box", boxes="tight", original=original)
    return pdf


def released(folder: Path) -> tuple[str, dict[int, str]]:
    """Return the text of the released file and the results of its checks."""
    path = folder / "out" / "released" / f"{DOC}.pdf"
    certificate = json.loads(path.with_suffix(".certificate.json").read_text())
    with pymupdf.open(path) as document:
        return document[1].get_text(), {c["number"]: c["status"] for c in certificate["checks"]}


def test_detectors_run_on_what_is_released(tmp_path: Path) -> None:
    pdf = propose(tmp_path, overlooked=False)
    edited = tmp_path / "out" / proposal_key(DOC, "pdf")
    apply_proposal(str(tmp_path / "out"), DOC, edited, pdf)
    shown, checks = released(tmp_path)
    assert MAIL not in shown and "Ilse" not in shown and checks[33] == "passed"


def test_what_nobody_decided_on_is_asked_about(tmp_path: Path) -> None:
    pdf = propose(tmp_path, overlooked=True)
    out, edited = str(tmp_path / "out"), tmp_path / "out" / proposal_key(DOC, "pdf")
    with pytest.raises(UnseenError, match=r"nobody decided on \(pages 2\)") as error:
        apply_proposal(out, DOC, edited, pdf)
    assert MAIL not in str(error.value) and error.value.exit_code == 2
    assert not (tmp_path / "out" / "released").exists()
    apply_proposal(out, DOC, edited, pdf, unseen="leave")
    shown, checks = released(tmp_path)
    assert MAIL in shown and checks[33] == "not_applicable"


def test_what_a_person_rejected_may_stand(tmp_path: Path) -> None:
    pdf = propose(tmp_path, overlooked=False)
    store, edited = LocalStore(tmp_path / "out"), tmp_path / "edited.pdf"
    with pikepdf.open(io.BytesIO(store.read(proposal_key(DOC, "pdf")))) as file:
        marks = file.pages[1].Annots
        (number,) = [i for i, mark in enumerate(marks) if str(mark.Subj).startswith("EMAIL")]
        del marks[number]
        file.save(edited)
    apply_proposal(str(tmp_path / "out"), DOC, edited, pdf)
    shown, checks = released(tmp_path)
    assert MAIL in shown and "Ilse" not in shown.replace(MAIL, "") and checks[33] == "passed"


def test_the_page_asks_and_releases_what_was_looked_at(tmp_path: Path) -> None:
    pdf = propose(tmp_path, overlooked=True)
    list_original(tmp_path / "out", pdf)
    with serving(tmp_path / "out") as address:
        client = Client(address).log_in()
        asked = client.post(f"{API}/release", {})
        assert asked.status == 409 and asked.json["unseen"] == [1]
        assert client.post(f"{API}/release", {"unseen": "never"}).status == 400
        assert client.post(f"{API}/release", {"unseen": "leave"}).status == 200


def test_a_policy_comes_back_whole(tmp_path: Path) -> None:
    (tmp_path / "deny.txt").write_text("Rosewood\tNAME\n")
    (tmp_path / "p.yaml").write_text("extends: safe-harbor\nlists: {deny: [deny.txt]}\n")
    for policy in (load_policy("ema-0070"), load_policy(str(tmp_path / "p.yaml"))):
        again = thawed(json.loads(json.dumps(frozen(policy))))
        assert again.hash == policy.hash and again.deny == policy.deny


def test_an_older_proposal_is_released_without_detectors(tmp_path: Path) -> None:
    pdf = propose(tmp_path, overlooked=True)
    store = LocalStore(tmp_path / "out")
    path = tmp_path / "out" / proposal_key(DOC, "json")
    facts = json.loads(path.read_text())
    del facts["policy"], facts["this_year"]
    path.write_text(json.dumps(facts))
    record = read_record(store, DOC)
    assert record is not None and read_original(store, DOC, record) is None
    apply_proposal(str(tmp_path / "out"), DOC, tmp_path / "out" / proposal_key(DOC, "pdf"), pdf)
    assert released(tmp_path)[1][33] == "not_applicable"
