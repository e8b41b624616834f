"""`nescio run` on a thousand pages, and on the demo's sample."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
from conftest import ROOT, write_record
from test_run import Run, all_text, leaks, nescio, released

from nescio.cli import STEPS


def test_a_thousand_pages_are_released(tmp_path: Path) -> None:
    path = write_record(tmp_path / "long.pdf", pages=1000)
    out = tmp_path / "out"
    result = nescio("run", path, "-o", out)
    assert result.returncode == 0, result.stderr
    (pdf,) = released(out)
    with pymupdf.open(pdf) as document:
        assert document.page_count == 1000
    assert leaks(all_text(pdf)) == 0


@pytest.fixture(scope="module")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on the sample of the demo, profiled."""
    pdf = ROOT / "training" / "samples" / "record.pdf"
    out = tmp_path_factory.mktemp("sample") / "out"
    result = nescio("run", pdf, "-o", out, "--profile")
    assert result.returncode == 0, result.stderr
    return Run(pdf, out, result.stdout + result.stderr)


def test_the_sample_of_the_demo_is_released_and_its_report_is_complete(sample_run: Run) -> None:
    out = sample_run.out
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["documents_released"] == 1 and metrics["mentions_hidden"] > 0
    html = (out / "report.html").read_text()
    assert html.count("<img ") == metrics["pages"]
    assert "http://" not in html and "https://" not in html


def test_a_profile_says_where_the_time_went_without_phi(sample_run: Run) -> None:
    folder = sample_run.out / "private" / "profile"
    steps = json.loads((folder / "profile.json").read_text())["steps"]
    assert sorted(step["step"] for step in steps) == sorted(STEPS)
    assert all(step["cpu_seconds"] > 0 and step["peak_mib"] > 0 for step in steps)
    tagger = next(step for step in steps if step["step"] == "predict_entities")
    assert any(line.startswith("tagger/") for line in tagger["lines"])
    assert 0 < sum(tagger["lines"].values()) < 2 * tagger["seconds"]
    flames = sorted(folder.glob("*.speedscope.json"))
    assert len(flames) == sum(step["shards"] for step in steps)
    for flame in flames:
        content = json.loads(flame.read_text())
        assert content["profiles"][0]["events"] and content["shared"]["frames"]
    gold = json.loads(sample_run.pdf.with_suffix(".gold.json").read_text())
    names = {person["last"] for person in gold["people"]} | {"2918878V"}
    written = sample_run.printed + "".join(path.read_text() for path in folder.iterdir())
    assert leaks(written, sorted(names)) == 0
    assert "predict_entities" in sample_run.printed
