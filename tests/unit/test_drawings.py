"""Drawings: signatures are marked, outlined letters and barcodes read, charts are left."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from hard_cases import pictures
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.pdfgen.canvas import Canvas

from nescio import tables
from nescio.extract import Extraction, extract_pages
from nescio.search import find_patterns

Draw = Callable[[pymupdf.Shape], None]


def page_with(path: Path, draw: Draw, *texts: tuple[float, float, str], rotation: int = 0) -> Path:
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=300)
        for x, y, text in texts or [(40, 40, "He went home.")]:
            page.insert_text((x, y), text)
        shape = page.new_shape()
        draw(shape)
        shape.commit()
        page.set_rotation(rotation)
        document.save(path)
    return path


def extracted(path: Path) -> Extraction:
    return extract_pages(path, "d", 0, 1)


def marks(path: Path) -> list[tuple[float, ...]]:
    words = extracted(path).words.to_pylist()
    paragraphs = extracted(path).paragraphs.to_pylist()
    signs = {item["paragraph"] for item in paragraphs if item["text"] == tables.SIGNATURE}
    return [
        tuple(word[edge] for edge in ("x0", "y0", "x1", "y1"))
        for word in words
        if word["paragraph"] in signs
    ]


def scribble(shape: pymupdf.Shape, x: float = 60, y: float = 200, curves: int = 8) -> None:
    for number in range(curves):
        left = x + 14 * number
        shape.draw_bezier((left, y), (left + 4, y - 30), (left + 10, y + 18), (left + 14, y))
    shape.finish(width=1.2, color=(0, 0, 0.5), closePath=False)


def two_loops(shape: pymupdf.Shape) -> None:
    """Strokes that could be an emblem, too."""
    shape.draw_bezier((70, 200), (110, 160), (140, 250), (180, 200))
    shape.draw_bezier((180, 200), (200, 170), (210, 230), (225, 195))
    shape.finish(width=1.5)


def in_a_frame(shape: pymupdf.Shape) -> None:
    shape.draw_rect(pymupdf.Rect(30, 120, 380, 280), radius=0.1)
    shape.finish(width=1)
    scribble(shape)


def by_tablet(shape: pymupdf.Shape) -> None:
    """Short straight pieces, forth and back, as a signature pad gives them."""
    points = [
        (60 + 1.2 * step + 9 * math.sin(step / 2), 200 + 14 * math.sin(step / 3))
        for step in range(90)
    ]
    shape.draw_polyline(points)
    shape.finish(width=1, closePath=False)


@pytest.mark.parametrize("draw", [scribble, in_a_frame, by_tablet])
@pytest.mark.parametrize("rotation", [0, 180])
def test_strokes_that_only_a_hand_draws_are_a_signature(
    draw: Draw, rotation: int, tmp_path: Path
) -> None:
    found = marks(page_with(tmp_path / "a.pdf", draw, rotation=rotation))
    assert len(found) == 1
    x0, y0, x1, y1 = found[0]
    drawn = (50, 180, 180, 220) if rotation == 0 else (220, 80, 350, 120)
    assert drawn[0] - 12 <= x0 < x1 <= drawn[2] + 12
    assert drawn[1] - 12 <= y0 < y1 <= drawn[3] + 12


PROSE = "All patients of the study had signed it by then and went home"


@pytest.mark.parametrize(("label", "found"), [("Signature:", 1), ("DocuSigned by", 1), (PROSE, 0)])
def test_other_strokes_are_one_beside_a_label(label: str, found: int, tmp_path: Path) -> None:
    alone = page_with(tmp_path / "a.pdf", two_loops)
    assert not marks(alone)
    assert len(marks(page_with(tmp_path / "b.pdf", two_loops, (70, 240, label)))) == found


def waves(shape: pymupdf.Shape) -> None:
    """Several smooth curves of a chart."""
    for number in range(4):
        scribble(shape, x=40, y=60 + 60 * number, curves=9)


def trace(shape: pymupdf.Shape) -> None:
    """An electrocardiogram: up and down, never back."""
    shape.draw_polyline([(50 + step, 200 - 25 * (step % 20 == 7)) for step in range(280)])
    shape.finish(width=0.6, closePath=False)


def ellipses(shape: pymupdf.Shape) -> None:
    for number in range(5):
        shape.draw_oval(pymupdf.Rect(60 + 22 * number, 180, 90 + 22 * number, 210))
    shape.finish(width=1)


def table(shape: pymupdf.Shape) -> None:
    for row in range(8):
        for column in range(6):
            shape.draw_rect(pymupdf.Rect(40, 80, 80, 95) + (40 * column, 15 * row) * 2)
    shape.finish(width=0.5)


def dots(shape: pymupdf.Shape) -> None:
    """Points of a chart, which stand so near each other that they might be letters."""
    for number in range(60):
        shape.draw_circle((60 + 137 * number % 240, 80 + 71 * number % 190), 3)
    shape.finish(fill=(0, 0, 1), color=None)


@pytest.mark.parametrize("draw", [waves, trace, ellipses, table, dots])
def test_charts_emblems_and_tables_are_left(draw: Draw, tmp_path: Path) -> None:
    found = extracted(page_with(tmp_path / "a.pdf", draw))
    paragraphs = found.paragraphs.to_pylist()
    assert [p["text"] for p in paragraphs if p["origin"] != "metadata"] == ["He went home."]
    assert found.pages["flags"].to_pylist() == [[]]


def test_a_picture_beside_a_label_is_a_signature(tmp_path: Path) -> None:
    with pymupdf.open(page_with(tmp_path / "a.pdf", scribble)) as drawn:
        picture = drawn[0].get_pixmap(clip=(55, 170, 180, 225), dpi=150).tobytes("png")
    for label, count in (("Signature", 1), ("Figure 2", 0)):
        path = tmp_path / f"{label}.pdf"
        with pymupdf.open() as document:
            page = document.new_page(width=400, height=300)
            page.insert_text((60, 245), label)
            page.insert_image((60, 180, 180, 230), stream=picture)
            document.save(path)
        assert len(marks(path)) == count
        waiting = extracted(path).pages["flags"].to_pylist()
        assert waiting == ([[]] if count else [["uncertain_text"]])


def test_a_signature_is_hidden_by_every_policy_that_hides(tmp_path: Path) -> None:
    paragraphs = extracted(page_with(tmp_path / "a.pdf", scribble)).paragraphs
    spans = find_patterns(paragraphs).to_pylist()
    assert [(span["label"], span["kind"]) for span in spans] == [("OTHER", "signature")]


@pytest.mark.parametrize("rotation", [0, 90])
def test_outlined_letters_are_read_where_they_stand(rotation: int, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    pictures.outlines(path)
    with pymupdf.open(path) as document:
        document[0].set_rotation(rotation)
        document.save(tmp_path / "b.pdf")
    found = extracted(tmp_path / "b.pdf")
    texts = [p["text"] for p in found.paragraphs.to_pylist() if p["origin"] == "ocr"]
    assert texts == [pictures.PERSON]
    assert found.pages["flags"].to_pylist() == [[]]
    x0, y0, x1, y1 = pictures.OUTLINES_AT[0].box
    if rotation:
        x0, y0, x1, y1 = 200 - y1, x0, 200 - y0, x1
    for word in found.words.to_pylist():
        if word["confidence"] < 1:
            assert x0 - 2 <= word["x0"] < word["x1"] <= x1 + 2
            assert y0 - 2 <= word["y0"] < word["y1"] <= y1 + 2


def test_a_page_of_outlined_text_is_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    lines = [f"Line {number}: seen by Wilhelmina Zubrowska on the ward" for number in range(30)]
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=600)
        page.insert_text((40, 60), lines, fontsize=11)
        data = pictures.as_paths(page)
    with pymupdf.open(stream=data) as document:
        document[0].insert_text((40, 30), "Ward book of the year, page one")
        document.save(path)
    paragraphs = extracted(path).paragraphs.to_pylist()
    assert [p["text"] for p in paragraphs if p["origin"] == "page"] == [
        "Ward book of the year, page one"
    ]
    read = [p["text"] for p in paragraphs if p["origin"] == "ocr"]
    assert sum(text.count("Wilhelmina Zubrowska") for text in read) >= 29
    assert not any("year" in text for text in read)


@pytest.mark.parametrize("kind", ["Code128", "QR", "ECC200DataMatrix", "Standard39"])
def test_drawn_barcodes_say_what_they_say_and_wait_for_a_person(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(400, 300))
    canvas.drawString(40, 260, "Sample of today")
    options = {"barWidth": 1, "checksum": 0} if kind == "Standard39" else {}
    drawing = createBarcodeDrawing(kind, value="MR5528817", **options)
    renderPDF.draw(drawing, canvas, 60, 60)
    canvas.save()
    found = extracted(path)
    read = [p for p in found.paragraphs.to_pylist() if p["origin"] == "ocr"]
    assert [p["text"] for p in read] == ["MR5528817"]
    x0, y0, x1, y1 = (read[0][edge] for edge in ("x0", "y0", "x1", "y1"))
    assert abs((x0 + x1) / 2 - 60 - drawing.width / 2) < 15
    assert abs(300 - (y0 + y1) / 2 - 60 - drawing.height / 2) < 15
    assert (x1 - x0) * (y1 - y0) > 0.4 * drawing.width * drawing.height
    assert found.pages["flags"].to_pylist() == [["barcode"]]
