"""The report: complete, self-contained, and without a word of the documents."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pymupdf

from nescio import tables
from nescio.policy import load_policy
from nescio.redact.certificate import Certificate, Status
from nescio.redact.findings import Findings
from nescio.report import Summary, render_report, summarise, thumbnails


def decision(mention: int, action: str) -> dict[str, Any]:
    return {
        "doc": "d-1", "page": 0, "paragraph": 1, "mention": mention, "start": 0, "end": 4,
        "label": "NAME", "kind": "patient", "score": 0.9, "sources": ["tagger", "pattern"],
        "person": 0, "action": action, "replacement": "", "why": "NAME",
    }  # fmt: skip


def document(doc: str, outcome: str, reason: str = "") -> dict[str, Any]:
    return {
        "doc": doc, "outcome": outcome, "reason": reason, "pages": 2,
        "remedy": "Do <this> & that." if reason else "", "path": "/secret/anna.pdf",
    }  # fmt: skip


def summary() -> Summary:
    record = {"step": "extract", "shard": "s0", "seconds": 1.5, "peak_bytes": 2**21, "started": 0}
    conflict = {"subject": "d-1/3", "other": "d-1/7", "about": "subject_id"}
    decided = record | {"step": "decide", "conflicts": [conflict]}
    return summarise(
        [document("d-1", "released"), document("d-2", "quarantined", "no_text")],
        tables.from_rows("decisions", [decision(0, "remove"), decision(1, "keep")]),
        tables.empty("thumbnails"),
        [record, record, decided],
        load_policy("everything"),
        [certificate("d-1", "passed"), certificate("d-2", "failed")],
    )


def certificate(doc: str, last: Status) -> dict[str, Any]:
    """Return a certificate in which the first check passed and the second did not apply."""
    findings = Findings()
    findings.look(1)
    findings.judge(34, last == "passed", 4)
    checks = findings.rows()
    verdict = "verified" if last == "passed" else "failed"
    engines = {"mupdf": "1"}
    made = Certificate(verdict, checks, 7, 9, "0" * 64, engines, 1.0, True, {"pages_read": 2})
    return made.to_dict() | {"document": doc, "notes": ["tagging_removed", "bookmarks_removed:2"]}


def test_counts_are_of_what_was_done() -> None:
    found = summary()
    assert found.scalars["mentions_hidden"] == 1 and found.scalars["mentions_kept"] == 1
    assert found.scalars["documents_quarantined"] == 1 and found.scalars["pages"] == 4
    assert found.steps[0] == {
        "step": "extract", "shards": 2, "seconds": 3.0, "longest_seconds": 1.5, "peak_mib": 2,
    }  # fmt: skip


def test_each_of_the_34_checks_is_shown_for_each_document() -> None:
    found = summary().checks
    assert [row["number"] for row in found.rows] == list(range(1, 35))
    counts = {
        row["number"]: (row["passed"], row["not_applicable"], row["failed"]) for row in found.rows
    }
    assert counts[1] == (2, 0, 0) and counts[2] == (0, 2, 0) and counts[34] == (1, 0, 1)
    html = render_report(summary())
    cells = re.findall(r'<span class="(\w+)" title="\d+ [^"]+">(\d+) (.)</span>', html)
    assert [int(number) for _, number, _ in cells] == [*range(1, 35)] * 2
    assert Counter(result for result, _, _ in cells) == {
        "passed": 3, "not_applicable": 64, "failed": 1,
    }  # fmt: skip
    assert "Lost or changed: tagging removed, bookmarks removed:2." in html
    assert "34 x ray: 1 place, pages 5" in html
    assert "2 passed, 32 not applicable, 0 failed; 7 pages, 9 boxes, 2 read by OCR" in html


def test_people_who_may_be_one_are_listed_by_opaque_ids() -> None:
    found = summary()
    row = "<td><code>d-1/3</code></td><td><code>d-1/7</code></td><td>subject id</td>"
    assert row in render_report(found)
    assert found.scalars["people_conflicts"] == 1
    assert found.metrics["conflicts"] == [
        {"subject": "d-1/3", "other": "d-1/7", "about": "subject_id"}
    ]


def test_what_needs_a_person_stands_first_with_its_remedy() -> None:
    html = render_report(summary())
    assert html.index("d-2") < html.index("d-1")
    assert "Do &lt;this&gt; &amp; that." in html


def test_the_page_loads_nothing_and_names_no_file() -> None:
    html = render_report(summary())
    assert "anna" not in html
    assert not re.search(r"(src|href)=\"(?!data:)", html)


def test_the_pages_with_most_boxes_are_pictured(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as made:
        for _ in range(9):
            made.new_page()
        made.save(path)
    box = {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0, "mention": 0, "label": "NAME"}
    rows = [box | {"doc": "d-1", "page": p, "replacement": "", "secret": ""} for p in (8, 8, 3)]
    found = thumbnails(path, "d-1", tables.from_rows("redactions", rows)).to_pylist()
    assert [row["page"] for row in found] == [0, 1, 2, 3, 4, 8]
    assert {row["page"]: row["boxes"] for row in found}[8] == 2
    assert all(row["jpeg"].startswith(b"\xff\xd8") for row in found)
