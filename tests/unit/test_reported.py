"""What people decided stands in the report, which a release brings up to date."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from review_inputs import DOC, NAME, OTHER_NAME, decisions_of, propose
from review_servers import API, Client, list_original, serving
from test_readers import additions
from typer.testing import CliRunner

from nescio import tables
from nescio.cli import app
from nescio.policy import load_policy
from nescio.report import kept, render_report, summarise
from nescio.review import reported
from nescio.review.apply import apply_proposal
from nescio.review.desk import State
from nescio.review.log import open_log
from nescio.review.proposal import proposal_key, read_record
from nescio.review.reported import reviews_of, update_report
from nescio.store import LocalStore


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    """An output folder with a proposal and the report of the run that made it."""
    pdf, store, redactions = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    row = {"doc": DOC, "outcome": "proposed", "reason": "", "remedy": "", "pages": 2, "path": "x"}
    summary = summarise(
        [row], decisions_of(redactions), tables.empty("thumbnails"), [], load_policy("everything")
    )
    kept.write(store, kept.Kept(summary, []))
    store.write("report.html", render_report(summary).encode())
    return tmp_path / "out"


def read(out: Path, reader: str, rejected: list[str], *, added: int) -> None:
    """Have a reader decide every mark, and add the first places of the other name."""
    with serving(out, reader) as address:
        client = Client(address).log_in()
        accepted = [m["id"] for m in client.state()["items"] if m["id"] not in rejected]
        client.do(do="verdict", marks=accepted, verdict="accepted")
        if rejected:
            client.do(do="verdict", marks=rejected, verdict="rejected")
        while len(hits := client.post(f"{API}/search", {"text": OTHER_NAME}).json["hits"]) < 2:
            pass
        client.do(do="add", label="NAME", places=hits[:added])


def report(out: Path) -> str:
    html = (out / "report.html").read_text()
    for name in (NAME, OTHER_NAME, "alice", "bob", "carol"):
        assert name not in html
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_two_readers_and_who_settles_stand_in_the_report(proposed: Path) -> None:
    assert "What people decided" not in report(proposed)
    read(proposed, "alice", ["0.0"], added=1)
    read(proposed, "bob", ["0.0", "1.1"], added=2)
    result = CliRunner().invoke(app, ["readers", str(proposed), DOC, "alice", "bob"])
    assert result.exit_code == 0, result.output
    text = report(proposed)
    assert "reader 1: 4 of 4, 1 added; reader 2: 4 of 4, 2 added not released yet" in text
    assert f"{DOC} , 1 and 2 4 3 0.5 1 of 1 1, 2, 1 too few added by both" in text
    with serving(proposed, "carol", settle=("alice", "bob")) as address:
        client = Client(address).log_in()
        client.state()
        client.do(do="verdict", marks=["1.1"], verdict="accepted")
        assert client.post(f"{API}/release", {}).status == 200
    text = report(proposed)
    assert "reader 3: 4 of 4, 2 added, settles between 1 and 2" in text
    assert f"{DOC} , 1 and 2 4 3 0.5 0 of 1 1, 2, 1" in text
    assert "3 accepted, 1 rejected, 2 added" in text
    (review,) = json.loads((proposed / "metrics.json").read_text())["reviews"]
    assert len(review["pairs"]) == 1, "who settles has seen both"


def test_a_release_brings_the_report_up_to_date(proposed: Path, tmp_path: Path) -> None:
    assert "1 wait for review" in report(proposed) and "0 released" in report(proposed)
    edited = proposed / proposal_key(DOC, "pdf")
    apply_proposal(str(proposed), DOC, edited, tmp_path / "original.pdf")
    text = report(proposed)
    assert "1 released" in text and "wait for review" not in text
    assert "Proof: the 34 checks" in text and f"{DOC} : verified" in text
    assert "in an edited proposal 4 accepted" in text
    assert "data:image/jpeg" in (proposed / "report.html").read_text()
    metrics = json.loads((proposed / "metrics.json").read_text())
    assert (metrics["documents_released"], metrics["documents_proposed"]) == (1, 0)
    before = report(proposed)
    apply_proposal(str(proposed), DOC, edited, tmp_path / "original.pdf")
    assert report(proposed) == before, "the same release twice counts once"


def test_the_estimate_of_what_all_missed_is_shown(proposed: Path) -> None:
    record = read_record(LocalStore(proposed), DOC)
    assert record
    states = {
        "alice": State(added=additions(*range(1, 13))),
        "bob": State(added=additions(*range(3, 18), shift=2.0)),
    }
    for reader, state in states.items():
        log = open_log(str(proposed), DOC, record.token, reader)
        for number, mark in enumerate(state.added.values(), 1):
            place = {"page": mark.page, "boxes": [list(box) for box in mark.boxes], "text": "x"}
            log.append({"n": number, "time": 0, "do": "add", "label": "NAME", "places": [place]})
        log.close()
    update_report(str(proposed))
    (review,) = reviews_of(str(proposed))
    (pair,) = review["pairs"]
    assert pair["missed_by_all_estimate"] == pytest.approx(13 * 16 / 11 - 1 - 17, abs=0.001)
    low, high = pair["missed_by_all_low"], pair["missed_by_all_high"]
    assert f"{pair['missed_by_all_estimate']} ({low} to {high})" in report(proposed)


def test_an_outbox_of_an_older_version_is_left_alone(proposed: Path, monkeypatch: Any) -> None:
    (proposed / kept.KEY).unlink()
    before = (proposed / "report.html").read_bytes()
    monkeypatch.setattr(reported, "reviews_of", lambda _: 1 / 0)
    update_report(str(proposed))
    assert (proposed / "report.html").read_bytes() == before
    (proposed / kept.KEY).write_text('{"summary": {"other": 1}, "certificates": []}')
    update_report(str(proposed))


def test_no_review_is_reported_where_there_is_none(proposed: Path) -> None:
    assert reviews_of(str(proposed)) == []
    (proposed / "private" / "review").mkdir(exist_ok=True)
    (proposed / "private" / "review" / "stray.txt").write_text("x")
    assert reviews_of(str(proposed)) == []
