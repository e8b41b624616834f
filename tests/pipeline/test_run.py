"""`nescio run`, as a person calls it: the real DAG, executed by kfp.local, on real files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pymupdf
import pypdfium2
import pytest
from conftest import ROOT, SECRETS, write_record


def nescio(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    program = Path(sys.executable).with_name("nescio")
    command = [str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def released(out: Path) -> list[Path]:
    return sorted((out / "released").glob("*.pdf"))


def all_text(pdf: Path) -> str:
    """Return what two engines read in a PDF, with its metadata."""
    with pymupdf.open(pdf) as document:
        parts = [page.get_text() for page in document] + [str(document.metadata)]
    engine = pypdfium2.PdfDocument(pdf)
    parts += [engine[number].get_textpage().get_text_range() for number in range(len(engine))]
    engine.close()
    return "\n".join(parts)


def leaks(text: str, secrets: Sequence[str] = SECRETS) -> int:
    """Count the secrets that stand in a text, without showing them."""
    return sum(secret.casefold() in text.casefold() for secret in secrets)


class Run(NamedTuple):
    """A finished run: its input, its output folder, and what it printed."""

    pdf: Path
    out: Path
    printed: str


@pytest.fixture(scope="module")
def record_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on one record, for the tests that only look at what it left."""
    folder = tmp_path_factory.mktemp("record")
    pdf = write_record(folder / "zubrowska.pdf")
    result = nescio("run", pdf, "-o", folder / "out")
    assert result.returncode == 0, result.stderr
    return Run(pdf, folder / "out", result.stdout + result.stderr)


def test_a_record_is_released_without_its_identifiers(record_run: Run) -> None:
    (pdf,) = released(record_run.out)
    text = all_text(pdf)
    assert leaks(text) == 0
    assert "DISCHARGE SUMMARY" in text and "chest pain" in text and "Aspirin 75 mg" in text
    certificate = json.loads(pdf.with_suffix(".certificate.json").read_text())
    assert certificate["verdict"] == "verified"


def test_nothing_outside_private_says_which_file_is_which(record_run: Run) -> None:
    out = record_run.out
    assert leaks(record_run.printed) == 0
    for path in out.rglob("*"):
        if path.is_file() and "private" not in path.relative_to(out).parts:
            assert leaks(path.name) == 0
            assert leaks(path.read_bytes().decode("latin-1")) == 0
    listing = out / "private" / "documents.csv"
    assert listing.stat().st_mode & 0o777 == 0o600
    assert (out / "private").stat().st_mode & 0o777 == 0o700
    (row,) = csv.DictReader(listing.open())
    assert Path(row["path"]) == record_run.pdf.resolve() and row["outcome"] == "released"
    assert not (out / "private" / "work").exists()


