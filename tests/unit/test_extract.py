"""Extraction: what stands together is read together, and every character has its box."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from nescio import tables
from nescio.errors import RefusedError
from nescio.extract import Extraction, extract_pages, inspect
from nescio.extract.document import FLAG_NO_TEXT

Draw = Callable[[pymupdf.Page], None]


def extracted(tmp_path: Path, *draw: Draw, rotation: int = 0) -> Extraction:
    """Extract a document with one page for each drawing."""
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        for each in draw:
            page = document.new_page()
            each(page)
            page.set_rotation(rotation)
        document.save(path)
    return extract_pages(path, "d-1", 0, len(draw))


def texts(extraction: Extraction, kind: str | None = None) -> list[str]:
    rows = extraction.paragraphs.to_pylist()
    return [row["text"] for row in rows if kind in (None, row["kind"])]


def form(page: pymupdf.Page) -> None:
    for row, (label, value) in enumerate(
        [("Name:", "Ilse Varga"), ("DOB:", "24/05/1977"), ("Sex:", "F")]
    ):
        page.insert_text((60, 100 + 20 * row), label)
        page.insert_text((180, 100 + 20 * row), value)


def two_columns(page: pymupdf.Page) -> None:
    left = "The left column is read first, from its beginning to its end, line by line. " * 4
    right = "The right column is read after it and has words of its own in every line. " * 4
    page.insert_textbox((50, 100, 280, 400), left, fontsize=10)
    page.insert_textbox((310, 100, 540, 400), right, fontsize=10)


def test_a_label_and_its_value_are_one_paragraph(tmp_path: Path) -> None:
    found = texts(extracted(tmp_path, form), "field")
    assert found == ["Name:\tIlse Varga", "DOB:\t24/05/1977", "Sex:\tF"]


def test_a_value_below_its_label_in_small_type_is_one_paragraph_with_it(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for x, label, value in ((60, "AGE (YEARS)", "69"), (300, "BORN", "1952-03-12")):
            page.insert_text((x, 100), label, fontsize=6.5)
            page.insert_text((x, 110), value, fontsize=9)

    found = texts(extracted(tmp_path, draw), "field")
    assert found == ["AGE (YEARS)\t69", "BORN\t1952-03-12"]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    found = " ".join(texts(extracted(tmp_path, two_columns)))
    assert found.count("left column is read first, from its beginning to its end") == 4
    assert found.rindex("left column") < found.index("right column")


def test_a_name_broken_over_lines_stays_whole(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox((60, 100, 200, 200), "It was then that Maximiliane Oberhuber came.")

    (text,) = texts(extracted(tmp_path, draw))
    assert "Maximiliane Oberhuber" in text


def test_a_divided_word_is_joined(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 100), ["He asked for Mrs Ober-", "huber at once."])

    assert texts(extracted(tmp_path, draw)) == ["He asked for Mrs Oberhuber at once."]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_where_the_page_shows_the_word(tmp_path: Path, rotation: int) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_rect((100, 88, 130, 104), fill=(0, 0, 0))
        page.insert_text((101, 100), "Hello", fontsize=11, color=(1, 1, 1))

    extraction = extracted(tmp_path, draw, rotation=rotation)
    (word,) = extraction.words.to_pylist()
    with pymupdf.open(tmp_path / "a.pdf") as document:
        pixmap = document[0].get_pixmap()
    inside = [
        pixmap.pixel(x, y)
        for x in range(int(word["x0"]) + 1, int(word["x1"]))
        for y in range(int(word["y0"]) + 1, int(word["y1"]))
    ]
    dark = sum(sum(pixel) < 3 * 128 for pixel in inside)
    assert dark > len(inside) / 2, "the box is not on the dark rectangle"
    assert word["direction"] == rotation


def test_every_word_has_its_text_and_one_edge_more_than_characters(shared_pdfs: list[Path]) -> None:
    for path in shared_pdfs:
        extraction = extract_pages(path, "d-1", 0, min(12, inspect(path).pages))
        text = {row["paragraph"]: row["text"] for row in extraction.paragraphs.to_pylist()}
        for word in extraction.words.to_pylist():
            found = text[word["paragraph"]][word["start"] : word["end"]]
            assert found and not any(map(str.isspace, found))
            assert len(word["edges"]) == len(found) + 1
            assert word["edges"] == sorted(word["edges"])


def test_running_headers_and_footers_are_recognised(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 40), "Study AB-12, Report")
        page.insert_text((60, 400), "Results are shown elsewhere and are long enough to be text.")
        page.insert_text((60, 810), f"Page {page.number + 1} of 3")

    extraction = extracted(tmp_path, draw, draw, draw)
    assert len(texts(extraction, "header")) == 3 and len(texts(extraction, "footer")) == 3


def test_a_page_that_shows_something_without_text_is_flagged(tmp_path: Path) -> None:
    def picture(page: pymupdf.Page) -> None:
        page.draw_circle((200, 200), 50)

    pages = extracted(tmp_path, picture, lambda page: None).pages.to_pylist()
    assert [page["flags"] for page in pages] == [[FLAG_NO_TEXT], []]


def test_what_stands_on_no_page_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((60, 100), "text")
        page.add_text_annot((100, 100), "a remark")
        document.set_metadata({"author": "an author"})
        document.set_toc([[1, "a bookmark", 1]])
        document.embfile_add("an attachment.txt", b"")
        document.save(path)
    rows = extract_pages(path, "d-1", 0, 1).paragraphs.to_pylist()
    notes = {row["text"]: row["origin"] for row in rows if row["kind"] == "note"}
    assert notes["a remark"] == "annotation"
    assert notes["an author"] == "metadata"
    assert notes["a bookmark"] == "bookmark"
    assert notes["an attachment.txt"] == "attachment"


def test_shards_give_what_the_whole_gives(shared_pdfs: list[Path]) -> None:
    path = shared_pdfs[0]
    pages = inspect(path).pages
    whole = extract_pages(path, "d-1", 0, pages)
    parts = [extract_pages(path, "d-1", n, min(n + 3, pages)) for n in range(0, pages, 3)]
    words = tables.concat("words", [part.words for part in parts])
    assert words.equals(whole.words)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty_file"), (b"hello", "not_a_pdf"), (b"%PDF-1.7\n", "damaged")],
)
def test_a_bad_file_is_refused_with_a_remedy(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(RefusedError) as caught:
        inspect(path)
    assert caught.value.reason == reason and caught.value.remedy
