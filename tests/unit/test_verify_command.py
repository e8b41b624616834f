"""`nescio verify` on any tool's output: what it prints, writes and exits with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest
from redact_inputs import SECRET, boxes_of, make, text

from nescio import tables
from nescio.boxes import redactions_of
from nescio.cli import main
from nescio.extract import extract_pages
from nescio.redact import Certificate, redact_document

ENCRYPTION = pikepdf.Encryption(owner="boss", user="sesame")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return make(tmp_path / "a.pdf", text("Discharge letter", f"seen was {SECRET} on Monday"))


@pytest.fixture
def clean(tmp_path: Path, original: Path) -> Path:
    redact_document(original, tmp_path / "clean.pdf", boxes_of(original, SECRET))
    return tmp_path / "clean.pdf"


@pytest.fixture
def listed(tmp_path: Path, original: Path) -> Path:
    """The boxes as a list that any tool can write."""
    rows = boxes_of(original, SECRET).to_pylist()
    kept = ("page", "x0", "y0", "x1", "y1", "label", "mention")
    boxes = [{name: row[name] for name in kept} | {"text": row["secret"]} for row in rows]
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    return tmp_path / "boxes.json"


def covered(pdf: Path, out: Path) -> Path:
    """Redact as people do by hand: a black rectangle over the text."""
    with pymupdf.open(pdf) as document:
        for quad in document[0].search_for(SECRET):
            document[0].draw_rect(quad, fill=(0, 0, 0))
        document.save(out)
    return out


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    how = [] if "--ocr" in arguments else ["--no-ocr"]  # a second a page
    monkeypatch.setattr(sys, "argv", ["nescio", "verify", *map(str, arguments), *how])
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def results(printed: str) -> dict[int, str]:
    """Return check -> the line that was printed for it."""
    lines = [line.split(maxsplit=1) for line in printed.splitlines()]
    return {int(line[0]): line[1] for line in lines if line and line[0].isdigit()}


def test_a_good_redaction_is_verified_by_a_list_of_boxes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    original: Path,
    clean: Path,
    listed: Path,
) -> None:
    report = tmp_path / "certificate.json"
    code = run(monkeypatch, clean, "--against", original, "--decisions", listed, "-o", report)
    lines = results(capsys.readouterr().out)
    assert code == 0
    assert list(lines) == list(range(1, 35))
    assert all("passed" in lines[number] for number in (1, 4, 7, 30, 31, 34))
    certificate = Certificate.from_json(report.read_text())
    assert certificate.verdict == "verified" and certificate.against_original


def test_a_bad_redaction_fails_without_showing_what_leaked(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    original: Path,
    listed: Path,
) -> None:
    report = tmp_path / "certificate.json"
    bad = covered(original, tmp_path / "bad.pdf")
    assert run(monkeypatch, bad, "--decisions", listed, "-o", report) == 4
    printed = "".join(capsys.readouterr())
    assert all("FAILED" in results(printed)[number] for number in (1, 7, 34))
    assert "argas" not in printed + report.read_text()


def test_without_decisions_text_under_a_black_box_is_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    original: Path,
    clean: Path,
) -> None:
    assert run(monkeypatch, clean, "--against", original) == 0
    lines = results(capsys.readouterr().out)
    assert "not applicable" in lines[1] and "not applicable" in lines[31]
    assert "passed" in lines[22] and "1 of 1 pages" in lines[32]
    assert run(monkeypatch, covered(original, tmp_path / "bad.pdf")) == 4
    assert "FAILED" in results(capsys.readouterr().out)[34]


def as_metadata(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.docinfo["/Author"] = "somebody"
        file.save(pdf)


def as_attachment(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.attachments["a.txt"] = b"something"
        file.save(pdf)


def as_unapplied_redaction(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].add_redact_annot((10, 10, 50, 50))
        document.saveIncr()


@pytest.mark.parametrize(
    ("spoil", "number"), [(as_metadata, 12), (as_attachment, 13), (as_unapplied_redaction, 2)]
)
def test_without_decisions_forbidden_objects_are_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clean: Path,
    spoil: object,
    number: int,
) -> None:
    assert callable(spoil)
    spoil(clean)
    assert run(monkeypatch, clean) == 4
    assert "FAILED" in results(capsys.readouterr().out)[number]


def test_the_decisions_of_a_run_are_matched_with_the_original(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pdf = make(tmp_path / "a.pdf", text("Letter", f"seen was {SECRET} on Monday"))
    locked = tmp_path / "locked.pdf"
    with pikepdf.open(pdf) as file:
        file.save(locked, encryption=ENCRYPTION)
    extraction = extract_pages(pdf, "d1", 0, 1)
    decisions = decided(extraction.paragraphs)
    out = tmp_path / "out"
    (out / "released").mkdir(parents=True)
    (out / "private" / "decisions").mkdir(parents=True)
    pq.write_table(decisions, out / "private" / "decisions" / "d1.parquet")
    released = out / "released" / "named.pdf"
    redact_document(pdf, released, redactions_of(decisions, extraction.words, extraction[2]))
    released.with_suffix(".certificate.json").write_text('{"document": "d1"}')
    (tmp_path / "passwords.csv").write_text("path,password\nlocked.pdf,sesame\n")
    options = ("--against", locked, "--decisions", out)
    passwords = ("--password-file", tmp_path / "passwords.csv")
    assert run(monkeypatch, released, *options, *passwords) == 0
    assert run(monkeypatch, released, *options) == 4
    bad = covered(pdf, out / "released" / "d1.pdf")
    assert run(monkeypatch, bad, *options, *passwords) == 4


def decided(paragraphs: pa.Table) -> pa.Table:
    """Return DECISIONS that hide the one mention of the secret."""
    (row,) = [row for row in paragraphs.to_pylist() if SECRET in row["text"]]
    start = row["text"].index(SECRET)
    decision: dict[str, object] = {
        field.name: "" if pa.types.is_string(field.type) else 0
        for field in tables.SCHEMAS["decisions"]
    }
    decision |= {name: row[name] for name in ("doc", "page", "paragraph")}
    decision |= {"start": start, "end": start + len(SECRET), "label": "NAME", "sources": []}
    return tables.from_rows("decisions", [decision | {"action": "remove"}])


@pytest.mark.parametrize(
    "boxes",
    [
        "nonsense",
        '{"page": 0}',
        '[{"page": 0, "x0": "left"}]',
        '[{"page": 0, "label": "Ilse Vargasdottir"}]',
        '[{"page": 0, "x0": NaN}]',
    ],
)
def test_a_wrong_list_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    clean: Path,
    boxes: str,
) -> None:
    (tmp_path / "boxes.json").write_text(boxes)
    capsys.readouterr()
    assert run(monkeypatch, clean, "--decisions", tmp_path / "boxes.json") == 2
    error = capsys.readouterr().err
    assert error.startswith("nescio: ") and error.count("\n") == 1
    assert "Varga" not in error and "left" not in error


def test_a_name_left_in_a_picture_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scan = tmp_path / "scan.pdf"
    with pymupdf.open() as document:
        photographed = document.new_page(width=300, height=100)
        photographed.insert_text((20, 50), f"seen: {SECRET}", fontsize=16)
        pixmap = photographed.get_pixmap(dpi=200)
        document.delete_page(0)
        document.new_page(width=300, height=300).insert_image((0, 0, 300, 100), pixmap=pixmap)
        document.save(scan)
    redact_document(scan, tmp_path / "clean.pdf", tables.empty("redactions"))
    box = {"page": 0, "x0": 10, "y0": 80, "x1": 40, "y1": 95, "text": SECRET, "label": "NAME"}
    (tmp_path / "boxes.json").write_text(json.dumps([box]))
    options = (tmp_path / "clean.pdf", "--decisions", tmp_path / "boxes.json")
    assert run(monkeypatch, *options, "--ocr") == 4
    assert "FAILED" in results(capsys.readouterr().out)[18]
    assert run(monkeypatch, *options) == 0
    assert "pictures were not read" in results(capsys.readouterr().out)[18]


def test_what_is_no_readable_pdf_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, content in {"a": b"", "b": b"Ilse", "c": b"%PDF-1.7\nIlse"}.items():
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(content)
        assert run(monkeypatch, file) == 4
        error = capsys.readouterr().err
        assert error.startswith("nescio: ") and error.count("\n") == 1
    assert run(monkeypatch, tmp_path / "missing.pdf") == 2
