"""Finds the glyphs that stand in boxes, and where each can be removed without its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pymupdf

Rect = tuple[float, float, float, float]

ALONG: Final = 0.35
"""Share of a glyph's advance that must lie in a box for the glyph to belong to it."""

ACROSS: Final = 0.5
"""Share of a glyph's height that must lie in a box; less is a neighbouring line's box."""

SKEW: Final = 0.05
"""Sine of the angle from which a line is slanted, so that its glyphs' boxes overlap."""

SKEWED: Final = 0.85
"""Share of width and height that must lie in a box on a slanted line: boxes of slanted words
hold corners of their neighbours, but their own glyphs whole."""

DOT: Final = 0.02
"""Half the side, in points, of the dot by which one glyph is removed."""

CLEAR: Final = 0.1
"""Points between a dot and the neighbours' boxes that are enough."""

GRID: Final = tuple((v / 8, u / 8) for v in (4, 3, 5, 2, 6, 1, 7) for u in (4, 3, 5, 2, 6, 1, 7))
"""Where in a glyph's box the dot may stand, as shares of height and width; best first."""

FLAGS: Final = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_PRESERVE_LIGATURES
    | pymupdf.TEXT_IGNORE_ACTUALTEXT
)
"""Glyphs as they are drawn: what marked content says of them is not kept."""


@dataclass(frozen=True)
class Setting:
    """How the first glyph of a box was set, for the text that replaces it.

    ``flags`` are PyMuPDF's font flags; ``origin`` is on the baseline, in points.
    """

    size: float
    flags: int
    origin: tuple[float, float]
    direction: tuple[float, float]


@dataclass
class Glyphs:
    """Glyphs to remove, glyphs near them to keep, and the setting of each box's first glyph."""

    doomed: list[Rect] = field(default_factory=list)
    kept: list[Rect] = field(default_factory=list)
    settings: dict[int, Setting] = field(default_factory=dict)


def sort_glyphs(text: pymupdf.TextPage, boxes: Sequence[Rect]) -> Glyphs:
    """Sort the glyphs of the lines that ``boxes`` touch."""
    found = Glyphs()
    lines = [line for block in text.extractRAWDICT()["blocks"] for line in block["lines"]]
    touched = touching([line["bbox"] for line in lines], boxes)
    for number in np.flatnonzero(touched.any(axis=1)):
        near = [(box, boxes[box]) for box in np.flatnonzero(touched[number]).tolist()]
        _sort_line(lines[number], near, found)
    return found


def _sort_line(line: dict[str, Any], near: list[tuple[int, Rect]], found: Glyphs) -> None:
    shares = _shares(line["dir"])
    for span in line["spans"]:
        for char in span["chars"]:
            glyph = char["bbox"]
            owner = next((i for i, box in near if _belongs(glyph, box, shares)), None)
            if owner is None:
                found.kept.append(glyph)
                continue
            found.doomed.append(glyph)
            if owner not in found.settings:
                found.settings[owner] = Setting(
                    span["size"], span["flags"], char["origin"], line["dir"]
                )


def _shares(direction: tuple[float, float]) -> tuple[float, float]:
    """Return which shares of a glyph's width and height must lie in a box, for a line."""
    cosine, sine = abs(direction[0]), abs(direction[1])
    if min(cosine, sine) > SKEW:
        return SKEWED, SKEWED
    return (ALONG, ACROSS) if cosine > sine else (ACROSS, ALONG)


def _belongs(glyph: Rect, box: Rect, shares: tuple[float, float]) -> bool:
    x = min(glyph[2], box[2]) - max(glyph[0], box[0])
    y = min(glyph[3], box[3]) - max(glyph[1], box[1])
    return x >= shares[0] * (glyph[2] - glyph[0]) and y >= shares[1] * (glyph[3] - glyph[1])


def corners(rect: Any) -> Rect:
    """Return a ``pymupdf.Rect`` as plain numbers: x0, y0, x1, y1."""
    x0, y0, x1, y1 = rect
    return float(x0), float(y0), float(x1), float(y1)


