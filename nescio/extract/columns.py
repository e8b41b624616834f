"""Does an empty strip through some rows part columns of text, or cells that belong together?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from nescio.extract.labels import is_field
from nescio.extract.rows import Row
from nescio.extract.words import Rules

LINES: Final = 3
CHARACTERS: Final = 20
FILL: Final = 0.6
TIGHT: Final = 0.6
"""A column of running text has this many lines, so long, so full, at least; and of its lines
this share follow closely upon each other."""
LEAST_LINES: Final = 5
UNRELATED: Final = (0.5, 0.75)
"""Two sides with so many lines are read one after the other if no more than this share of the
lines of the shorter side has a line beside it; where no side, or one, is running text."""
CLOSE_LINES: Final = 1.7
"""Distance of baselines, in font sizes, of lines that follow closely upon each other."""


def sides_of(
    band: list[Row], cover: list[tuple[float, float]], rules: Rules
) -> tuple[list[Row], list[Row]] | None:
    """Return the two sides of a band if each is read on its own; None where rows go together.

    Args:
        band: rows with an empty strip, or several, from top to bottom.
        cover: what they cover between these strips.
        rules: lines drawn on the page.
    """
    for (_, left), (right, _) in pairwise(cover):
        middle = (left + right) / 2
        if _is_ruled(band, middle, rules):
            continue
        sides = _split(band, middle)
        if _are_columns(*sides) or (len(cover) == 2 and _are_blocks(*sides)):
            return sides
    return None


def _split(band: list[Row], middle: float) -> tuple[list[Row], list[Row]]:
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row in band:
        for number, side in enumerate(sides):
            own = [s for s in row.segments if (s.near > middle) == bool(number)]
            if own:
                side.append(Row(own, own[0].base, max(s.size for s in own)))
    return sides


def _are_columns(left: list[Row], right: list[Row]) -> bool:
    """Say whether two sides are read one after the other, not row by row."""
    running = _is_running(left) + _is_running(right)
    if running < 2:
        lines = min(len(left), len(right))
        enough = lines >= 2 and len(left) + len(right) >= LEAST_LINES
        return enough and _mates(left, right) < UNRELATED[running] * lines
    fewer, more = sorted((_starts(left), _starts(right)), key=len)
    if len(fewer) < 3:
        return True
    matched = sum(any(abs(a - b) < 3 for b in more) for a in fewer)
    return matched < 0.7 * len(fewer)


def _mates(left: list[Row], right: list[Row]) -> int:
    """Return how many lines of two sides stand at one height, up to a constant difference."""
    bases = [row.base for row in right]
    offsets: Counter[int] = Counter()
    for row in left:
        index = bisect_left(bases, row.base)
        nearest = min((row.base - base for base in bases[max(0, index - 1) : index + 1]), key=abs)
        if abs(nearest) < 6:
            offsets[round(nearest * 2)] += 1
    return max((offsets[n] + offsets[n - 1] for n in offsets), default=0)


def _is_running(rows: list[Row]) -> bool:
    if len(rows) < LINES:
        return False
    width = max(row.far for row in rows) - min(row.near for row in rows)
    fill = sum(row.far - row.near for row in rows) / (len(rows) * max(width, 1.0))
    characters = sum(len(segment.text) for row in rows for segment in row.segments)
    close = sum(follows(a, b) for a, b in pairwise(rows))
    return (
        fill >= FILL and characters >= CHARACTERS * len(rows) and close >= TIGHT * (len(rows) - 1)
    )


def follows(above: Row, row: Row) -> bool:
    """Say whether a line follows closely upon the one above it."""
    return row.base - above.base < CLOSE_LINES * max(row.size, above.size)


def _starts(rows: list[Row]) -> list[float]:
    """Return the baselines of lines above which there is more space than between most lines."""
    usual = usual_gap(rows)
    found = [rows[0].base]
    for above, row in pairwise(rows):
        if row.top - above.bottom > 1.3 * usual + 0.2 * row.size:
            found.append(row.base)
    return found


def _is_ruled(band: list[Row], middle: float, rules: Rules) -> bool:
    top, bottom = band[0].bottom, band[-1].top
    lines = {
        round(rule.at / 2)
        for rule in rules.horizontal
        if top < rule.at < bottom and rule.start < middle - 10 and rule.end > middle + 10
    }
    return len(lines) >= 2


def _are_blocks(left: list[Row], right: list[Row]) -> bool:
    """Say whether one side is a block of lines (an address) beside a block of fields."""
    if min(len(left), len(right)) < 2:
        return False
    for block, fields in ((left, right), (right, left)):
        lines = [segment.text for row in block for segment in row.segments]
        if any(":" in line or not any(map(str.isalpha, line)) for line in lines):
            continue
        pairs = [is_field(segment.text) for row in fields for segment in row.segments]
        if sum(pairs) >= 0.6 * len(pairs):
            return True
    return False


def usual_gap(rows: Sequence[Row]) -> float:
    """Return the empty height, in points, between most rows."""
    gaps = [max(0.0, b.top - a.bottom) for a, b in pairwise(rows)]
    return median(gaps) if gaps else 0.5 * rows[0].size
