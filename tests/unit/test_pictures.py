"""Pictures on pages of text: those that may hold text are read, each once, others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from extract_inputs import read, texts, words
from picture_inputs import barcode, chart, face, line, png, sheet, sign

from nescio.extract import pictures
from nescio.extract.pictures import regions_of
from nescio.ocr import ReadLine, faces_in
from nescio.tables import FACE, SIGNATURE

NAME = "Walter Quillfeather"
STAMP = pymupdf.Rect(330, 400, 450, 420)


def stamp(text: str = NAME, dpi: int = 150) -> bytes:
    """Return a picture of a text, as PNG."""
    with pymupdf.open() as source:
        page = source.new_page(width=STAMP.width, height=STAMP.height)
        page.insert_text((8, 14), text, fontsize=11)
        return bytes(page.get_pixmap(dpi=dpi).tobytes("png"))


def letter(document: pymupdf.Document) -> pymupdf.Page:
    page = document.new_page()
    page.insert_text((72, 100), "Report of the second visit", fontsize=11)
    page.insert_text((72, 130), "The wound has healed.", fontsize=11)
    return page


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Count what the reader is asked to read, which is then left out."""
    asked: list[tuple[int, ...]] = []

    def counted(pixels: pictures.Grey) -> list[ReadLine]:
        asked.append(pixels.shape)
        return []

    monkeypatch.setattr(pictures, "read_lines", counted)
    return asked


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_name_in_a_small_picture_is_read_where_it_stands(tmp_path: Path, rotation: int) -> None:
    with pymupdf.open() as document:
        page = letter(document)
        page.insert_image(STAMP, stream=stamp())
        page.set_rotation(rotation)
        place = STAMP * page.rotation_matrix
        document.save(tmp_path / "stamped.pdf")
    extraction = read(tmp_path / "stamped.pdf")
    origins = {row["text"]: row["origin"] for row in extraction.paragraphs.to_pylist()}
    assert origins[NAME] == "ocr" and origins["The wound has healed."] == "page"
    for text, row in words(extraction):
        if text in NAME.split():
            box = pymupdf.Rect(row["x0"], row["y0"], row["x1"], row["y1"])
            assert place.contains(box) and box.get_area() > 0.2 * place.get_area() / 3


def test_a_letterhead_is_read_once_for_all_pages(
    tmp_path: Path, calls: list[tuple[int, ...]]
) -> None:
    elsewhere = (-150.3, 40.7, -150.3, 40.7)
    with pymupdf.open() as document:
        for number in range(4):
            page = letter(document)
            page.insert_image(STAMP, stream=stamp())
            page.insert_image(STAMP + elsewhere, stream=stamp())
            page.insert_text((72, 700), f"Page {number + 1}", fontsize=11)
        document.save(tmp_path / "letter.pdf")
    read(tmp_path / "letter.pdf")
    assert len(calls) == 1


def test_pictures_in_which_nothing_is_written_are_not_read(
    tmp_path: Path, calls: list[tuple[int, ...]]
) -> None:
    shades = np.tile(np.linspace(0, 255, 300), (60, 1))
    noise = np.random.default_rng(1).normal(235, 2, (60, 300))
    with pymupdf.open() as document:
        page = letter(document)
        for number, pixels in enumerate((np.full((60, 300), 90), shades, shades.T, noise)):
            place = pymupdf.Rect(72, 200 + 60 * number, 222, 230 + 60 * number)
            page.insert_image(place, stream=png(pixels), keep_proportion=False)
        page.insert_image(pymupdf.Rect(300, 300, 308, 308), stream=stamp())  # tiny on paper
        page.insert_image(pymupdf.Rect(300, 500, 420, 520), stream=png(255 * np.eye(6)))
        document.save(tmp_path / "plain.pdf")
    read(tmp_path / "plain.pdf")
    assert calls == []


def test_the_smallest_picture_with_a_name_is_read(
    tmp_path: Path, calls: list[tuple[int, ...]]
) -> None:
    with pymupdf.open() as document:
        letter(document).insert_image(pymupdf.Rect(300, 300, 324, 304), stream=stamp("Ann Li", 72))
        document.save(tmp_path / "small.pdf")
    read(tmp_path / "small.pdf")
    assert len(calls) == 1


def test_strips_of_one_picture_are_read_together() -> None:
    with pymupdf.open() as document:
        page = letter(document)
        whole = pymupdf.Pixmap(stamp())
        grey = np.frombuffer(whole.samples, np.uint8).reshape(whole.height, whole.stride)
        for number in range(4):
            rows = grey[number * 10 : number * 10 + 10, : whole.width]
            y = 400 + 5 * number
            page.insert_image((330, y, 450, y + 5), stream=png(rows), keep_proportion=False)
        (region,) = regions_of(page)
        assert region.box == pytest.approx((330, 400, 450, 420), abs=0.1)


