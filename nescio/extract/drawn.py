"""Lines drawn on a page: they tell tables and columns from other text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from nescio.extract.words import Rule, Rules

THIN: Final = 3.0
"""Points; a drawn shape no thicker is a line, a thicker one has edges."""
MOST_SHAPES: Final = 3000
"""A page with more drawn shapes shows a chart, whose lines say nothing about its text."""


def rules_of(blocks: Iterable[dict[str, Any]], dashes: list[Rule]) -> Rules:
    """Return the lines, and edges of rectangles, among a page's blocks, beside rows of dashes."""
    shapes = [block for block in blocks if block["type"] == 3 and block["isrect"]]
    rules = Rules(dashes, [])
    if len(shapes) > MOST_SHAPES:
        return rules
    for shape in shapes:
        x0, y0, x1, y1 = shape["bbox"]
        if y1 - y0 <= THIN:
            rules.horizontal.append(Rule((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= THIN:
            rules.vertical.append(Rule((x0 + x1) / 2, y0, y1))
        else:
            rules.horizontal.extend((Rule(y0, x0, x1), Rule(y1, x0, x1)))
            rules.vertical.extend((Rule(x0, y0, y1), Rule(x1, y0, y1)))
    return rules
