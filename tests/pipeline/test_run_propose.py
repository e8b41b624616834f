"""`nescio run --propose`, then `nescio apply`, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
from test_run import all_text, leaks, nescio, released


def test_a_proposal_waits_until_a_person_applies_it(record_pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = nescio("run", record_pdf, "-o", out, "--propose", "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["outcomes"] == {"proposed": 1} and released(out) == []
    doc = answer["documents"][0]["id"]
    with pikepdf.open(out / "private" / "proposal" / f"{doc}.pdf") as pdf:
        marks = [item for item in pdf.pages[0].Annots if item.Subtype == "/Redact"]
        assert {str(mark.Subj).split()[0] for mark in marks} >= {"NAME", "DATE", "ID", "EMAIL"}
    proposal = out / "private" / "proposal" / f"{doc}.pdf"
    result = nescio("apply", out, doc, "--from", proposal, "--original", record_pdf)
    assert result.returncode == 0 and leaks(result.stdout + result.stderr) == 0
    assert leaks(all_text(released(out)[0])) == 0
    result = nescio("run", record_pdf, "-o", out, "--propose", "--json")
    assert json.loads(result.stdout)["outcomes"] == {"unchanged": 1}
