"""`nescio run` on a bad scan: skew, noise, punch holes; a sheet upside down with two columns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pymupdf
from conftest import SECRETS, write_record

from nescio.ocr import read_text

DPI = 200
LEFT = "Mrs. Zubrowska was seen again. The wound has healed. She takes aspirin every morning."
RIGHT = "Wilhelmina Zubrowska may swim. Letters go to zubrowska@example.org, as before."


def scanned(page: pymupdf.Page, turn: float, upside_down: bool) -> bytes:
    """Return a page as JPEG as a bad scanner makes it."""
    matrix = pymupdf.Matrix(DPI / 72, DPI / 72).prerotate(turn)
    pixmap = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)
    grey: npt.NDArray[np.float64] = np.frombuffer(pixmap.samples, np.uint8).astype(np.float64)
    grey = grey.reshape(pixmap.height, pixmap.width) * 238 / 255
    y, x = np.ogrid[: pixmap.height, : pixmap.width]
    for hole in (-315, 315):
        grey[(x - 84) ** 2 + (y - pixmap.height / 2 - hole) ** 2 < 22**2] = 60
    grey += np.random.default_rng(1).normal(0, 11, grey.shape)
    pixels = np.clip(grey, 0, 255).astype(np.uint8)
    if upside_down:
        pixels = np.ascontiguousarray(pixels[::-1, ::-1])
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pixmap.width, pixmap.height, pixels.tobytes(), 0)
    return bytes(picture.tobytes("jpeg", jpg_quality=55))


def write_scan(path: Path) -> Path:
    """Write a record of two sheets, as pictures of themselves."""
    with pymupdf.open(write_record(path.with_suffix(".tmp"))) as source, pymupdf.open() as scan:
        second = source.new_page()
        second.insert_textbox((60, 100, 280, 300), LEFT, fontsize=10)
        second.insert_textbox((320, 100, 540, 300), RIGHT, fontsize=10)
        for page, turn in zip(source, (1.4, -1.1), strict=True):
            sheet = scan.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=scanned(page, turn, page.number == 1))
        scan.save(path)
    path.with_suffix(".tmp").unlink()
    return path


def read_pages(pdf: Path) -> list[str]:
    """Return what OCR reads on each page; an upside-down one is turned first."""
    texts = []
    with pymupdf.open(pdf) as document:
        for page in document:
            pixmap = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
            pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, -1)
            pixels = pixels[::-1, ::-1] if page.number == 1 else pixels
            texts.append(read_text(np.ascontiguousarray(pixels)).casefold())
    return texts


def test_nobody_can_be_read_on_a_released_scan(tmp_path: Path) -> None:
    pdf = write_scan(tmp_path / "scan.pdf")
    before = read_pages(pdf)
    assert all("zubrowska" in text for text in before)  # or the test would say nothing
    out = tmp_path / "out"
    program = Path(sys.executable).with_name("nescio")
    command = [str(program), "run", str(pdf), "-o", str(out)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=560, check=False)
    assert result.returncode == 0, result.stderr
    (file,) = (out / "released").glob("*.pdf")
    first, second = read_pages(file)
    for secret in SECRETS:
        assert secret.casefold() not in first + second
    assert "discharge summary" in first and "aspirin" in first
    assert "the wound has" in second and "may swim" in second
