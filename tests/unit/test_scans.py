"""Scans: what OCR reads joins the tables, where it stands, and what it cannot read is flagged."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from extract_inputs import character_boxes, read, texts, words

from nescio.extract.pictures import has_ink
from nescio.ocr import ReadLine

LINES = (
    "Dear Doctor Wren,",
    "Mr Walter Quillfeather was seen on 12 March 2019.",
    "Wing: Kestrel 7",
)


def letter(page: pymupdf.Page) -> None:
    for number, line in enumerate(LINES):
        page.insert_text((72, 100 + 40 * number), line, fontsize=11)


def scanned(folder: Path, turn: float = 0.0, rotation: int = 0) -> Path:
    """Write the letter as a picture of itself, turned by some degrees."""
    with pymupdf.open() as source, pymupdf.open() as document:
        letter(source.new_page(width=400, height=240))
        matrix = pymupdf.Matrix(200 / 72, 200 / 72).prerotate(turn)
        picture = source[0].get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)
        page = document.new_page(width=picture.width * 0.36, height=picture.height * 0.36)
        page.insert_image(page.rect, pixmap=picture)
        page.set_rotation(rotation)
        document.save(folder / "scan.pdf")
    return folder / "scan.pdf"


@pytest.fixture(scope="module")
def ink() -> list[tuple[str, tuple[float, float, float, float]]]:
    """The letter's words as its text layer has them, with the boxes of their ink."""
    with pymupdf.open() as source:
        page = source.new_page(width=400, height=240)
        letter(page)
        return [(word[4], word[:4]) for word in page.get_text("words")]


def test_a_scan_is_read_word_by_word_where_each_stands(
    tmp_path: Path, ink: list[tuple[str, tuple[float, float, float, float]]]
) -> None:
    extraction = read(scanned(tmp_path))
    found = dict(words(extraction))
    assert list(found) == [text for text, _ in ink]
    for text, (x0, _, x1, _) in ink:
        row = found[text]
        assert abs(row["x0"] - x0) < 2.5 and abs(row["x1"] - x1) < 2.5
        assert row["confidence"] > 0.8
        assert len(character_boxes(row)) == len(text)
    (page,) = extraction.pages.to_pylist()
    assert page["flags"] == [] and 0.9 < page["confidence"] < 1.0
    assert {row["origin"] for row in extraction.paragraphs.to_pylist()} == {"ocr"}


def test_boxes_of_words_and_characters_hold_their_ink(tmp_path: Path) -> None:
    path = scanned(tmp_path, turn=2.0)
    with pymupdf.open(path) as document:
        pixmap = document[0].get_pixmap(dpi=144, colorspace=pymupdf.csGRAY)
    grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width).copy()
    before = int((grey < 128).sum())
    for _, row in words(read(path)):
        x0, y0, x1, y1 = (2 * row[name] for name in ("x0", "y0", "x1", "y1"))
        grey[math.floor(y0) : math.ceil(y1), math.floor(x0) : math.ceil(x1)] = 255
    assert before > 500
    assert int((grey < 128).sum()) == 0


def test_lines_of_a_slanted_scan_stay_lines(tmp_path: Path) -> None:
    assert texts(read(scanned(tmp_path, turn=1.8))) == list(LINES)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_lines_that_stand_upside_down_or_run_up_the_page_are_read(
    tmp_path: Path, turn: int
) -> None:
    extraction = read(scanned(tmp_path, turn=turn))
    assert sorted(texts(extraction)) == sorted(LINES)
    assert {row["direction"] for _, row in words(extraction)} == {turn}
    assert extraction.pages.to_pylist()[0]["flags"] == []


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_scan_is_read_as_viewers_turn_it(tmp_path: Path, rotation: int) -> None:
    # The picture lies so that it reads from left to right once the page is turned.
    path = scanned(tmp_path, turn=-rotation, rotation=rotation)
    assert texts(read(path)) == list(LINES)


def test_a_picture_beside_text_is_read_too(tmp_path: Path) -> None:
    with pymupdf.open(scanned(tmp_path)) as document:
        document[0].insert_text((72, 60), "Page 7 of 9")
        document.save(tmp_path / "both.pdf")
    extraction = read(tmp_path / "both.pdf")
    found = [text for text, _ in words(extraction)]
    assert "Quillfeather" in found
    assert found.count("Page") == 1
    origins = {row["text"]: row["origin"] for row in extraction.paragraphs.to_pylist()}
    assert origins["Page 7 of 9"] == "page" and origins[LINES[1]] == "ocr"


def test_an_invisible_text_layer_does_not_stand_for_the_picture(tmp_path: Path) -> None:
    with pymupdf.open(scanned(tmp_path)) as document:
        document[0].insert_text((72, 180), "Mr W. Quite Wrong", render_mode=3)
        document.save(tmp_path / "layer.pdf")
    rows = read(tmp_path / "layer.pdf").paragraphs.to_pylist()
    assert {row["text"]: row["origin"] for row in rows} == {
        **dict.fromkeys(LINES, "ocr"),
        "Mr W. Quite Wrong": "hidden",
    }


def test_paper_without_ink_needs_nobody(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(235, 9, (1100, 850)).clip(0, 255).astype(np.uint8)
    blank = pymupdf.Pixmap(pymupdf.csGRAY, 850, 1100, noise.tobytes(), 0)
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, pixmap=blank)
        assert not has_ink(page)
        page.draw_line((100, 100), (200, 130), width=2)
        assert has_ink(page)
        document.save(tmp_path / "marked.pdf")
    flags = read(tmp_path / "marked.pdf").pages.to_pylist()[0]["flags"]
    assert flags in (["no_text"], ["uncertain_text"])  # a rule may be read as signs, unsurely


def test_the_middle_of_a_line_seen_in_perspective_is_where_its_diagonals_cross() -> None:
    corners = np.array([[0.0, 10.0], [900.0, 0.0], [900.0, 40.0], [0.0, 30.0]])
    left, right = (ReadLine([], corners, 1.0).part(*ends) for ends in ((0.0, 0.5), (0.5, 1.0)))
    # Sides of 20 and 40 pixels: the diagonals cross at a third of the length.
    assert left[1][0] == pytest.approx(300) and left[2][0] == pytest.approx(300)
    assert left[0] == pytest.approx(corners[0]) and right[2] == pytest.approx(corners[2])
