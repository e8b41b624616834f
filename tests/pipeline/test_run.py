"""`nescio run`, as a person calls it: the real DAG, executed by kfp.local, on real files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pymupdf
import pypdfium2
import pytest
from conftest import SECRETS, write_record


def nescio(*arguments: object, timeout: float = 560) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, for so many seconds at most."""
    program = Path(sys.executable).with_name("nescio")
    command = [str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


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
    """One run on one record, after one that crashed, for the tests that look at what it left."""
    folder = tmp_path_factory.mktemp("record")
    pdf = write_record(folder / "zubrowska.pdf")
    left = left_behind(folder / "out")
    left.parent.mkdir(parents=True)
    left.write_text("left behind")
    result = nescio("run", pdf, "-o", folder / "out")
    assert result.returncode == 0, result.stderr
    return Run(pdf, folder / "out", result.stdout + result.stderr)


def left_behind(out: Path) -> Path:
    """Return where a run that crashed would have left a table."""
    return out / "private" / "work" / "artifacts" / "paragraphs.parquet"


def encrypted(path: Path) -> Path:
    """Write a record that opens with the password ``geheim``."""
    source = write_record(path.with_suffix(".tmp"), path.stem.title())
    with pikepdf.open(source) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="o", user="geheim"))
    source.unlink()
    return path


def damaged(path: Path) -> Path:
    """Write a record whose cross-reference table cannot be found."""
    data = write_record(path, "Kowalczyk").read_bytes()
    path.write_bytes(data[: data.rindex(b"startxref")] + b"startxref\n99999999\n%%EOF")
    return path


def pictured(path: Path) -> Path:
    """Write a record with a page that shows a scribble, which nobody can read, and no text."""
    with pymupdf.open(write_record(path, "Pictured")) as document:
        page = document.new_page()
        page.draw_bezier((100, 100), (160, 40), (220, 160), (280, 100), width=3)
        document.saveIncr()
    return path


class Inbox(NamedTuple):
    """A finished run on a folder of good and bad files, and each file's row of documents.csv."""

    out: Path
    code: int
    answer: dict[str, Any]
    rows: dict[str, dict[str, str]]

    def document(self, name: str) -> dict[str, str]:
        """Return what the command said of the file with this name."""
        return next(d for d in self.answer["documents"] if d["id"] == self.rows[name]["id"])

    def released(self, name: str) -> Path:
        """Return the released PDF of the file with this name."""
        return self.out / "released" / f"{self.rows[name]['id']}.pdf"


