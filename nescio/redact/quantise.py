"""Widens boxes until their width no longer tells which name they hide.

Among 1,000 surnames set in Helvetica the width of a gap leaves a median of 10 candidates. A
widened box is a multiple of a fixed step wide, or ends with a whole word that it took in, so that
its width is that of unknown words. The words taken in are the price; they are cleared, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any, Final

import pymupdf

from nescio.redact.apply import unrotated
from nescio.redact.boxes import OFF_PAGE, Box
from nescio.redact.glyphs import FLAGS, Rect, corners

STEP: Final = 5.0
"""Step of a box's width, in heights of the box: 60 points in 12-point text, about nine letters."""

SPARE: Final = 0.5
"""Heights that a widened box is wider than its text at least."""

LEVEL: Final = 0.05
"""Sine of the angle up to which a line runs along the page's edges."""

SAME_LINE: Final = 0.5
"""Share of a box's height by which a word must overlap it to stand on its line."""


def quantise(document: pymupdf.Document, places: Mapping[int, list[Box]]) -> dict[int, list[Box]]:
    """Return ``places`` with boxes widened in the direction in which their text is read.

    Args:
        document: the document, flattened.
        places: page -> boxes.
    """
    result = dict(places)
    for number, boxes in places.items():
        if number != OFF_PAGE:
            result[number] = _on_page(document[number], boxes)
    return result


def _on_page(page: pymupdf.Page, boxes: Sequence[Box]) -> list[Box]:
    widened = []
    with unrotated(page) as matrix:
        text = page.get_textpage(flags=FLAGS)
        words = [word[:4] for word in text.extractWORDS()]
        lines = [line for block in text.extractDICT()["blocks"] for line in block["lines"]]
        limits = corners(page.rect)
        for box in boxes:
            rect = corners(pymupdf.Rect(box.rect) * matrix)
            rect = _widened(rect, _direction(rect, lines), words, limits)
            x0, y0, x1, y1 = pymupdf.Rect(rect) * ~matrix
            widened.append(replace(box, x0=x0, y0=y0, x1=x1, y1=y1))
    return widened


def _direction(rect: Rect, lines: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Return the direction of the line in which a box lies; of pictures, that of most text."""
    x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    for line in lines:
        x0, y0, x1, y1 = line["bbox"]
        if x0 <= x <= x1 and y0 <= y <= y1:
            direction: tuple[float, float] = line["dir"]
            return direction
    return 1.0, 0.0


def _widened(
    rect: Rect, direction: tuple[float, float], words: Sequence[Rect], limits: Rect
) -> Rect:
    """Return a box that reaches on along its line, to a step's multiple or the end of a word."""
    cosine, sine = direction
    if min(abs(cosine), abs(sine)) > LEVEL:
        return rect  # slanted: what else lies in an upright box there is no part of its line
    along, across = (0, 1) if abs(cosine) > abs(sine) else (1, 0)
    height = rect[across + 2] - rect[across]
    step = STEP * height
    length = ceil((rect[along + 2] - rect[along] + SPARE * height) / step) * step
    line = [word for word in words if _is_on_line(word, rect, across)]
    result = list(rect)
    if cosine + sine > 0:
        end = rect[along] + length
        ends = [word[along + 2] for word in line if word[along] < end < word[along + 2]]
        result[along + 2] = max(min(max(ends, default=end), limits[along + 2]), rect[along + 2])
    else:
        end = rect[along + 2] - length
        ends = [word[along] for word in line if word[along] < end < word[along + 2]]
        result[along] = min(max(min(ends, default=end), limits[along]), rect[along])
    return result[0], result[1], result[2], result[3]


def _is_on_line(word: Rect, rect: Rect, across: int) -> bool:
    overlap = min(word[across + 2], rect[across + 2]) - max(word[across], rect[across])
    heights = (rect[across + 2] - rect[across], word[across + 2] - word[across])
    return overlap >= SAME_LINE * min(heights)
