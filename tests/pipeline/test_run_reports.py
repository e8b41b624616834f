"""`nescio run` on real study reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_run import nescio


@pytest.mark.timeout(1500)  # hundreds of pages, OCR among them: minutes where others work, too
def test_the_real_study_reports_are_released_or_wait_for_a_person(
    shared_pdfs: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = nescio("run", shared_pdfs[0].parent, "-o", out, "--json", timeout=1400)
    assert result.returncode in (0, 3), result.stdout
    documents = json.loads(result.stdout)["documents"]
    assert len(documents) == len(shared_pdfs)
    for item in documents:
        folder, kind = ("quarantine", "json") if item["reason"] else ("released", "pdf")
        assert (out / folder / f"{item['id']}.{kind}").is_file()
    # A page that is a picture waits for a person; no other reason is a good one.
    assert {item["reason"] for item in documents} <= {"", "no_text"}
