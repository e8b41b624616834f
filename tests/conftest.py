"""What tests share: small PDFs made on the spot, and where the shared real reports are."""

from __future__ import annotations

import os
from pathlib import Path

import pymupdf
import pytest

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("NESCIO_SHARED", ROOT.parent / "shared"))

SECRETS = ("Zubrowska", "Wilhelmina", "774-21-9903", "zubrowska@example.org", "MR5528817")
"""Parts of the invented patient of ``record_pdf``; none may be left in a released file."""


@pytest.fixture(scope="session")
def shared_pdfs() -> list[Path]:
    """The real study reports, where they are; else the test is skipped with the reason."""
    found = sorted((SHARED / "data" / "pdf").glob("*.pdf"))
    if not found:
        pytest.skip("the real study reports of ../shared/data/pdf are not on this machine")
    return found


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
        document.set_metadata({"author": f"Wilhelmina {surname}", "title": "Record"})
        document.save(path)
    return path


@pytest.fixture
def record_pdf(tmp_path: Path) -> Path:
    """A one-page record in a folder of its own."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return write_record(folder / "zubrowska.pdf")
