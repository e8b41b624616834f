"""What layout hands on: segments in reading order that make one paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from nescio.extract.rows import Row, Segment
from nescio.extract.words import Rules

CELL_SEPARATOR: Final = "\t"
"""Between cells of a row, and between a label and its value beside it."""
LINE_SEPARATOR: Final = "\n"
"""Between lines of a paragraph that were broken on purpose, as in an address."""
WRAP_SEPARATOR: Final = " "
"""Between words, and between lines that were broken for want of room."""

UNDERLINE: Final = 0.35
"""Distance below the baseline, in font sizes, within which a drawn line underlines a text."""
SEPARATES: Final = 0.5
"""Share of a region's width that a drawn line must cover to separate what is above and below."""


@dataclass(slots=True)
class Draft:
    """Segments of one paragraph, each with the separator before it."""

    kind: str  # "text" for running text, else "grid"
    left: float  # of the column that it stands in, in the reading frame
    parts: list[tuple[str, Segment]] = field(default_factory=list)
    table: int = -1
    row: int = -1
    rows: int = 1  # visual lines

    @property
    def first(self) -> Segment:
        """The first segment."""
        return self.parts[0][1]

    @property
    def last(self) -> Segment:
        """The last segment."""
        return self.parts[-1][1]


def separators(rows: Sequence[Row], rules: Rules) -> list[float]:
    """Return where drawn lines separate rows, from top to bottom.

    Pieces of a line at one height (the borders of cells) count together; underlines do not count.
    """
    if not rules.horizontal:
        return []
    near, far = min(row.near for row in rows), max(row.far for row in rows)
    top, bottom = rows[0].top, rows[-1].base
    inside = sorted(
        (rule.at, max(rule.start, near), min(rule.end, far))
        for rule in rules.horizontal
        if top < rule.at < bottom and rule.end > near and rule.start < far
    )
    heights: list[list[tuple[float, float, float]]] = []
    for piece in inside:
        if heights and piece[0] - heights[-1][0][0] < 2.5:
            heights[-1].append(piece)
        else:
            heights.append([piece])
    width = max(far - near, 1.0)
    return [
        pieces[0][0]
        for pieces in heights
        if _covered(pieces) >= SEPARATES * width and not _underlines(pieces, rows)
    ]


def _covered(pieces: list[tuple[float, float, float]]) -> float:
    total, reached = 0.0, float("-inf")
    for start, end in sorted((start, end) for _, start, end in pieces):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _underlines(pieces: list[tuple[float, float, float]], rows: Sequence[Row]) -> bool:
    at = pieces[0][0]
    start, end = min(piece[1] for piece in pieces), max(piece[2] for piece in pieces)
    return any(
        0 < at - row.base < UNDERLINE * row.size
        and len(row.segments) == 1
        and abs(row.near - start) < 4
        and abs(row.far - end) < 4
        and len(rows) > 1
        for row in rows
    )
