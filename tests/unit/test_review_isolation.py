"""A hostile document cannot take a review down: what reads it hangs, crashes or eats on its own."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from review_inputs import DOC, decisions_of, propose
from review_servers import API, Client, list_original, serving

from nescio import tables
from nescio.errors import ExitCode, NescioError, QuarantinedError
from nescio.isolation import Limits
from nescio.review import apply as applying
from nescio.review import audit, proposal, work
from nescio.review.apply import apply_proposal
from nescio.review.proposal import proposal_key, write_proposal
from nescio.review.web import drawing
from nescio.steps import release_reviewed


def crash(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(*_: Any) -> None:
    time.sleep(600)


def eat(*_: Any) -> int:
    return len(bytearray(2**33))


def quote_the_document(*_: Any) -> None:
    raise ValueError("Jane Doe")


HOSTILE = [(crash, "SIGSEGV"), (hang, "not done after"), (eat, "more than"),
           (quote_the_document, "ValueError")]  # fmt: skip


def narrow(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    """Wait for what hangs for some seconds, not minutes, and give it less memory."""
    seconds = 20 if function is hang else 120
    limits = classmethod(lambda cls, pages, pictured=0: cls(seconds=seconds, megabytes=1024))
    monkeypatch.setattr(Limits, "for_pages", limits)


@pytest.mark.parametrize(("function", "words"), HOSTILE)
@pytest.mark.parametrize("part", ["read_edited", "settle", "redact"])
def test_apply_ends_with_one_line_and_releases_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, function: Any, words: str
) -> None:
    pdf, _, _ = propose(tmp_path)
    narrow(monkeypatch, function)
    monkeypatch.setattr(applying if part == "read_edited" else work, part, function)
    out = tmp_path / "out"
    with pytest.raises(NescioError, match=words) as error:
        apply_proposal(str(out), DOC, out / proposal_key(DOC, "pdf"), pdf)
    assert error.value.exit_code == ExitCode.NONE_RELEASED
    assert str(error.value).startswith(f"document {DOC}: not released:")
    assert "Jane" not in str(error.value) and len(str(error.value).splitlines()) == 1
    assert not (out / "released").exists()
    if part == "redact":
        assert [entry["action"] for entry in audit.entries(str(out))][-1] == "not_released"


@pytest.mark.parametrize(("function", "words"), HOSTILE[:3])
def test_a_document_that_cannot_be_proposed_is_quarantined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: Any, words: str
) -> None:
    pdf, store, redactions = propose(tmp_path)
    before = store.read(proposal_key(DOC, "pdf"))
    narrow(monkeypatch, function)
    monkeypatch.setattr(proposal, "_draw", function)
    given = (decisions_of(redactions), redactions, tables.empty("words"))
    document = {"doc": DOC, "pages": 2, "outbox_key": "k"}
    with pytest.raises(QuarantinedError, match=words):
        write_proposal(store, pdf, document, given, style="white", boxes="tight")
    assert store.read(proposal_key(DOC, "pdf")) == before


def test_the_step_after_a_review_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf, _, _ = propose(tmp_path)
    out = tmp_path / "out"
    list_original(out, pdf)
    with serving(out) as address:
        client = Client(address).log_in()
        marks = [mark["id"] for mark in client.state()["items"]]
        client.do(do="verdict", marks=marks, verdict="accepted")
    with monkeypatch.context() as hostile:
        hostile.setattr(work, "redact", crash)
        assert release_reviewed.run("", str(out), "r1", "alice", "", "ask", "ask", "") == {
            "quarantined": 1
        }
    manifest = json.loads((out / "private/runs/r1/manifest.json").read_text())
    assert manifest["documents"][0]["reason"] == "not_released"
    assert release_reviewed.run("", str(out), "r2", "alice", "", "ask", "ask", "") == {
        "released": 1
    }


def test_a_page_that_is_never_drawn_gives_way_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    with serving(tmp_path / "out") as address:
        client = Client(address).log_in()
        client.state()
        with monkeypatch.context() as hostile:
            hostile.setattr(drawing, "PATIENCE", 3.0)
            hostile.setattr("nescio.review.web.app.draw_page", hang)
            answer = client.get(f"{API}/page/0/1.0.png")
            assert answer.status == 500 and "drawn" in answer.json["error"]
        assert client.get(f"{API}/page/0/1.0.png").status == 200
