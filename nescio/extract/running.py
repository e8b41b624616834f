"""Running headers and footers: lines at a page's edge that pages around it have, too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from nescio.extract.words import Run

MARGIN: Final = 0.15
"""Share of a page's height, at top and bottom, in which running lines stand."""
NUMBER_MARGIN: Final = 0.08
"""The same for a page number that no other page has at its place."""
AROUND: Final = 2
"""Pages before and after a page that are looked at: left and right pages may differ."""
TABULAR: Final = 4
"""Runs from which a line may be a row of a table: the heading that pages repeat, or values that
happen to stand on other pages, too. It runs on only where nothing but running lines is outside."""
SAME_HEIGHT: Final = 4.0
"""Points by which a running line may move from page to page."""

Zone = Literal["header", "footer"]

_NUMBER: Final = re.compile(
    r"\d+(?=\W*$|\s*(?:of|von|de|/)\s*\d+\W*$)|^\W*\d+(?=\W)|(?<=^page )\d+", re.I
)
"""What may be a page number: the last number, also before the count of pages, or the first."""
_ONLY_NUMBER: Final = re.compile(
    r"\W*(?:page|p\.|seite)?\W*\d+\s*(?:(?:of|von|de|/)\s*\d+)?\W*", re.I
)


class Line(NamedTuple):
    """A run at a page's edge."""

    zone: Zone
    text: str
    number: str  # the text without its page number, and the number's distance from the page's
    height: float  # points from the page's edge of its zone


def edge_lines(runs: Iterable[Run], height: float, page: int) -> list[Line | None]:
    """Return the line of each run at a page's edge; None for the others.

    Args:
        runs: the page's runs.
        height: of the page, in points.
        page: its number.
    """
    return [_line(run, height, page) for run in runs]


def zones_of(
    runs: Sequence[Run],
    own: Sequence[Line | None],
    height: float,
    around: Iterable[Sequence[Line | None]],
) -> list[Zone | None]:
    """Say of each run whether it is part of a running header or footer.

    What a page gets depends on the pages around it only, so it is the same however a document
    is cut into shards.

    Args:
        runs: the page's runs.
        own: their edge lines.
        height: of the page, in points.
        around: edge lines of the pages before and after it.
    """
    known: dict[tuple[Zone, str], list[float]] = defaultdict(list)
    for page in around:
        for line in page:
            if line is not None:
                known[line.zone, line.text].append(line.height)
                known[line.zone, line.number].append(line.height)
    rows: dict[tuple[Zone, int], list[tuple[int, Line]]] = defaultdict(list)
    for index, line in enumerate(own):
        if line is not None:
            rows[line.zone, round(runs[index][0].base)].append((index, line))
    zones: list[Zone | None] = [None] * len(runs)
    outside = dict.fromkeys(("header", "footer"), True)
    from_the_edge = sorted(rows.items(), key=lambda row: min(line.height for _, line in row[1]))
    for (zone, _), row in from_the_edge:
        alike = sum(_is_running(line, known, height) for _, line in row)
        is_running = 2 * alike >= len(row) and (len(row) < TABULAR or outside[zone])
        outside[zone] &= is_running
        for index, _ in row if is_running else ():
            zones[index] = zone
    return zones


def _line(run: Run, height: float, page: int) -> Line | None:
    middle = (run[0].box[1] + run[0].box[3]) / 2
    if MARGIN * height < middle < (1 - MARGIN) * height:
        return None
    text = " ".join([word.text for word in run])
    number = ""
    if match := _NUMBER.search(text):
        digits = "".join(filter(str.isdigit, match[0]))[:9]
        number = f"{text[: match.start()]}#{int(digits) - page}#{text[match.end() :]}"
    if middle < height / 2:
        return Line("header", text, number or text, middle)
    return Line("footer", text, number or text, height - middle)


def _is_running(line: Line, known: dict[tuple[Zone, str], list[float]], height: float) -> bool:
    heights = [*known.get((line.zone, line.text), ()), *known.get((line.zone, line.number), ())]
    if any(abs(line.height - other) <= SAME_HEIGHT for other in heights):
        return True
    return line.height < NUMBER_MARGIN * height and _ONLY_NUMBER.fullmatch(line.text) is not None
