"""The step redact: what it released is proven by all checks, and what is not, is held back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pymupdf
import pytest
from redact_inputs import SECRET, make, text

from nescio import tables
from nescio.extract import extract_pages
from nescio.isolation import Limits
from nescio.ocr import read_text
from nescio.policy import decide, load_policy
from nescio.review.proposal import proposal_key
from nescio.search import find_patterns
from nescio.steps import keys, redact, release

POLICY = "everything"
RECORD = (f"Patient Name: {SECRET}", "MRN: MR5528817", "He takes 45 mg daily.")

Change = Callable[[str, pa.Table], pa.Table]
"""Changes a table, given its name, before the step reads it."""


class Step:
    """An inbox, and a shard of the documents in it, as decide would have written it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shard, self.outbox = folder / "shard=r000", folder / "out"
        (folder / "in").mkdir()
        self.rows: dict[str, list[pa.Table]] = {name: [] for name in _TABLES}

    def add(self, doc: str, *pages: Callable[[pymupdf.Page], None], change: Change | None = None):
        """Add a document with one page for each drawing."""
        pdf = make(self.folder / "in" / f"{doc}.pdf", *pages)
        found = extract_pages(pdf, doc, 0, len(pages))
        paragraphs, spans = found.paragraphs, find_patterns(found.paragraphs)
        decisions = decide(paragraphs, tables.empty("context"), spans, load_policy(POLICY))
        words = self.folder / f"words-{doc}"
        tables.write(words, "words", found.words)
        place = {"shard": "s000", "doc": doc, "first_page": 0, "last_page": len(pages)}
        own = {
            "paragraphs": paragraphs,
            "documents": tables.from_rows("documents", [_document(doc, pdf, len(pages))]),
            "parts": tables.from_rows("parts", [place | {"words_uri": str(words)}]),
            "pages": found.pages,
            "decisions": decisions,
        }
        for name, table in own.items():
            self.rows[name].append(change(name, table) if change else table)

    def run(self, propose: bool = False, raster: str = "never") -> dict[str, dict[str, Any]]:
        """Run the step; returns document -> outcome, with its certificate where there is one."""
        for name, parts in self.rows.items():
            tables.write(self.shard, name, tables.concat(name, parts))
        result = self.folder / "result"
        where = (str(self.shard), str(self.folder / "in"), str(self.outbox), "run-1")
        redact.run(*where, "", POLICY, "", "tight", raster, False, propose, result)
        outcomes = {row["doc"]: row for row in tables.read(result, "outcomes").to_pylist()}
        for doc, outcome in outcomes.items():
            path = self.outbox / keys.pending_prefix("run-1") / f"{doc}.certificate.json"
            outcome["checks"] = {}
            if path.exists():
                certificate = outcome["certificate"] = json.loads(path.read_text())
                checks = certificate["checks"]
                outcome["checks"] = {check["number"]: check["status"] for check in checks}
        return outcomes

    def release(self) -> None:
        """Release what the step made."""
        for name in ("documents", "decisions"):
            tables.write(self.folder / name, name, tables.read(self.shard, name))
        (self.folder / "decisions" / release.SECTION).touch()
        gathered, decided = self.folder / "documents", self.folder / "decisions"
        where = ([self.folder / "result"], gathered, decided, str(self.outbox), "run-1")
        release.run(*where, POLICY, False, self.folder / "report.html")


_TABLES = ("documents", "parts", "pages", "decisions", "paragraphs")


def _document(doc: str, pdf: Path, pages: int) -> dict[str, Any]:
    names = ("path", "content_key", "outbox_key", "outcome", "reason", "remedy", "etag")
    size = pdf.stat().st_size
    return dict.fromkeys(names, "") | {"doc": doc, "key": pdf.name, "bytes": size, "pages": pages}


def without_number(name: str, table: pa.Table) -> pa.Table:
    """Lose the decision on the record number, as a fault between search and redaction would."""
    return table.filter(pc.field("label") != "ID") if name == "decisions" else table


def kept_number(name: str, table: pa.Table) -> pa.Table:
    """Decide that the record number stays."""
    if name != "decisions":
        return table
    rows = [row | ({"action": "keep"} if row["label"] == "ID" else {}) for row in table.to_pylist()]
    return tables.from_rows(name, rows)


def replaced(name: str, table: pa.Table) -> pa.Table:
    """Decide on surrogates that look like what they replace."""
    if name != "decisions":
        return table
    new = {"NAME": "Anna Berg", "ID": "MR1234567"}
    rows = [row | {"replacement": new.get(row["label"], "")} for row in table.to_pylist()]
    return tables.from_rows(name, rows)


def flagged(name: str, table: pa.Table) -> pa.Table:
    """Flag every page for a person."""
    if name != "pages":
        return table
    rows = [row | {"flags": ["handwriting"]} for row in table.to_pylist()]
    return tables.from_rows(name, rows)


class UnreadPicture:
    """Loses the decisions on what was read in pictures."""

    def __call__(self, name: str, table: pa.Table) -> pa.Table:
        if name == "paragraphs":
            self.read = table.filter(pc.field("origin") == "ocr")["paragraph"]
        if name == "decisions":
            return table.filter(~pc.field("paragraph").isin(self.read))
        return table