@pytest.fixture(scope="module")
def inbox_run(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """One run on good files among bad ones; its intermediates are kept."""
    folder = tmp_path_factory.mktemp("inbox")
    inbox, out = folder / "in", folder / "out"
    inbox.mkdir()
    write_record(inbox / "zubrowska.pdf")
    (inbox / "bad.pdf").write_bytes(b"this is not a PDF")
    (inbox / "empty.pdf").touch()
    encrypted(inbox / "locked.pdf")
    encrypted(inbox / "known.pdf")
    encrypted(inbox / "wrong.pdf")
    damaged(inbox / "damaged.pdf")
    pictured(inbox / "pictured.pdf")
    with pikepdf.new() as pdf:
        pdf.save(inbox / "none.pdf")
    passwords = folder / "passwords.csv"
    passwords.write_text("path,password\nknown.pdf,geheim\nwrong.pdf,falsch\n")
    result = nescio(
        "run", inbox, "-o", out, "--json", "--keep-intermediates", "--password-file", passwords
    )
    listing = csv.DictReader((out / "private" / "documents.csv").open())
    rows = {Path(row["path"]).name: row for row in listing}
    return Inbox(out, result.returncode, json.loads(result.stdout), rows)


def test_a_record_is_released_without_its_identifiers(record_run: Run) -> None:
    (pdf,) = released(record_run.out)
    text = all_text(pdf)
    assert leaks(text) == 0
    assert "DISCHARGE SUMMARY" in text and "chest pain" in text and "Aspirin 75 mg" in text
    with pymupdf.open(pdf) as document:
        paths = [path for page in document for path in page.get_cdrawings()]
    assert not any(kind == "c" for path in paths for kind, *_ in path["items"])  # the signature
    certificate = json.loads(pdf.with_suffix(".certificate.json").read_text())
    assert certificate["verdict"] == "verified"


def test_a_released_file_can_be_verified_again(record_run: Run) -> None:
    (pdf,) = released(record_run.out)
    result = nescio("verify", pdf, "--against", record_run.pdf, "--decisions", record_run.out)
    assert result.returncode == 0, result.stdout + result.stderr
    assert leaks(result.stdout + result.stderr) == 0
    before = nescio("verify", record_run.pdf, "--decisions", record_run.out)
    assert before.returncode == 2 and "--against" in before.stderr


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


def test_what_a_crashed_run_left_is_removed_at_the_next_start(record_run: Run) -> None:
    assert not left_behind(record_run.out).exists()


def test_kfp_prints_no_name_of_a_file_or_person(inbox_run: Inbox) -> None:
    log = (inbox_run.out / "private" / "work" / "kfp.log").read_text()
    assert "collect" in log and "notify" in log
    assert leaks(log, [*SECRETS, "Kowalczyk", "geheim", *inbox_run.rows]) == 0


def test_a_second_run_changes_nothing(record_run: Run) -> None:
    out = record_run.out
    (first,) = released(out)
    stamp = first.stat().st_mtime_ns
    result = nescio("run", record_run.pdf, "-o", out, "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["outcomes"] == {"unchanged": 1}
    assert released(out) == [first] and first.stat().st_mtime_ns == stamp


def test_bad_files_do_not_stop_the_good_ones(inbox_run: Inbox) -> None:
    assert inbox_run.code == 3
    outcomes = {name: row["outcome"] for name, row in inbox_run.rows.items()}
    good = {name for name, outcome in outcomes.items() if outcome == "released"}
    assert good == {"zubrowska.pdf", "known.pdf", "damaged.pdf"}
    assert len(released(inbox_run.out)) == len(good)
    notices = {path.stem for path in (inbox_run.out / "quarantine").glob("*.json")}
    assert notices == {row["id"] for name, row in inbox_run.rows.items() if name not in good}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bad.pdf", "not_a_pdf"),
        ("empty.pdf", "empty_file"),
        ("none.pdf", "no_pages"),
        ("locked.pdf", "encrypted"),
        ("wrong.pdf", "wrong_password"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(inbox_run: Inbox, name: str, reason: str) -> None:
    document = inbox_run.document(name)
    assert document["outcome"] == "refused"
    assert document["reason"] == reason and document["remedy"]
    notice = json.loads((inbox_run.out / "quarantine" / f"{document['id']}.json").read_text())
    assert notice["reason"] == reason


def test_a_known_password_opens_an_encrypted_file(inbox_run: Inbox) -> None:
    pdf = inbox_run.released("known.pdf")
    assert leaks(all_text(pdf), ["Known", *SECRETS[1:]]) == 0
    with pikepdf.open(pdf) as document:
        assert not document.is_encrypted


def test_a_damaged_cross_reference_table_is_repaired(inbox_run: Inbox) -> None:
    text = all_text(inbox_run.released("damaged.pdf"))
    assert "DISCHARGE SUMMARY" in text
    assert leaks(text, ["Kowalczyk", *SECRETS[1:]]) == 0


def test_a_page_that_cannot_be_read_waits_for_a_person(inbox_run: Inbox) -> None:
    document = inbox_run.document("pictured.pdf")
    assert document["outcome"] == "quarantined" and document["remedy"]
    assert document["reason"] == "no_text"
    assert (inbox_run.out / "private" / "proposal" / f"{document['id']}.pdf").is_file()


def test_no_file_released_says_so_in_the_exit_code(tmp_path: Path) -> None:
    path, out = tmp_path / "a.pdf", tmp_path / "out"
    path.touch()
    result = nescio("run", path, "-o", out, "--json")
    assert result.returncode == 4
    assert json.loads(result.stdout)["outcomes"] == {"refused": 1}
    assert released(out) == []


@pytest.mark.parametrize(
    "arguments",
    [("missing.pdf",), (".", "--policy", "no-such-policy"), (".", "--style", "glitter")],
    ids=["missing input", "unknown policy", "unknown style"],
)
def test_a_wrong_call_gets_one_line_and_exit_code_2(
    arguments: tuple[str, ...], record_pdf: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    refusal("run", record_pdf.parent / arguments[0], "-o", tmp_path / "out", *arguments[1:])
    assert not (tmp_path / "out" / "released").exists()
