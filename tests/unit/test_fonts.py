"""Fonts that tell other characters than they show are found; others are believed unread."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pymupdf
import pytest
from redact_inputs import row

from nescio import tables
from nescio.errors import UnverifiedError
from nescio.extract import Extraction, extract_pages, fonts
from nescio.ocr import read_text
from nescio.redact import redact_document

NAME = "Wilhelmina Zubrowska"
PROSE = "Seen with her daughter, who was not there for the last visit."


def written(path: Path, *lines: str, wrong: bool = False) -> Path:
    """Write lines in an embedded font; where ``wrong``, its table moves characters by seven."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=200)
        page.insert_font(fontname="F1", fontbuffer=pymupdf.Font("notos").buffer)
        for number, line in enumerate(lines):
            page.insert_text((30, 50 + 30 * number), line, fontname="F1", fontsize=11)
        document.subset_fonts()
        document.save(path)
    if wrong:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            font = pdf.pages[0].Resources.Font.F1
            table = font.ToUnicode.read_bytes()
            ascii_range = b"<0003> <0061> <0020>"
            assert ascii_range in table
            moved = b"<0003> <0003> <0020>\n<0004> <0061> <0028>"
            font.ToUnicode = pdf.make_stream(table.replace(ascii_range, moved))
            pdf.save(path)
    return path


def extracted(path: Path) -> Extraction:
    return extract_pages(path, "d", 0, 1)


def texts(found: Extraction, origin: str) -> list[str]:
    return [p["text"] for p in found.paragraphs.to_pylist() if p["origin"] == origin]


@pytest.mark.parametrize("lines", [(NAME,), (PROSE, NAME), ("MR 5528817-04", "774-21-9903")])
def test_what_a_wrong_font_shows_is_read_and_its_page_waits(
    lines: tuple[str, ...], tmp_path: Path
) -> None:
    path = written(tmp_path / "a.pdf", *lines, wrong=True)
    with pymupdf.open(path) as document:
        assert not any(line in document[0].get_text() for line in lines)
    found = extracted(path)
    assert found.pages["flags"].to_pylist() == [["unreadable_text"]]
    read = " ".join(texts(found, "ocr"))
    assert all(line in read for line in lines)
    assert not texts(found, "page")
    assert texts(found, "hidden")


@pytest.mark.parametrize("lines", [(NAME,), (PROSE, NAME), ("MR 5528817-04", "774-21-9903")])
def test_a_right_font_is_believed(lines: tuple[str, ...], tmp_path: Path) -> None:
    found = extracted(written(tmp_path / "a.pdf", *lines))
    assert found.pages["flags"].to_pylist() == [[]]
    assert not texts(found, "ocr") and not texts(found, "hidden")


def test_no_font_of_ordinary_text_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(_: object) -> None:
        raise AssertionError("a font was read")

    monkeypatch.setattr(fonts, "read_line", unwanted)
    found = extracted(written(tmp_path / "a.pdf", PROSE, NAME))
    assert len(texts(found, "page")) >= 1
    with pymupdf.open() as document:  # a standard font, which has no table and is not in the file
        document.new_page().insert_text((30, 50), NAME)
        document.save(tmp_path / "b.pdf")
    assert texts(extracted(tmp_path / "b.pdf"), "page") == [NAME]


def test_each_font_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    read = fonts.read_line
    monkeypatch.setattr(fonts, "read_line", lambda pixels: calls.append(1) or read(pixels))
    with pymupdf.open(written(tmp_path / "a.pdf", NAME)) as document:
        for _ in range(4):
            document.fullcopy_page(0)
        document.save(tmp_path / "b.pdf")
    extract_pages(tmp_path / "b.pdf", "d", 0, 5)
    assert 1 <= len(calls) <= fonts.STRETCHES


@pytest.mark.parametrize("moved", [0, 30])
def test_a_box_on_what_a_wrong_font_shows_is_judged_by_what_it_shows(
    moved: float, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.pdf", NAME, PROSE, wrong=True)
    words = extracted(path).words.to_pylist()
    shown = [word for word in words if word["confidence"] < 1][:2]
    boxes = [
        row(0, (word["x0"], word["y0"] + moved, word["x1"], word["y1"] + moved), NAME)
        for word in shown
    ]
    out = tmp_path / "out.pdf"
    redactions = tables.from_rows("redactions", boxes)
    if moved:
        with pytest.raises(UnverifiedError, match="ink_outside_box"):
            redact_document(path, out, redactions, pictures=[0], ocr=read_text)
        assert not out.exists()
        return
    redact_document(path, out, redactions, pictures=[0], ocr=read_text)
    with pymupdf.open(out) as document:
        assert document[0].get_text() == ""
    with pytest.raises(UnverifiedError, match="ink_outside_box"):
        redact_document(path, out, redactions, ocr=read_text)
