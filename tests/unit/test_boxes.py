"""From spans to boxes: only the mention's own characters, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from nescio.boxes import part_of_word


def word(direction: int) -> dict[str, Any]:
    return {
        "x0": 10.0, "y0": 20.0, "x1": 50.0, "y1": 30.0,
        "edges": [0.0, 10.0, 20.0, 40.0], "direction": direction,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("direction", "box"),
    [
        (0, (20, 20, 50, 30)),
        (180, (10, 20, 40, 30)),
        (90, (10, 30, 50, 60)),
        (270, (10, -10, 50, 20)),
    ],
)
def test_characters_follow_the_writing_direction(direction: int, box: tuple[float, ...]) -> None:
    assert part_of_word(word(direction), 1, 3) == box