def test_kfp_prints_no_name_of_a_file_or_person(record_pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nescio("run", record_pdf, "-o", out, "--keep-intermediates")
    log = (out / "private" / "work" / "kfp.log").read_text()
    assert "collect" in log and "notify" in log
    assert leaks(log) == 0


def test_a_second_run_changes_nothing(record_run: Run) -> None:
    out = record_run.out
    (first,) = released(out)
    stamp = first.stat().st_mtime_ns
    result = nescio("run", record_run.pdf, "-o", out, "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["outcomes"] == {"unchanged": 1}
    assert released(out) == [first] and first.stat().st_mtime_ns == stamp


def test_one_bad_file_does_not_stop_the_good_ones(record_pdf: Path, tmp_path: Path) -> None:
    inbox, out = record_pdf.parent, tmp_path / "out"
    (inbox / "bad.pdf").write_bytes(b"this is not a PDF")
    write_record(inbox / "other.pdf", "Zubrowska-Nowak")
    result = nescio("run", inbox, "-o", out, "--json")
    assert result.returncode == 3
    answer = json.loads(result.stdout)
    assert answer["outcomes"] == {"released": 2, "refused": 1}
    (refused,) = [item for item in answer["documents"] if item["outcome"] == "refused"]
    assert refused["reason"] == "not_a_pdf" and refused["remedy"]
    notice = json.loads((out / "quarantine" / f"{refused['id']}.json").read_text())
    assert notice["reason"] == "not_a_pdf"
    assert all(leaks(all_text(pdf)) == 0 for pdf in released(out))


def encrypted(folder: Path) -> Path:
    source = write_record(folder / "plain.tmp")
    with pikepdf.open(source) as pdf:
        pdf.save(folder / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="geheim"))
    source.unlink()
    return folder / "locked.pdf"


def one_refusal(path: Path, tmp_path: Path, *options: object) -> str:
    """Run on one file that cannot be released; return the reason."""
    out = tmp_path / "out"
    result = nescio("run", path, "-o", out, "--json", *options)
    assert result.returncode == 4
    assert released(out) == []
    (document,) = json.loads(result.stdout)["documents"]
    assert document["remedy"]
    return str(document["reason"])


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.touch()
    assert one_refusal(path, tmp_path) == "empty_file"


def test_an_encrypted_file_is_refused_without_its_password(tmp_path: Path) -> None:
    assert one_refusal(encrypted(tmp_path), tmp_path) == "encrypted"


def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.csv"
    passwords.write_text("path,password\nlocked.pdf,falsch\n")
    path = encrypted(tmp_path)
    assert one_refusal(path, tmp_path, "--password-file", passwords) == "wrong_password"


def test_a_known_password_opens_an_encrypted_file(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.csv"
    passwords.write_text("path,password\nlocked.pdf,geheim\n")
    out = tmp_path / "out"
    result = nescio("run", encrypted(tmp_path), "-o", out, "--password-file", passwords)
    assert result.returncode == 0, result.stderr
    (pdf,) = released(out)
    assert leaks(all_text(pdf)) == 0
    with pikepdf.open(pdf) as document:
        assert not document.is_encrypted


def test_a_file_with_no_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.pdf"
    with pikepdf.new() as pdf:
        pdf.save(path)
    assert one_refusal(path, tmp_path) == "no_pages"


def test_a_damaged_cross_reference_table_is_repaired(record_pdf: Path, tmp_path: Path) -> None:
    data = record_pdf.read_bytes()
    position = data.rindex(b"startxref")
    record_pdf.write_bytes(data[:position] + b"startxref\n99999999\n%%EOF")
    out = tmp_path / "out"
    assert nescio("run", record_pdf, "-o", out).returncode == 0
    (pdf,) = released(out)
    assert leaks(all_text(pdf)) == 0


def test_a_page_without_text_waits_for_a_person(record_pdf: Path, tmp_path: Path) -> None:
    with pymupdf.open(record_pdf) as document:
        picture = document[0].get_pixmap(dpi=60)
        page = document.new_page()
        page.insert_image(page.rect, pixmap=picture)
        path = tmp_path / "scan.pdf"
        document.save(path)
    out = tmp_path / "out"
    result = nescio("run", path, "-o", out, "--json")
    assert result.returncode == 4
    (document,) = json.loads(result.stdout)["documents"]
    assert document["outcome"] == "quarantined" and document["remedy"]
    assert released(out) == []


@pytest.mark.parametrize(
    "arguments",
    [("missing.pdf",), (".", "--policy", "no-such-policy"), (".", "--style", "glitter")],
    ids=["missing input", "unknown policy", "unknown style"],
)
def test_a_wrong_call_gets_one_line_and_exit_code_2(
    arguments: tuple[str, ...], record_pdf: Path, tmp_path: Path
) -> None:
    source = record_pdf.parent / arguments[0]
    result = nescio("run", source, "-o", tmp_path / "out", *arguments[1:])
    assert result.returncode == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out" / "released").exists()


def test_what_a_crashed_run_left_is_removed_at_the_next_start(
    record_pdf: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    left = out / "private" / "work" / "artifacts" / "paragraphs.parquet"
    left.parent.mkdir(parents=True)
    left.write_text("left behind")
    assert nescio("run", record_pdf, "-o", out).returncode == 0
    assert not left.exists()


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
