"""A file that cannot be processed is refused with a reason and a remedy."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from extract_inputs import PROSE, read, save, texts

from nescio.errors import RefusedError
from nescio.extract import REASONS, extract_pages, inspect


def prose(page: pymupdf.Page) -> None:
    """Write a few lines."""
    page.insert_textbox((60, 60, 400, 200), PROSE)


def reason_of(path: Path, password: str | None = None) -> str:
    """Return why a file is refused."""
    with pytest.raises(RefusedError) as caught:
        inspect(path, password)
    assert caught.value.what and caught.value.remedy
    assert caught.value.reason in REASONS
    return caught.value.reason


def encrypted(path: Path) -> Path:
    """Write a file that needs a password."""
    method = pymupdf.PDF_ENCRYPT_AES_256
    return save(path, prose, encryption=method, user_pw="sesame", owner_pw="owner")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"hello", "not_a_pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "not_a_pdf"),
        (b"%PDF-1.7\n", "damaged"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "damaged"),
    ],
)
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    assert reason_of(path) == reason
    with pytest.raises(RefusedError):
        extract_pages(path, "d-1", 0, 1)


def test_an_encrypted_file_needs_its_password(tmp_path: Path) -> None:
    path = encrypted(tmp_path / "a.pdf")
    assert reason_of(path) == "encrypted"
    assert reason_of(path, "simsalabim") == "wrong_password"


@pytest.mark.parametrize("password", ["sesame", "owner"])
def test_an_encrypted_file_is_read_with_its_password(tmp_path: Path, password: str) -> None:
    path = encrypted(tmp_path / "a.pdf")
    assert inspect(path, password) == (1, True, False)
    assert texts(read(path, password)) == [PROSE.strip()]


def test_a_file_without_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]
    content, table = b"%PDF-1.4\n", b"xref\n0 3\n0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(content)
        content += b"%d 0 obj%sendobj\n" % (number, body)
    end = b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    path.write_bytes(content + table + end)
    assert reason_of(path) == "no_pages"


def test_a_damaged_cross_reference_table_is_repaired(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", prose, prose)
    content = path.read_bytes()
    at = content.rindex(b"startxref")
    path.write_bytes(content[:at] + b"startxref\n7\n%%EOF\n")
    facts = inspect(path)
    assert (facts.pages, facts.repaired) == (2, True)
    assert texts(read(path)) == [PROSE.strip()] * 2


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", *[prose] * 40, deflate=True)
    content = path.read_bytes()
    for share in (0.1, 0.3, 0.5, 0.6):
        path.write_bytes(content[: int(len(content) * share)])
        assert reason_of(path) == "damaged"


def test_a_file_that_lacks_only_its_cross_reference_table_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", *[prose] * 4)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"xref\n0") + 40])
    assert inspect(path).repaired
    assert texts(read(path)) == [PROSE.strip()] * 4


def test_a_portfolio_is_refused(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 60), "Open this portfolio in Acrobat")
        page.parent.embfile_add("a.pdf", b"%PDF-1.4")
        page.parent.xref_set_key(page.parent.pdf_catalog(), "Collection", "<</View/D>>")

    assert reason_of(save(tmp_path / "a.pdf", draw)) == "portfolio"


def test_a_dynamic_xfa_form_is_refused(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 60), "Please wait... this needs Adobe Reader 8 or higher.")
        catalogue = page.parent.pdf_catalog()
        page.parent.xref_set_key(catalogue, "AcroForm", "<</Fields[]/XFA[]>>")
        page.parent.xref_set_key(catalogue, "NeedsRendering", "true")

    assert reason_of(save(tmp_path / "a.pdf", draw)) == "xfa_only"


def test_messages_hold_no_text_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "oberhuber.pdf"
    path.write_bytes(b"Oberhuber")
    with pytest.raises(RefusedError) as caught:
        inspect(path)
    assert "berhuber" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
