"""Every character has its box, on the page as it is shown."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pymupdf
import pytest
from extract_inputs import PROSE, character_boxes, extracted, read, save, texts, words

TURNS = [0, 90, 180, 270]


def every_way(page: pymupdf.Page) -> None:
    """Write text in four directions."""
    page.insert_textbox((60, 60, 400, 200), PROSE, fontsize=11)
    for angle, word in zip(TURNS, ("upright", "rising", "inverted", "falling"), strict=True):
        page.insert_text((300, 500), f"{word} Oberhuber", rotate=angle, fontsize=12)


@pytest.mark.parametrize("rotation", TURNS)
def test_boxes_of_a_rotated_page_are_where_it_shows_the_words(
    tmp_path: Path, rotation: int
) -> None:
    extraction = extracted(tmp_path, every_way, rotation=rotation)
    with pymupdf.open(tmp_path / "a.pdf") as document:
        page = document[0]
        shown = {
            (word[4], *map(round, pymupdf.Rect(word[:4]) * page.rotation_matrix))
            for word in page.get_text("words")
        }
    found = {
        (text, *(round(row[name]) for name in ("x0", "y0", "x1", "y1")))
        for text, row in words(extraction)
    }
    assert len(shown) > 50
    assert found == shown


@pytest.mark.parametrize("rotation", TURNS)
def test_words_lie_on_the_ink_of_a_rotated_page(tmp_path: Path, rotation: int) -> None:
    extraction = extracted(tmp_path, every_way, rotation=rotation)
    with pymupdf.open(tmp_path / "a.pdf") as document:
        page = document[0]
        for _, row in words(extraction):
            shape = page.new_shape()
            box = pymupdf.Rect(*(row[name] for name in ("x0", "y0", "x1", "y1")))
            shape.draw_rect(box * page.derotation_matrix)
            shape.finish(fill=(1, 1, 1), color=(1, 1, 1))
            shape.commit()
        assert min(page.get_pixmap(dpi=100).samples) > 240


@pytest.mark.parametrize("rotation", TURNS)
def test_direction_is_that_of_the_page_as_shown(tmp_path: Path, rotation: int) -> None:
    extraction = extracted(tmp_path, every_way, rotation=rotation)
    directions = {text: row["direction"] for text, row in words(extraction)}
    expected = {"upright": 0, "rising": 270, "inverted": 180, "falling": 90}
    for text, direction in expected.items():
        assert directions[text] == (direction + rotation) % 360


@pytest.mark.parametrize("rotation", TURNS)
def test_text_of_one_direction_is_read_as_lines(tmp_path: Path, rotation: int) -> None:
    found = texts(extracted(tmp_path, every_way, rotation=rotation))
    assert PROSE.strip() in found
    assert {"upright Oberhuber", "rising Oberhuber", "inverted Oberhuber"} <= set(found)


@pytest.mark.parametrize("rotation", TURNS)
def test_each_character_is_found_again_under_its_box(tmp_path: Path, rotation: int) -> None:
    extraction = extracted(tmp_path, every_way, rotation=rotation)
    seen = 0
    with pymupdf.open(tmp_path / "a.pdf") as document:
        page = document[0]
        glyphs = [
            (char["c"], pymupdf.Rect(char["bbox"]) * page.rotation_matrix)
            for block in page.get_text("rawdict", flags=0)["blocks"]
            for line in block["lines"]
            for span in line["spans"]
            for char in span["chars"]
        ]
    for text, row in words(extraction):
        x0, y0, x1, y1 = (row[name] for name in ("x0", "y0", "x1", "y1"))
        box = pymupdf.Rect(x0 - 1, y0 - 1, x1 + 1, y1 + 1)
        for character, own in zip(text, character_boxes(row), strict=True):
            assert pymupdf.Rect(own) in box
            x, y = (own[0] + own[2]) / 2, (own[1] + own[3]) / 2
            under = {c for c, glyph in glyphs if pymupdf.Point(x, y) in glyph}
            assert character in under
            seen += 1
    assert seen > 250


def written(page: pymupdf.Page, text: str, size: float = 12) -> None:
    """Write text with a font that has glyphs for more than Latin-1."""
    writer = pymupdf.TextWriter(page.rect)
    writer.append((60, 100), text, font=pymupdf.Font("notos"), fontsize=size)
    writer.write_text(page)


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        ("Mrs Gri\ufb03th of the o\ufb03ce", "Mrs Griffith of the office"),
        ("Mrs Ober\u00adhuber came", "Mrs Oberhuber came"),
        ("Mrs\u00a0Oberhuber\u2011Varga", "Mrs Oberhuber-Varga"),
        (unicodedata.normalize("NFD", "Frau Köhler, José"), "Frau Köhler, José"),
        ("Ｏberhuber", "Oberhuber"),
        ("O\u2019Brien and 10² mL", "O'Brien and 10² mL"),
    ],
)
def test_text_is_read_in_one_normal_form(tmp_path: Path, drawn: str, text: str) -> None:
    extraction = extracted(tmp_path, lambda page: written(page, drawn))
    assert texts(extraction) == [text]
    for word, row in words(extraction):
        widths = [b - a for a, b in zip(row["edges"], row["edges"][1:], strict=False)]
        assert len(widths) == len(word) and min(widths) > 0


@pytest.mark.parametrize("spacing", [" ", "  "])
def test_letter_spaced_words_are_read_as_words(tmp_path: Path, spacing: str) -> None:
    drawn = (spacing * 3).join(spacing.join(word) for word in ("Patient", "Wilhelmina", "Varga"))
    extraction = extracted(tmp_path, lambda page: page.insert_text((40, 100), drawn))
    assert texts(extraction) == ["Patient Wilhelmina Varga"]
    assert [len(row["edges"]) for _, row in words(extraction)] == [8, 11, 6]


@pytest.mark.parametrize("spacing", [1.5, 3, 6])
def test_words_with_character_spacing_are_read_as_words(tmp_path: Path, spacing: float) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((40, 100), "Wilhelmina Varga", fontsize=12)
        xref = page.get_contents()[0]
        stream = page.parent.xref_stream(xref)
        page.parent.update_stream(xref, stream.replace(b"BT", b"BT %.1f Tc" % spacing))

    assert texts(extracted(tmp_path, draw)) == ["Wilhelmina Varga"]


def test_single_letters_of_a_table_stay_apart(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for row in range(4):
            for column, letter in enumerate("ABXY"):
                page.insert_text((60 + 60 * column, 100 + 16 * row), letter)

    assert texts(extracted(tmp_path, draw)) == ["A\tB\tX\tY"] * 4


def test_a_word_printed_twice_is_read_once(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for shift in (0, 0.3, 0.9):
            page.insert_text((60 + shift, 100), "Wilhelmina Varga")

    assert texts(extracted(tmp_path, draw)) == ["Wilhelmina Varga"]


def test_boxes_count_from_the_corner_of_the_crop_box(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((150, 200), "Oberhuber")
        page.set_cropbox((100, 100, 500, 700))

    ((_, row),) = words(read(save(tmp_path / "a.pdf", draw)))
    assert (round(row["x0"]), round(row["y1"])) == (50, 103)
