"""What the verifier reads by OCR: what pictures show, what they hold, and pages by chance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pikepdf
import pymupdf
from redact_inputs import SECRET, make, photographed, text

from nescio.redact.boxes import Box
from nescio.redact.findings import Findings
from nescio.redact.secrets import Secret, SecretSearch, core
from nescio.redact.verify_ocr import OcrCheck
from nescio.redact.verify_pictures import PicturePage

PLACE = (50, 50, 250, 150)


class Reader:
    """Notes the size of each picture that it is given, and reads the same in all."""

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.sizes: list[tuple[int, ...]] = []

    def __call__(self, pixels: np.ndarray) -> str:
        self.sizes.append(pixels.shape[:2])
        return self.answer


def check(pdf: Path, reader: Reader, boxes: Sequence[Box] = ()) -> Findings:
    findings = Findings()
    search = SecretSearch([Secret(SECRET, core(SECRET), frozenset())])
    reading = OcrCheck(reader, search, findings, "seed")
    with pymupdf.open(pdf) as document, pikepdf.open(pdf) as file:
        for page in document:
            reading.check(PicturePage(page.number, page, None, file, boxes))
    return findings


def with_picture(page: pymupdf.Page) -> None:
    page.insert_image(PLACE, pixmap=photographed("letterhead", "of a clinic"))


def test_a_picture_that_pages_show_as_it_is_is_read_once(tmp_path: Path) -> None:
    reader = Reader()
    found = check(make(tmp_path / "a.pdf", *[with_picture] * 5), reader)
    assert len(reader.sizes) == 1 and found.covered() == {"pages_read": 1}
    assert found.rows()[17].status == "passed"


def test_what_a_cover_hides_of_a_picture_is_read_unless_it_is_a_box(tmp_path: Path) -> None:
    def covered(page: pymupdf.Page) -> None:
        with_picture(page)
        page.draw_rect((60, 65, 160, 85), fill=(0, 0, 0))

    pdf = make(tmp_path / "a.pdf", covered)
    reader = Reader(f"seen: {SECRET}")
    found = check(pdf, reader)
    assert found.covered() == {"pages_read": 1, "pictures_read": 1}
    assert found.rows()[17].status == found.rows()[18].status == "failed"
    box = Box(60, 65, 160, 85, 0, "NAME", "", "")
    assert check(pdf, Reader(), [box]).covered() == {"pages_read": 1}


def test_a_turned_picture_is_read_as_it_is_stored_too(tmp_path: Path) -> None:
    def turned(page: pymupdf.Page) -> None:
        page.insert_image((50, 50, 150, 250), pixmap=photographed("letterhead"), rotate=90)

    assert len(check_sizes(make(tmp_path / "a.pdf", turned))) == 2


def check_sizes(pdf: Path) -> list[tuple[int, ...]]:
    reader = Reader()
    check(pdf, reader)
    return reader.sizes


def test_a_few_pages_without_pictures_are_read_and_the_same_ones_again(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", *[text(f"page {number}") for number in range(1200)])
    sizes = check_sizes(pdf)
    assert 0 < len(sizes) < 12 and sizes == check_sizes(pdf)
