"""Reading order: what stands together is read together."""

from __future__ import annotations

import zlib
from pathlib import Path

import pymupdf
import pytest
from extract_inputs import PROSE, extracted, paragraphs, read, save, texts

from nescio.extract import PAGE_FLAGS
from nescio.extract.layout import paragraphs_of
from nescio.extract.paragraphs import limited
from nescio.extract.words import Rules, Style, Word, word_of

LEFT = "The left column is read first, from its beginning to its end, line by line. " * 6
RIGHT = "The right column is read after it and has words of its own in every line. " * 6


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox((50, 80, 540, 110), "A title that stands above both", fontsize=16)
        page.insert_textbox((50, 120, 280, 400), LEFT, fontsize=10)
        page.insert_textbox((310, 123, 540, 400), RIGHT, fontsize=10, align=3)

    title, left, right = texts(extracted(tmp_path, draw))
    assert title.startswith("A title")
    assert left == LEFT.strip() and right == RIGHT.strip()


def test_a_table_within_one_of_two_columns_does_not_mix_them(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox((50, 120, 280, 500), LEFT, fontsize=10)
        for row in range(6):
            for column, value in enumerate((f"Item {row}", f"{row * 7}.5", "mg")):
                page.insert_text((310 + 80 * column, 130 + 15.3 * row), value, fontsize=9)
        page.insert_textbox((310, 240, 540, 500), RIGHT, fontsize=10)

    found = texts(extracted(tmp_path, draw))
    assert found[0] == LEFT.strip() and found[-1] == RIGHT.strip()
    assert found[1:-1] == [f"Item {row}\t{row * 7}.5\tmg" for row in range(6)]


def test_a_label_and_the_value_beside_it_are_one_paragraph(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        fields = [("Name:", "Ilse Varga"), ("DOB:", "24/05/1977"), ("Sex:", "F")]
        for row, (label, value) in enumerate(fields):
            page.insert_text((60, 100 + 20 * row), label)
            page.insert_text((180, 100 + 20 * row), value)

    extraction = extracted(tmp_path, draw)
    assert texts(extraction) == ["Name:\tIlse Varga", "DOB:\t24/05/1977", "Sex:\tF"]
    assert {row["kind"] for row in paragraphs(extraction)} == {"field"}


def test_two_fields_on_a_line_keep_each_value_behind_its_label(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for row, line in enumerate([("Name:", "Ilse Varga", "DOB:", "24/05/1977")] * 3):
            for column, value in enumerate(line):
                page.insert_text((60 + 110 * column, 100 + 20 * row), value)

    found = [text.split("\t") for text in texts(extracted(tmp_path, draw), kind="field")]
    assert found == [["Name:", "Ilse Varga", "DOB:", "24/05/1977"]] * 3


@pytest.mark.parametrize("boxes", [False, True])
def test_a_small_label_and_the_value_below_it_are_neighbours(tmp_path: Path, boxes: bool) -> None:
    def draw(page: pymupdf.Page) -> None:
        for x, label, value in ((60, "AGE (YEARS)", "69"), (300, "BORN", "1952-03-12")):
            page.insert_text((x, 100), label, fontsize=6.5)
            page.insert_text((x, 110), value, fontsize=9)
            if boxes:
                page.draw_rect((x - 4, 90, x + 200, 116))

    (row,) = paragraphs(extracted(tmp_path, draw))
    assert row["kind"] == "field"
    assert row["text"] == "AGE (YEARS)\n69\tBORN\n1952-03-12"


def test_a_row_of_a_table_is_one_paragraph_even_if_cells_have_several_lines(tmp_path: Path) -> None:
    rows = [
        ("Date", "Contact", "Note"),
        ("22-07-2020", "Emergency\nDepartment", "Triage, blood tests, and an ECG\nwith Dr Watkins"),
        ("23-07-2020", "Ward round", "Stable"),
        ("28-07-2020", "Discharge", "Letter and medicines given to\nMrs Oberhuber"),
    ]

    def draw(page: pymupdf.Page) -> None:
        y = 100
        for row in rows:
            for x, cell in zip((60, 140, 220), row, strict=True):
                page.insert_textbox((x, y, x + 170, y + 40), cell, fontsize=9)
            y += 20 + 11 * max(cell.count("\n") for cell in row)
            page.draw_line((55, y - 3), (400, y - 3))

    extraction = extracted(tmp_path, draw)
    assert texts(extraction) == ["\t".join(row).replace("\n", " ") for row in rows]
    assert [(row["table"], row["row"]) for row in paragraphs(extraction)] == [
        (0, number) for number in range(4)
    ]


def test_empty_cells_keep_their_place_in_a_table(tmp_path: Path) -> None:
    rows = [("Subject", "Sex", "Age", "Race"), ("1004", "", "61", "White"), ("1005", "F", "", "")]

    def draw(page: pymupdf.Page) -> None:
        for number, row in enumerate([*rows, rows[0]]):
            for column, cell in enumerate(row):
                page.insert_text((60 + 90 * column, 100 + 18 * number), cell)

    found = texts(extracted(tmp_path, draw), table=0)
    assert found[:3] == ["Subject\tSex\tAge\tRace", "1004\t\t61\tWhite", "1005\tF"]


def test_a_column_that_its_text_fills_is_parted_from_the_next(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        width = pymupdf.get_text_length("Letter and medicines given", fontsize=9)
        for row, note in enumerate(["Stable", "Letter and medicines given", "ECG", "Home"]):
            page.insert_text((60, 100 + 15 * row), note, fontsize=9)
            page.insert_text((60 + width + 6, 100 + 15 * row), f"Dr Sabur {row}", fontsize=9)

    found = texts(extracted(tmp_path, draw))
    assert found[1] == "Letter and medicines given\tDr Sabur 1"


def test_narrow_columns_at_equal_distances_are_parted(tmp_path: Path) -> None:
    """Equal gaps look like a line that was stretched; the rows around leave the same strips."""
    ages = ("61 M White", "47 F Multiple", "50 M Asian", "84 F Asian", "18 F White", "63 F Asian")

    def draw(page: pymupdf.Page) -> None:
        for row, line in enumerate(ages):
            y = 100 + 18 * row
            page.insert_text((50, y), f"{10 + row:03}-0001", fontsize=8)
            page.insert_text((140, y), f"19{50 + row}-02-13", fontsize=8)
            for x, value in zip((230, 254, 276), line.split(), strict=True):
                page.insert_text((x, y), value, fontsize=8)
            page.insert_text((400, y), "South Africa", fontsize=8)

    found = texts(extracted(tmp_path, draw))
    assert [text.split("\t")[2:] for text in found] == [
        [*line.split(), "South Africa"] for line in ages
    ]


def test_gaps_no_wider_than_a_space_part_nothing(tmp_path: Path) -> None:
    """However many rows have them at one place."""

    def draw(page: pymupdf.Page) -> None:
        for row in range(6):
            for x, value in ((50, f"01{row}"), (150, "NBX-77 10 mg"), (400, "Completed")):
                page.insert_text((x, 100 + 18 * row), value, fontsize=8, fontname="cour")

    found = texts(extracted(tmp_path, draw))
    assert found == [f"01{row}\tNBX-77 10 mg\tCompleted" for row in range(6)]


def test_an_address_beside_fields_is_read_as_a_block(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for row, line in enumerate(["12 Harbour Street", "Port Merrow", "MR2 7TT"]):
            page.insert_text((60, 100 + 13 * row), line, fontsize=9)
        for row, line in enumerate(["Name: Ilse Varga", "DOB: 24/05/1977", "MRN: 0042"]):
            page.insert_text((320, 100 + 13 * row), line, fontsize=9)

    found = texts(extracted(tmp_path, draw))
    assert found[0].split() == ["12", "Harbour", "Street", "Port", "Merrow", "MR2", "7TT"]
    assert found[1:] == ["Name: Ilse Varga", "DOB: 24/05/1977", "MRN: 0042"]


def test_a_name_broken_over_lines_stays_whole(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_textbox((60, 100, 200, 200), "It was then that Maximiliane Oberhuber came.")

    (text,) = texts(extracted(tmp_path, draw))
    assert text == "It was then that Maximiliane Oberhuber came."


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["He asked for Mrs Ober-", "huber at once."], "He asked for Mrs Oberhuber at once."),
        (["He asked for Mrs Garcia-", "Lopez at once."], "He asked for Mrs Garcia-Lopez at once."),
        (["She was admitted on 2021-", "03-12 with a cough."], "She was admitted on 2021-03-12 "),
        (["Write to oberhuber@ex", "ample.org, or come."], "Write to oberhuber@example.org, or "),
    ],
)
def test_what_a_line_break_divides_is_joined(tmp_path: Path, lines: list[str], text: str) -> None:
    (found,) = texts(extracted(tmp_path, lambda page: page.insert_text((60, 100), lines)))
    assert found.startswith(text)


def test_paragraphs_part_where_space_or_type_changes(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 70), "Hospital course", fontname="hebo", fontsize=12)
        page.insert_textbox((60, 80, 500, 160), PROSE, fontsize=10)
        page.insert_textbox((60, 150, 500, 230), PROSE, fontsize=10)

    extraction = extracted(tmp_path, draw)
    assert texts(extraction) == ["Hospital course", PROSE.strip(), PROSE.strip()]
    assert [row["kind"] for row in paragraphs(extraction)] == ["heading", "body", "body"]
    assert paragraphs(extraction)[0]["bold"] and not paragraphs(extraction)[1]["bold"]


def test_items_of_a_list_are_paragraphs_of_their_own(tmp_path: Path) -> None:
    items = ["1. Aspirin 75 mg in the morning", "2. Ramipril 5 mg", "3. Rest"]
    found = texts(extracted(tmp_path, lambda page: page.insert_text((60, 100), items)))
    assert found == items


def test_an_initial_at_the_start_of_a_line_opens_no_list(tmp_path: Path) -> None:
    lines = ["On the second day she was seen by the consultant, Dr", "J. Oberhuber, who agreed."]
    (found,) = texts(extracted(tmp_path, lambda page: page.insert_text((60, 100), lines)))
    assert "Dr J. Oberhuber" in found


def test_running_lines_are_told_by_place_and_repetition(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 40), "Study AB-12, Report")
        page.insert_text((60, 90), f"Table {page.number + 1}  Heights")
        page.insert_text((60, 400), "Study AB-12, Report")
        page.insert_text((60, 810), f"Page {page.number + 1} of 3")

    extraction = extracted(tmp_path, draw, draw, draw)
    assert texts(extraction, kind="header") == ["Study AB-12, Report"] * 3
    assert texts(extraction, kind="footer") == [f"Page {n} of 3" for n in (1, 2, 3)]


def test_rows_of_a_table_are_no_running_lines(tmp_path: Path) -> None:
    """Values stand on other pages, too; and pages repeat the heading below a title of their own."""

    def row(page: pymupdf.Page, y: float, *cells: str) -> None:
        for number, cell in enumerate(cells):
            page.insert_text((60 + 100 * number, y), cell, fontsize=9)

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 40), "Study AB-12, Report")
        title = ("Demographic data", "Vital signs", "Adverse events")[page.number]
        page.insert_text((60, 70), title, fontsize=14)
        row(page, 95, "Subject", "Site", "Age", "Sex", "Race")
        for line in range(45):
            person = 50 * page.number + line
            row(
                page, 110 + 15 * line, f"01{person:04}", f"{person}", f"{20 + person}", "M", "Asian"
            )

    extraction = extracted(tmp_path, draw, draw, draw)
    assert texts(extraction, kind="header") == ["Study AB-12, Report"] * 3
    assert texts(extraction, kind="footer") == []
    assert texts(extraction).count("Subject\tSite\tAge\tSex\tRace") == 3


