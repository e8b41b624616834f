"""Rows of characters that no line holds are seen; rules, leaders, holes and noise are none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pymupdf
import pytest

from nescio.ocr import ReadCharacter, ReadLine, shows_unread

TEXTS = ("Name ............ Warren Schnepel", "Mobile ............ 04624-91906", "2014")


def page() -> tuple[npt.NDArray[np.uint8], list[ReadLine]]:
    """Return a noisy sheet at 200 dpi with rules, a hole and a fold, and its lines of text."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=300, height=200)
        lines = []
        for number, text in enumerate(TEXTS):
            y = 60 + 40 * number
            sheet.insert_text((40, y), text, fontsize=10, fontname="cour")
            x1 = 40 + 6 * len(text)
            corners = np.array([[40, y - 10], [x1, y - 10], [x1, y + 4], [40, y + 4]]) * 200 / 72
            lines.append(ReadLine([[ReadCharacter("x", 0.99, 0, 1)]], corners, 0.99))
        sheet.draw_line((20, 30), (280, 30))
        sheet.draw_line((150, 0), (150, 200), width=0.3, color=(0.5, 0.5, 0.5))
        sheet.draw_circle((20, 100), 8, fill=(0.2, 0.2, 0.2))
        pixmap = sheet.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    noise = np.random.default_rng(3).normal(-12, 8, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8), lines


def test_what_is_read_leaves_nothing_unread() -> None:
    pixels, lines = page()
    assert not shows_unread(pixels, lines)


@pytest.mark.parametrize("missed", range(len(TEXTS)))
def test_a_line_that_was_not_found_is_seen(missed: int) -> None:
    pixels, lines = page()
    assert shows_unread(pixels, lines[:missed] + lines[missed + 1 :])


def test_half_a_line_that_was_not_found_is_seen() -> None:
    pixels, lines = page()
    corners = lines[1].corners.copy()
    corners[1:3, 0] = (corners[0, 0] + corners[1, 0]) / 2  # its label alone
    assert shows_unread(pixels, [lines[0], lines[1]._replace(corners=corners), lines[2]])


def test_a_sheet_without_text_has_none_unread() -> None:
    assert not shows_unread(np.full((500, 400), 240, np.uint8), [])
