"""Clearing ranges of pages side by side gives what clearing all of them gives."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest
from redact_inputs import boxes_of, photographed

from nescio.redact import clear, redact_document

SECRET = "Vargasdottir"
SHARED = "Zubrowska"


def five_pages(path: Path) -> Path:
    """Write pages with one secret each, a picture that all share, bookmarks and links."""
    picture = photographed("WARD BOOK").tobytes("png")
    with pymupdf.open() as document:
        xref = 0
        for number in range(5):
            page = document.new_page(width=300, height=200)
            page.insert_text((40, 40), f"Page {number}: Ilse {SECRET} went home.")
            page.insert_text((40, 60), f"Seen {number} times by {SHARED}.")
            xref = page.insert_image((150, 100, 250, 150), stream=picture, xref=xref)
            page.draw_line((40, 90), (260, 90))
            link = {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(40, 150, 90, 165)}
            page.insert_link(link | {"uri": "https://example.org/ward"})
        document.set_toc([[1, f"Day {number}", number + 1] for number in range(5)])
        document.save(path)
    return path


@pytest.mark.parametrize("bounds", [(0, 2, 5), (0, 1, 2, 5)])
def test_ranges_change_nothing(
    bounds: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = five_pages(tmp_path / "a.pdf")
    redactions = boxes_of(pdf, SECRET, SHARED)
    whole, parts = tmp_path / "whole.pdf", tmp_path / "parts.pdf"
    monkeypatch.setattr(clear, "page_ranges", lambda count, *_: [range(count)])
    one = redact_document(pdf, whole, redactions, web_links=True)
    ranges = [range(a, b) for a, b in pairwise(bounds)]
    monkeypatch.setattr(clear, "page_ranges", lambda *_: ranges)
    many = redact_document(pdf, parts, redactions, web_links=True)
    assert (one.pages, one.boxes, one.notes) == (many.pages, many.boxes, many.notes)
    assert many.certificate.verdict == "verified"
    with pymupdf.open(whole) as expected, pymupdf.open(parts) as found:
        assert found.page_count == 5
        assert found.get_toc() == expected.get_toc()
        for page, other in zip(found, expected, strict=True):
            assert SECRET not in page.get_text()
            assert page.get_text() == other.get_text()
            assert page.get_pixmap().samples == other.get_pixmap().samples
            assert [link["uri"] for link in page.get_links()] == ["https://example.org/ward"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "parts.pdf", "whole.pdf"]


def test_pages_of_later_ranges_become_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = five_pages(tmp_path / "a.pdf")
    monkeypatch.setattr(clear, "page_ranges", lambda *_: [range(2), range(2, 5)])
    result = redact_document(pdf, tmp_path / "b.pdf", boxes_of(pdf, SECRET), raster="all")
    assert result.certificate.pictures == (0, 1, 2, 3, 4)
    with pymupdf.open(tmp_path / "b.pdf") as document:
        assert [page.get_text() for page in document] == [""] * 5
        assert all(page.get_images() for page in document)