def with_picture(page: pymupdf.Page) -> None:
    """A record beside a small picture in which its patient's name can be read."""
    text(*RECORD)(page)
    with pymupdf.open() as other:
        seen = other.new_page(width=220, height=30)
        seen.insert_text((10, 20), SECRET, fontsize=14)
        pixmap = seen.get_pixmap(dpi=150)
    page.insert_image((72, 300, 292, 330), pixmap=pixmap)


def test_a_released_document_passed_every_check_that_the_dag_can_make(tmp_path: Path) -> None:
    step = Step(tmp_path)
    step.add("d-plain", text(*RECORD))
    step.add("d-kept", text(*RECORD), change=kept_number)
    step.add("d-replaced", text(*RECORD), change=replaced)
    for doc, outcome in step.run().items():
        assert outcome["outcome"] == "released", (doc, outcome["remedy"])
        assert outcome["checks"][28] == outcome["checks"][33] == "passed"


def test_what_the_dag_lost_or_did_not_see_is_held_back_and_does_not_stop_the_others(
    tmp_path: Path,
) -> None:
    step = Step(tmp_path)
    step.add("d-lost", text(*RECORD), change=without_number)
    step.add("d-pictured", with_picture, change=UnreadPicture())
    step.add("d-plain", text(*RECORD))
    outcomes = step.run()
    assert outcomes["d-plain"]["outcome"] == "released"
    for doc, check in {"d-lost": 33, "d-pictured": 18}.items():
        assert outcomes[doc]["outcome"] == "quarantined", doc
        assert outcomes[doc]["reason"] == "verification_failed"
        assert outcomes[doc]["checks"][check] == "failed"
        assert SECRET not in outcomes[doc]["remedy"]


def test_certificates_lie_beside_what_was_released_or_held_back_and_in_the_report(
    tmp_path: Path,
) -> None:
    step = Step(tmp_path)
    step.add("d-lost", text(*RECORD), change=without_number)
    step.add("d-plain", text(*RECORD))
    step.run()
    step.release()
    for place, verdict in {"released/d-plain": "verified", "quarantine/d-lost": "failed"}.items():
        certificate = json.loads((step.outbox / f"{place}.certificate.json").read_text())
        assert certificate["verdict"] == verdict and len(certificate["checks"]) == 34
    assert not (step.outbox / "released" / "d-lost.pdf").exists()
    assert (step.outbox / proposal_key("d-lost", "pdf")).exists(), "a person can go on from here"
    html = (step.outbox / "report.html").read_text()
    assert "33 detector on output: 1 place, pages 1" in html
    assert SECRET not in html and "MR5528817" not in html


def test_a_flagged_document_waits_for_a_person_who_is_told_which_pages(tmp_path: Path) -> None:
    step = Step(tmp_path)
    step.add("d-flagged", text(*RECORD), text("second"), change=flagged)
    step.add("d-plain", text(*RECORD))
    outcomes = step.run()
    assert outcomes["d-flagged"]["reason"] == "handwriting"
    assert "(Pages 1, 2.)" in outcomes["d-flagged"]["remedy"]
    assert outcomes["d-plain"]["outcome"] == "released"
    assert not (step.outbox / proposal_key("d-plain", "json")).exists()
    assert (step.outbox / proposal_key("d-flagged", "pdf")).exists(), (
        "it waits without a second run"
    )
    assert step.run(propose=True)["d-flagged"]["outcome"] == "proposed"
    record = json.loads((step.outbox / proposal_key("d-flagged", "json")).read_text())
    assert record["flags"] == {"0": ["handwriting"], "1": ["handwriting"]}


def test_every_page_becomes_a_picture_on_request(tmp_path: Path) -> None:
    step = Step(tmp_path)
    step.add("d-plain", text(*RECORD, fontsize=14), text("Nothing of anyone.", fontsize=14))
    outcome = step.run(raster="all")["d-plain"]
    assert outcome["outcome"] == "released", outcome["remedy"]
    assert outcome["certificate"]["pictures"] == [0, 1]
    assert outcome["certificate"]["notes"] == ["pages_as_pictures:2"]
    assert {outcome["checks"][number] for number in (18, 31, 33)} == {"passed"}
    out = step.outbox / keys.pending_prefix("run-1") / "d-plain.pdf"
    with pymupdf.open(out) as document:
        for page in document:
            assert page.get_text() == "" and not page.get_fonts() and len(page.get_images()) == 1
            assert "daily" in read_text(pixels(page)) or page.number


def pixels(page: pymupdf.Page) -> np.ndarray:
    """Render a page in grey."""
    pixmap = page.get_pixmap(dpi=100, colorspace=pymupdf.csGRAY)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)


def test_a_document_that_hangs_is_held_back_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        @staticmethod
        def for_pages(pages: int, pictured: int = 0) -> Limits:
            return Limits(seconds=0.01 if pages == 2 else 300, megabytes=2048)

    monkeypatch.setattr(redact, "Limits", Impatient)
    step = Step(tmp_path)
    step.add("d-slow", text(*RECORD), text("second page"))
    step.add("d-plain", text(*RECORD))
    outcomes = step.run()
    assert outcomes["d-slow"]["reason"] == "timeout"
    assert outcomes["d-plain"]["outcome"] == "released"
