"""Spaces that the reader missed are seen in the picture, where classes of characters meet."""

from __future__ import annotations

import numpy as np
import pytest

from nescio.ocr.engine import _missed_spaces

HEIGHT = 40


def drawn(text: str, gaps: dict[int, int], usual: int = 3) -> tuple[list[float], np.ndarray]:
    """Return centres and ink of characters 16 columns wide, with paper before each."""
    columns: list[float] = []
    centres = []
    for number in range(len(text)):
        columns += [0.0] * gaps.get(number, usual)
        centres.append(len(columns) + 8)
        columns += [200.0] * 16
    return [centre / len(columns) for centre in centres], np.array(columns)


@pytest.mark.parametrize(
    ("text", "place", "gap", "found"),
    [
        ("17:34Mason", 5, 9, True),
        ("17:34Mason", 5, 4, False),  # as printed: "34Mason"
        ("Notes:Mason", 6, 9, True),
        ("JuarezDiet", 6, 9, True),
        ("Masonry", 5, 9, False),  # between small letters the reader sees spaces
        ("12.5mmol", 3, 9, False),  # numbers are not parted
        ("2015-05-01", 5, 9, False),
    ],
)
def test_a_wide_gap_parts_words_where_classes_meet(
    text: str, place: int, gap: int, found: bool
) -> None:
    centres, ink = drawn(text, {place: gap})
    starts = _missed_spaces(text, centres, ink, {0}, 0.15 * HEIGHT)
    assert starts == ({place} if found else set())


def test_in_a_font_that_is_set_wide_a_gap_must_be_wider() -> None:
    centres, ink = drawn("MR17Ab", {}, usual=9)
    assert _missed_spaces("MR17Ab", centres, ink, {0}, 0.15 * HEIGHT) == set()


def test_a_value_after_a_leader_is_a_word_of_its_own() -> None:
    text = "Age....30"
    centres, ink = drawn(text, {})
    assert _missed_spaces(text, centres, ink, {0}, 0.15 * HEIGHT) == {7}
    centres, ink = drawn("12.5", {})
    assert _missed_spaces("12.5", centres, ink, {0}, 0.15 * HEIGHT) == set()