def test_pictures_inline_and_in_annotations_count_too() -> None:
    with pymupdf.open() as document:
        page = letter(document)
        page.add_stamp_annot(STAMP, stamp=pymupdf.Pixmap(stamp()))
        xref = page.get_contents()[0]
        inline = b"q 100 0 0 20 72 500 cm BI /W 40 /H 8 /CS /G /BPC 8 ID "
        pixels = bytes(range(256)) + bytes(64)
        document.update_stream(xref, document.xref_stream(xref) + inline + pixels + b" EI Q")
        page = document.reload_page(page)
        boxes = sorted(region.box for region in regions_of(page))
        assert [round(box[0]) for box in boxes] == [72, 330]


def test_a_picture_counts_more_than_a_text_layer_that_says_something_else(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = letter(document)
        page.insert_text((STAMP.x0 + 8, STAMP.y0 + 14), "Wa1t3r Qvi1If3afh3r", fontsize=11)
        page.insert_image(STAMP, stream=stamp())  # covers the text
        second = letter(document)
        second.insert_text((STAMP.x0 + 8, STAMP.y0 + 14), NAME, fontsize=11)
        second.insert_image(STAMP, stream=stamp())
        document.save(tmp_path / "layer.pdf")
    extraction = read(tmp_path / "layer.pdf")
    rows = extraction.paragraphs.to_pylist()
    origins = {(row["page"], row["text"]): row["origin"] for row in rows}
    assert origins[0, NAME] == "ocr" and origins[0, "Wa1t3r Qvi1If3afh3r"] == "hidden"
    assert origins[1, NAME] == "page"
    assert texts(extraction).count(NAME) == 2


@pytest.mark.parametrize("kind", ["Code128", "QRCode", "DataMatrix"])
def test_a_barcode_is_flagged_and_what_it_says_is_searched(
    tmp_path: Path, calls: list[tuple[int, ...]], kind: str
) -> None:
    place = pymupdf.Rect(300, 500, 400, 540)
    with pymupdf.open() as document:
        letter(document).insert_image(place, stream=png(barcode("MRN-00482915", kind)))
        letter(document).insert_image(place, stream=png(chart()))
        document.save(tmp_path / "barcode.pdf")
    extraction = read(tmp_path / "barcode.pdf")
    assert [row["flags"] for row in extraction.pages.to_pylist()] == [["barcode"], []]
    (row,) = [row for text, row in words(extraction) if text == "MRN-00482915"]
    box = pymupdf.Rect(row["x0"], row["y0"], row["x1"], row["y1"])
    assert place.contains(box) and box.height > 10 and row["page"] == 0


def test_a_face_is_flagged_and_a_chart_is_not(tmp_path: Path, calls: list[tuple[int, ...]]) -> None:
    with pymupdf.open() as document:
        for picture in (face(), chart(), face()[::-1], np.rot90(face(), 3)):
            letter(document).insert_image((300, 500, 360, 560), stream=png(picture))
        document.save(tmp_path / "face.pdf")
    found = read(tmp_path / "face.pdf")
    assert [row["flags"] for row in found.pages.to_pylist()] == [["face"], [], ["face"], ["face"]]
    heads = [row for text, row in words(found) if text == FACE]
    assert {row["page"] for row in heads} == {0, 2, 3}
    for row in heads:  # the drawn head is the picture's middle, 0.7 of it wide
        assert row["x0"] < 312 and row["x1"] > 348 and row["y0"] < 512 and row["y1"] > 548
        assert row["x0"] > 298 and row["x1"] < 362 and row["y0"] > 498 and row["y1"] < 562


def test_a_signed_sheet_is_flagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "read_lines", lambda _: [line("Signature:", 110, 400)])
    with pymupdf.open() as document:
        for signed in (True, False):
            pixels = sheet()
            if signed:
                sign(pixels, 380, 400)
            page = document.new_page(width=360, height=252)
            page.insert_image(page.rect, stream=png(pixels))
        document.save(tmp_path / "signed.pdf")
    found = read(tmp_path / "signed.pdf")
    assert [row["flags"] for row in found.pages.to_pylist()] == [["signature"], []]
    marks = [row for text, row in words(found) if text == SIGNATURE]
    assert marks and {row["page"] for row in marks} == {0}
    paper = sheet()
    sign(paper, 380, 400)
    rows, columns = np.nonzero(paper != sheet())
    scale = 360 / 1000  # points a pixel
    assert min(row["x0"] for row in marks) < columns.min() * scale
    assert max(row["x1"] for row in marks) > columns.max() * scale
    assert min(row["y0"] for row in marks) < rows.min() * scale
    assert max(row["y1"] for row in marks) > rows.max() * scale


def test_a_photograph_on_a_scanned_sheet_is_looked_at() -> None:
    sheet = np.random.default_rng(2).normal(238, 6, (2200, 1700)).clip(0, 255).astype(np.uint8)
    sheet[400:404, 100:1600] = 0
    assert not faces_in(sheet)
    sheet[900:1140, 1200:1440] = face()
    assert faces_in(sheet)
