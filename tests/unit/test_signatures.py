"""Signatures: strokes of a pen near a label are found; rules and typed names are not."""

from __future__ import annotations

import numpy as np
import pytest
from picture_inputs import line, sheet, sign

from nescio.ocr import ReadCharacter, ReadLine, signatures_in


@pytest.mark.parametrize(("label", "y"), [("Signature:", 400), ("Signed by the patient", 460)])
def test_strokes_near_a_label_are_a_signature(label: str, y: float) -> None:
    pixels = sheet()
    lines = [line("He went home.", 100, 100), line(label, 110, y)]
    assert not signatures_in(pixels, lines)
    sign(pixels, 380, 400)
    assert signatures_in(pixels, lines)


def test_strokes_without_a_label_or_far_from_it_are_none() -> None:
    pixels = sheet()
    sign(pixels, 380, 400)
    assert not signatures_in(pixels, [line("Designed for adults", 110, 400)])
    assert not signatures_in(pixels, [line("Signature:", 110, 40)])


def test_a_typed_name_is_none_and_what_cannot_be_read_is() -> None:
    pixels = sheet()
    sign(pixels, 380, 400)
    label = line("Signature:", 110, 400)
    typed = ReadLine([[ReadCharacter("W", 0.98, 0, 1)]], np.array(
        [[340, 350], [720, 350], [720, 450], [340, 450]], float), 0.98)  # fmt: skip
    assert not signatures_in(pixels, [label, typed])
    assert signatures_in(pixels, [label, typed._replace(confidence=0.4)])


def test_its_box_holds_all_its_strokes_and_not_the_line_to_sign_on() -> None:
    pixels = sheet()
    before = pixels.copy()
    sign(pixels, 380, 395)
    pixels[362:367, 560:566] = 40  # a dot that the pen left beside it
    rows, columns = np.nonzero(pixels != before)
    found = signatures_in(pixels, [line("Signature:", 110, 400)])
    x0, y0 = np.min([box[:2] for box in found], axis=0)
    x1, y1 = np.max([box[2:] for box in found], axis=0)
    assert x0 <= columns.min() and columns.max() < x1 and x1 - x0 < 400
    assert y0 <= rows.min() and rows.max() < y1 and y1 - y0 < 90


def scribble(pixels: np.ndarray, y: int) -> None:
    """Write a row of steep waves with a pen three pixels wide."""
    for x in np.arange(376, 640, 0.1):
        row = int(y + 24 * np.sin(x / 14))
        pixels[row - 1 : row + 2, int(x) - 1 : int(x) + 2] = 40


def test_on_a_sheet_a_hand_shows_without_a_label_and_a_chart_is_none() -> None:
    lines = [line("He went home.", 100, 100), line("Consultant physician", 300, 480)]
    pixels = sheet()
    scribble(pixels, 395)
    assert not signatures_in(pixels, lines)
    assert len(signatures_in(pixels, lines, sheet=True)) == 1
    plot = sheet()
    scribble(plot, 395)
    plot[366:425, 374:377] = 40
    plot[421:424, 374:650] = 40
    assert not signatures_in(plot, lines, sheet=True)
    word = sheet()
    word[370:420, 380:560] = 40  # a stamp
    assert not signatures_in(word, lines, sheet=True)


def test_rules_that_lie_aslant_and_meet_a_fold_are_none() -> None:
    lines = [line("He went home.", 100, 100)]
    pixels = sheet()
    for number in range(3):
        for x in range(80, 900):
            y = 420 + 60 * number + x // 40
            pixels[y : y + 2, x] = 90
    pixels[:, 300:302] = 120
    assert not signatures_in(pixels, lines, sheet=True)
    scribble(pixels, 250)
    assert len(signatures_in(pixels, lines, sheet=True)) == 1
