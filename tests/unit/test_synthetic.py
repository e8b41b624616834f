"""Synthetic documents: repeatable, varied, and gold that says exactly what stands where."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pymupdf
import pytest
from typer.testing import CliRunner

from nescio.tables import LABELS
from training.synthetic.__main__ import app
from training.synthetic.book import Book
from training.synthetic.flow import Flow, Frame
from training.synthetic.record import make_record
from training.synthetic.reference import write_reference
from training.synthetic.report import make_report
from training.synthetic.scan import save_scan
from training.synthetic.sources import data
from training.synthetic.story import Story
from training.synthetic.text import Text, join, mention
from training.synthetic.typeset import Style

RECORD_LAYOUTS = sorted(data("layouts")["record"])
REPORT_LAYOUTS = sorted(data("layouts")["report"])
ALL_LAYOUTS = [("record", name) for name in RECORD_LAYOUTS] + [
    ("report", name) for name in REPORT_LAYOUTS
]
SAMPLES = Path(__file__).parents[2] / "training" / "samples"

Character = tuple[str, float, float]


@cache
def book_of(kind: str, layout: str) -> Book:
    if kind == "record":
        return make_record(f"test {layout}", layout=layout)
    return make_report(f"test {layout}", pages=16, layout=layout)


def page_characters(page: pymupdf.Page) -> list[Character]:
    """Characters in drawing order: letter, middle across, just above the baseline; line ends."""
    characters: list[Character] = []
    for block in page.get_text("rawdict")["blocks"]:
        for line in block.get("lines", []):
            for span in line["spans"]:
                characters += [
                    (char["c"], (char["bbox"][0] + char["bbox"][2]) / 2, char["origin"][1] - 1)
                    for char in span["chars"]
                ]
            characters.append(("\n", -1.0, -1.0))
    return characters


def inside(char: Character, box: list[float]) -> bool:
    return box[0] <= char[1] <= box[2] and box[1] < char[2] < box[3]


def misread(pdf: pymupdf.Document, gold: dict[str, Any]) -> list[int]:
    """Numbers of the mentions whose boxes hold other characters than their string."""
    pages = [page_characters(page) for page in pdf]
    wrong = []
    for number, row in enumerate(gold["mentions"]):
        if not row["boxes"] or not row["text"]:
            continue
        found = "".join(
            char[0] for page, *box in row["boxes"] for char in pages[page] if inside(char, box)
        )
        if found.replace(" ", "") != row["text"].replace(" ", ""):
            wrong.append(number)
    return wrong


def uncovered(pdf: pymupdf.Document, gold: dict[str, Any]) -> int:
    """How often an identity of the document stands on a page outside every gold box."""
    planted = {
        row["text"]
        for row in gold["mentions"]
        if row["label"] in ("NAME", "ID", "PHONE", "EMAIL", "ADDRESS", "URL")
        and len(row["text"]) >= 5
    }
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(planted))) + r")(?!\w)")
    count = 0
    for number, page in enumerate(pdf):
        boxes = [box for row in gold["mentions"] for where, *box in row["boxes"] if where == number]
        characters = page_characters(page)
        for found in pattern.finditer("".join(char[0] for char in characters)):
            letters = characters[found.start() : found.end()]
            count += not all(any(inside(char, box) for box in boxes) for char in letters)
    return count


@pytest.mark.parametrize(("kind", "layout"), ALL_LAYOUTS)
def test_gold_boxes_hold_exactly_the_gold_strings(kind: str, layout: str) -> None:
    book = book_of(kind, layout)
    gold = book.gold()
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert misread(pdf, gold) == []
    assert len(gold["mentions"]) > 100


@pytest.mark.parametrize(("kind", "layout"), ALL_LAYOUTS)
def test_every_identity_on_a_page_is_covered_by_gold(kind: str, layout: str) -> None:
    book = book_of(kind, layout)
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert uncovered(pdf, book.gold()) == 0


def test_a_mention_left_out_of_the_gold_is_noticed() -> None:
    book = book_of("record", RECORD_LAYOUTS[0])
    gold = book.gold()
    names = [row for row in gold["mentions"] if row["label"] == "NAME" and len(row["boxes"]) == 1]
    texts = [row["text"] for row in names]
    dropped = next(row for row in names if texts.count(row["text"]) > 1 and len(row["text"]) > 4)
    gold["mentions"] = [row for row in gold["mentions"] if row is not dropped]
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert uncovered(pdf, gold) >= 1


@pytest.mark.parametrize(("kind", "layout"), ALL_LAYOUTS)
def test_labels_and_kinds_are_those_of_the_contract(kind: str, layout: str) -> None:
    for row in book_of(kind, layout).gold()["mentions"]:
        assert row["kind"] in ("", *LABELS[row["label"]])


def test_the_same_seed_gives_the_same_bytes() -> None:
    for first, second in (
        (make_record("a"), make_record("a")),
        (make_report("a", 12), make_report("a", 12)),
    ):
        assert first.to_pdf() == second.to_pdf()
        assert first.gold() == second.gold()


def test_another_seed_gives_other_people_and_other_looks() -> None:
    books = [make_record(f"seed {number}") for number in range(40)]
    assert {book.facts["layout"] for book in books} == set(RECORD_LAYOUTS)
    assert len({book.facts["people"][0]["name"] for book in books}) == 40
    fonts = set()
    for book in books:
        with pymupdf.open(stream=book.to_pdf()) as pdf:
            fonts.add(frozenset(font[3].split("+")[-1] for font in pdf.get_page_fonts(0)))
    assert len(fonts) >= 5
    assert len({book.gold()["pages"][0][0] for book in books}) == 2


@pytest.mark.parametrize("pages", [3, 4, 9])
def test_a_record_has_the_pages_asked_for(pages: int) -> None:
    assert all(len(make_record(f"n{n}", pages).pages) == pages for n in range(5))


@pytest.mark.parametrize("pages", [11, 12, 40])
@pytest.mark.parametrize("layout", REPORT_LAYOUTS)
def test_a_report_has_the_pages_asked_for(layout: str, pages: int) -> None:
    book = make_report("pages", pages, layout=layout)
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert pdf.page_count == pages


def test_a_report_of_so_many_paragraphs_is_that_long() -> None:
    short, long = (make_report("p", paragraphs=count) for count in (900, 1800))
    assert len(long.pages) > 1.5 * len(short.pages)


def test_the_patient_is_named_in_several_forms() -> None:
    gold = book_of("record", "discharge_letter").gold()
    forms = {
        row["text"] for row in gold["mentions"] if (row["label"], row["person"]) == ("NAME", 0)
    }
    assert len(forms) >= 4


def test_header_and_footer_of_every_later_page_name_the_patient() -> None:
    gold = book_of("record", "clinic_form").gold()
    for page in (1, 2):
        places = {
            row["place"]
            for row in gold["mentions"]
            if row["page"] == page and row["person"] == 0 and row["label"] == "NAME"
        }
        assert {"header", "footer"} <= places


def test_bookmarks_and_metadata_are_in_the_gold_as_off_page_mentions() -> None:
    book = book_of("report", "classic")
    off_page = [row for row in book.gold()["mentions"] if row["page"] == -1]
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        titles = " ".join(
            [entry[1] for entry in pdf.get_toc()] + [pdf.metadata["title"], pdf.metadata["author"]]
        )
    assert {row["place"] for row in off_page} == {"bookmark", "metadata"}
    assert all(row["text"] in titles for row in off_page)


def test_a_mention_over_two_lines_and_two_pages_has_two_boxes() -> None:
    book = Book()
    flow = Flow(book, Frame(200, 200, 20, 20, 20, 20))
    flow.y = 150
    name = mention("Anneliese Wolkenstein", "NAME", "patient", 0)
    text = join(" ", ["x" * 18, name, "x " * 60])
    flow.paragraph(text, Style(size=10))
    boxes = book.gold()["mentions"][0]["boxes"]
    assert len(boxes) == 2
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert misread(pdf, book.gold()) == []


def test_letters_that_a_font_lacks_come_from_another_font() -> None:
    book = Book()
    name = mention("Łukasz Żółć-Đorđević", "NAME", "patient", 0)
    Flow(book, Frame(400, 400)).paragraph(name, Style(family="times"))
    with pymupdf.open(stream=book.to_pdf()) as pdf:
        assert name.plain in pdf[0].get_text()
        assert misread(pdf, book.gold()) == []


def test_every_template_can_be_filled() -> None:
    story = Story(Random(3))
    templates = [line for lines in data("record").values() for line in lines]
    sentences = [line for line in templates if isinstance(line, str)]
    for case in data("cases"):
        story.case = case
        sentences += case["hpi"] + case["exam"] + case["imaging"] + case["course"] + case["plan"]
    said = [story.say(template) for template in sentences]
    assert len(said) > 180
    assert not any(set("{}[]") & set(text.plain) for text in said)


def test_joined_texts_keep_their_marks_in_place() -> None:
    parts = [Text("by"), mention("Ana", "NAME"), "on", mention("1 May", "DATE")]
    text = join(" ", parts)
    assert [text.plain[mark.start : mark.end] for mark in text.marks] == ["Ana", "1 May"]


@pytest.mark.parametrize("kind", ["clean", "noisy"])
def test_a_scan_has_no_text_but_ink_in_every_gold_box(tmp_path: Path, kind: str) -> None:
    book, pdf_path = book_of("record", "typed_note"), tmp_path / "scan.pdf"
    save_scan(book, pdf_path, kind, "1")
    gold = json.loads(pdf_path.with_suffix(".gold.json").read_text(encoding="utf-8"))
    assert len(gold["texts"]) == 3
    with pymupdf.open(pdf_path) as pdf:
        assert all(not page.get_text().strip() for page in pdf)
        pixmaps = [page.get_pixmap(dpi=72, colorspace=pymupdf.csGRAY) for page in pdf]
    assert gold["mentions"]
    for row in gold["mentions"]:
        for page, x0, y0, x1, y1 in row["boxes"]:
            pixels = [
                pixmaps[page].pixel(x, y)[0]
                for x in range(int(x0), int(x1) + 1)
                for y in range(int(y0), int(y1) + 1)
            ]
            assert min(pixels) < 170


def test_the_reference_table_holds_the_documents_people(tmp_path: Path) -> None:
    book = book_of("report", "classic")
    write_reference(tmp_path / "r.parquet", book, rows=400, columns=210, seed="4")
    table = pq.read_table(tmp_path / "r.parquet")
    subjects = {row["name"] for row in book.gold()["people"] if row["role"] == "subject"}
    assert table.shape == (400, 210)
    assert len(subjects) > 20
    assert subjects <= set(table["subject_id"].to_pylist())


def test_the_command_line_writes_documents_with_gold(tmp_path: Path) -> None:
    options = ["record", "--seed", "7", "--count", "2", "-o", str(tmp_path)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "record-7.gold.json",
        "record-7.pdf",
        "record-8.gold.json",
        "record-8.pdf",
    ]


@pytest.mark.parametrize("name", ["record", "report"])
def test_the_committed_samples_have_exact_gold(name: str) -> None:
    gold = json.loads((SAMPLES / f"{name}.gold.json").read_text(encoding="utf-8"))
    with pymupdf.open(SAMPLES / f"{name}.pdf") as pdf:
        assert misread(pdf, gold) == []
        assert uncovered(pdf, gold) == 0
