"""Tells drawings that may carry meaning (signatures, outlined letters) from rules and frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nescio.redact.glyphs import Rect, overlap

INSET: Final = 1.0
"""Points at a box's edges in which drawings may end: rules around table cells do."""

LEVEL: Final = 0.5
"""Points by which the ends of a level or upright line may differ."""


def ink_under(drawings: Sequence[dict[str, Any]], boxes: Sequence[Rect]) -> list[int]:
    """Return the indices of boxes in which ink of a drawing ends.

    Lines along the page's edges and rectangles belong to tables and forms and may cross a box;
    curves and slanted lines inside one are somebody's hand or outlined letters.

    Args:
        drawings: what ``get_cdrawings`` returns of an unrotated page.
        boxes: in points of that page.
    """
    found = []
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        inner = (x0 + INSET, y0 + INSET, x1 - INSET, y1 - INSET)
        near = (drawing for drawing in drawings if overlap(drawing["rect"], inner))
        if any(_is_ink(part, inner) for drawing in near for part in drawing["items"]):
            found.append(number)
    return found


def _is_ink(part: tuple[Any, ...], rect: Rect) -> bool:
    """Say whether a part of a path is neither a rule nor a rectangle and ends inside ``rect``."""
    kind, *points = part
    if kind in {"re", "qu"} or (kind == "l" and is_rule(points[0], points[1])):
        return False
    ends = (points[0], points[-1])
    return any(rect[0] < x < rect[2] and rect[1] < y < rect[3] for x, y in ends)


def is_rule(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Say whether a line runs along the page's edges."""
    return abs(a[0] - b[0]) < LEVEL or abs(a[1] - b[1]) < LEVEL