def overlap(a: Rect, b: Rect) -> bool:
    """Say whether two rectangles touch."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def touching(some: Sequence[Rect], others: Sequence[Rect]) -> npt.NDArray[np.bool_]:
    """Return (some, others) whether two rectangles touch."""
    a, b = (np.array(rects, float).reshape(-1, 4) for rects in (some, others))
    x0, y0, x1, y1 = (a[:, None, side] for side in range(4))
    touch: npt.NDArray[np.bool_] = (
        (x0 <= b[:, 2]) & (b[:, 0] <= x1) & (y0 <= b[:, 3]) & (b[:, 1] <= y1)
    )
    return touch


def dots(glyphs: Glyphs) -> Iterator[Rect]:
    """Yield for each doomed glyph a dot inside it that keeps away from glyphs to keep.

    MuPDF removes every glyph whose box overlaps a redaction however slightly, and boxes of
    neighbours do overlap (kerning, tight leading, slanted lines). Dots of neighbours on a line
    become one strip where no glyph to keep stands in its way: MuPDF compares every glyph of the
    page with every rectangle.
    """
    kept = _Grid(glyphs.kept)
    strip: Rect | None = None
    for glyph in glyphs.doomed:
        x, y = _free_point(glyph, kept.near(glyph))
        dot = x - DOT, y - DOT, x + DOT, y + DOT
        if strip is not None and _is_next(strip, dot, glyph) and not kept.near(_gap(strip, dot)):
            strip = strip[0], strip[1], dot[2], strip[3]
            continue
        if strip is not None:
            yield strip
        strip = dot
    if strip is not None:
        yield strip


def _is_next(strip: Rect, dot: Rect, glyph: Rect) -> bool:
    """Say whether the dot of a glyph stands just behind a strip on its line."""
    near = 2 * (glyph[3] - glyph[1])
    return abs(strip[1] - dot[1]) < DOT / 2 and 0 < dot[0] - strip[2] < near


def _gap(strip: Rect, dot: Rect) -> Rect:
    """Return what joining a dot to a strip adds to them, and CLEAR around it."""
    return strip[2] - DOT, strip[1] - CLEAR, dot[2], dot[3] + CLEAR


class _Grid:
    """Rectangles by the cells of the page that they lie in."""

    def __init__(self, rects: Sequence[Rect]) -> None:
        self._cells: dict[tuple[int, int], list[Rect]] = {}
        for rect in rects:
            for cell in self._touched(rect):
                self._cells.setdefault(cell, []).append(rect)

    def near(self, rect: Rect) -> list[Rect]:
        """Return the rectangles that touch ``rect``, some more than once."""
        cells = (self._cells.get(cell, ()) for cell in self._touched(rect))
        return [other for cell in cells for other in cell if overlap(rect, other)]

    @staticmethod
    def _touched(rect: Rect, side: float = 16.0) -> Iterator[tuple[int, int]]:
        rows = range(int(rect[1] // side), int(rect[3] // side) + 1)
        for column in range(int(rect[0] // side), int(rect[2] // side) + 1):
            for row in rows:
                yield column, row


def _free_point(glyph: Rect, rivals: Sequence[Rect]) -> tuple[float, float]:
    width, height = glyph[2] - glyph[0], glyph[3] - glyph[1]
    best, best_clearance = (0.0, 0.0), -1e9
    for v, u in GRID:
        point = glyph[0] + u * width, glyph[1] + v * height
        clearance = _clearance(point, rivals)
        if clearance > best_clearance:
            best, best_clearance = point, clearance
        if clearance >= CLEAR:
            break
    return best


def _clearance(point: tuple[float, float], rivals: Sequence[Rect]) -> float:
    """Return how far (points) a point lies outside the nearest rival; negative inside it."""
    x, y = point
    return min((max(r[0] - x, x - r[2], r[1] - y, y - r[3]) for r in rivals), default=CLEAR)
