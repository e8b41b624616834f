"""`nescio run` on what is large or real: a thousand pages, study reports, the demo's sample."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
from conftest import ROOT, write_record
from test_run import all_text, leaks, nescio, released


def test_a_thousand_pages_are_released(tmp_path: Path) -> None:
    path = write_record(tmp_path / "long.pdf", pages=1000)
    out = tmp_path / "out"
    result = nescio("run", path, "-o", out)
    assert result.returncode == 0, result.stderr
    (pdf,) = released(out)
    with pymupdf.open(pdf) as document:
        assert document.page_count == 1000
    assert leaks(all_text(pdf)) == 0


def test_the_real_study_reports_are_released_or_wait_for_a_person(
    shared_pdfs: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = nescio("run", shared_pdfs[0].parent, "-o", out, "--json")
    assert result.returncode in (0, 3), result.stdout
    documents = json.loads(result.stdout)["documents"]
    assert len(documents) == len(shared_pdfs) == len(list((out).glob("*/d-*.json")))
    # A page that is a picture waits for a person; no other reason is a good one.
    assert {item["reason"] for item in documents} <= {"", "no_text"}


def test_the_sample_of_the_demo_is_released_and_its_report_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert nescio("run", ROOT / "training" / "samples" / "record.pdf", "-o", out).returncode == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["documents_released"] == 1 and metrics["mentions_hidden"] > 0
    html = (out / "report.html").read_text()
    assert html.count("<img ") == metrics["pages"]
    assert "http://" not in html and "https://" not in html