def test_leaders_are_no_text(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for row, title in enumerate(["Synopsis", "Introduction", "Methods"]):
            page.insert_text((60, 100 + 16 * row), f"{title} {'.' * (80 - len(title))} {row + 3}")

    found = texts(extracted(tmp_path, draw))
    assert found == ["Synopsis\t3", "Introduction\t4", "Methods\t5"]


def test_words_from_another_source_are_grouped_by_the_same_rules() -> None:
    style = Style("scan", 10, False, False)

    def line(x: float, y: float, *texts: str) -> list[Word]:
        return [
            word_of(text, (x + 40 * n, y, x + 40 * n + 37, y + 10), style, confidence=0.8)
            for n, text in enumerate(texts)
        ]

    runs = [
        line(200, 101, "Ilse", "Varga"),
        line(60, 100, "Name:"),
        line(60, 120, "DOB:"),
        line(200, 120, "24/05/1977"),
    ]
    found = paragraphs_of(runs, Rules([], []), ordinary=10)
    assert [item.text for item in found] == ["Name:\tIlse Varga", "DOB:\t24/05/1977"]
    assert {item.origin for item in found} == {"ocr"}


def test_paragraphs_beyond_the_most_go_into_the_last_one() -> None:
    style = Style("scan", 10, False, False)
    runs = [[word_of(f"word{n}", (60, 40 * n, 90, 40 * n + 10), style)] for n in range(6)]
    found = limited(paragraphs_of(runs, Rules([], []), ordinary=10), 3)
    assert [item.text for item in found] == ["word0", "word1", "word2\nword3\nword4\nword5"]
    for item in found:
        for start, word in item.words:
            assert item.text[start : start + len(word.text)] == word.text
    assert found[-1].box == (60, 80, 90, 210)


def test_a_page_of_which_a_part_cannot_be_read_is_flagged(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", *[lambda page: page.insert_textbox(page.rect, PROSE * 3)] * 2)
    with pymupdf.open(path) as document:
        xref = document[0].get_contents()[0]
        content = zlib.compress(document.xref_stream(xref))
        document.update_stream(xref, b"x" * len(content), compress=False)
        document.xref_set_key(xref, "Filter", "/FlateDecode")
        damaged = document.tobytes()
    half = content[: len(content) // 2].ljust(len(content), b"\xff")
    path.write_bytes(damaged.replace(b"x" * len(content), half))
    pages = read(path).pages.to_pylist()
    assert [page["flags"] for page in pages] == [["broken_contents"], []]


def test_a_page_that_shows_something_without_text_is_flagged(tmp_path: Path) -> None:
    def picture(page: pymupdf.Page) -> None:
        black = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 9, 9))
        black.clear_with(0)
        page.insert_image((50, 50, 300, 300), pixmap=black)

    def drawing(page: pymupdf.Page) -> None:
        page.draw_circle((200, 200), 50)

    def text(page: pymupdf.Page) -> None:
        page.insert_text((50, 50), "text")

    pages = extracted(tmp_path, picture, drawing, text, lambda page: None).pages.to_pylist()
    assert [page["flags"] for page in pages] == [["no_text"], ["no_text"], [], []]
    assert "no_text" in PAGE_FLAGS
    assert [page["images"] for page in pages] == [1, 0, 0, 0]
