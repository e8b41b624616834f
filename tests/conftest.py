"""What tests share: small PDFs made on the spot, and where the shared real reports are."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pymupdf
import pytest

from nescio.cli import main

# How long an example takes says something of the machine, not of what is tried.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

CommandLine = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("NESCIO_SHARED", ROOT.parent / "shared"))
UNPACKED = ROOT / ".cache" / "bin"

SECRETS = ("Zubrowska", "Wilhelmina", "774-21-9903", "zubrowska@example.org", "MR5528817")
"""Parts of the invented patient of ``record_pdf``; none may be left in a released file."""


LONGEST = (
    "test_run_reports", "test_run", "test_run_large", "test_image", "test_interrupted",
    "test_run_scan", "test_tagger_shipped", "test_review_page", "test_vault", "test_run_propose",
    "test_run_reference", "test_review_server", "test_minio", "test_train_pipeline",
)  # fmt: skip
"""Modules that take longest, longest first: a worker that begins one last would keep all waiting.

It says in which order tests run, nothing else.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules; see ``--no-loadscope-reorder`` in the Makefile."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def find_program(name: str) -> Path | None:
    """Return the program of a server: on PATH, else where `.ci/run` unpacked it."""
    found = shutil.which(name) or shutil.which(name, path=str(UNPACKED))
    return Path(found) if found else None


def pytest_report_header() -> str:
    """Say which object store the tests run against."""
    if program := find_program("minio"):
        return f"object store: MinIO, {program}"
    if os.environ.get("CI"):
        return "object store: none, and CI must have MinIO: its tests fail"
    return "object store: moto's server, as no minio is on PATH nor in .cache/bin"


@pytest.fixture(scope="session")
def shared_pdfs() -> list[Path]:
    """The real study reports, where they are; else the test is skipped with the reason."""
    found = sorted((SHARED / "data" / "pdf").glob("*.pdf"))
    if not found:
        pytest.skip("the real study reports of ../shared/data/pdf are not on this machine")
    return found


def sign(page: pymupdf.Page) -> None:
    """Draw strokes of a pen; the page has no other curves."""
    shape = page.new_shape()
    for x in range(60, 172, 14):
        shape.draw_bezier((x, 330), (x + 4, 300), (x + 10, 348), (x + 14, 330))
    shape.finish(width=1.2, closePath=False)
    shape.commit()


def write_record(path: Path, surname: str = "Zubrowska", pages: int = 1) -> Path:
    """Write an invented medical record: a form, prose, and a running header."""
    with pymupdf.open() as document:
        for number in range(pages):
            page = document.new_page()
            page.insert_text((60, 40), f"Patient: Wilhelmina {surname}", fontsize=8)
            page.insert_text((60, 80), "DISCHARGE SUMMARY", fontsize=14, fontname="hebo")
            fields = {
                "Name:": f"Wilhelmina {surname}",
                "DOB:": "24/05/1977",
                "MRN:": "MR5528817",
                "SSN:": "774-21-9903",
                "Email:": f"{surname.lower()}@example.org",
            }
            for row, (label, value) in enumerate(fields.items()):
                page.insert_text((60, 110 + 16 * row), label, fontsize=10)
                page.insert_text((160, 110 + 16 * row), value, fontsize=10)
            prose = (
                f"Mrs. {surname} was admitted on 12 March 2021 with chest pain. Apgar and Glasgow "
                "scores were not recorded. Aspirin 75 mg was given for 10 days."
            )
            page.insert_textbox((60, 220, 520, 300), prose, fontsize=10)
            page.insert_text((60, 800), f"Page {number + 1}", fontsize=8)
            sign(page)
        document.set_metadata({"author": f"Wilhelmina {surname}", "title": "Record"})
        document.save(path)
    return path


@pytest.fixture
def record_pdf(tmp_path: Path) -> Path:
    """A one-page record in a folder of its own."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return write_record(folder / "zubrowska.pdf")


@pytest.fixture
def nescio(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Call the command line in this process; give its exit code, output and errors."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nescio", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(end.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def refusal(nescio: CommandLine) -> Callable[..., str]:
    """Call the command line in this process; give the line with which it refuses the call."""

    def call(*arguments: object) -> str:
        code, _, errors = nescio(*arguments)
        assert code == 2, errors
        (line,) = errors.strip().splitlines()
        return line

    return call
