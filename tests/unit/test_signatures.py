"""Signatures: strokes of a pen near a label are flagged; rules and typed names are not."""

from __future__ import annotations

import numpy as np
import pytest
from picture_inputs import line, sheet, sign

from nescio.ocr import ReadCharacter, ReadLine, shows_signature


@pytest.mark.parametrize(("label", "y"), [("Signature:", 400), ("Signed by the patient", 460)])
def test_strokes_near_a_label_are_a_signature(label: str, y: float) -> None:
    pixels = sheet()
    lines = [line("He went home.", 100, 100), line(label, 110, y)]
    assert not shows_signature(pixels, lines)
    sign(pixels, 380, 400)
    assert shows_signature(pixels, lines)


def test_strokes_without_a_label_or_far_from_it_are_none() -> None:
    pixels = sheet()
    sign(pixels, 380, 400)
    assert not shows_signature(pixels, [line("Designed for adults", 110, 400)])
    assert not shows_signature(pixels, [line("Signature:", 110, 40)])


def test_a_typed_name_is_none_and_what_cannot_be_read_is() -> None:
    pixels = sheet()
    sign(pixels, 380, 400)
    label = line("Signature:", 110, 400)
    typed = ReadLine([[ReadCharacter("W", 0.98, 0, 1)]], np.array(
        [[340, 350], [720, 350], [720, 450], [340, 450]], float), 0.98)  # fmt: skip
    assert not shows_signature(pixels, [label, typed])
    assert shows_signature(pixels, [label, typed._replace(confidence=0.4)])
