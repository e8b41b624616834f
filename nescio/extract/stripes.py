"""Barcodes that a page draws as rectangles: stripes side by side, or squares in a grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nescio.extract.words import Box
from nescio.ocr import Barcode, barcodes_in

THICKEST: Final = 9.0
LONGEST: Final = 150.0
"""Points: the shorter and longer side of a stripe, or of squares that touch in a row, at most."""
APART: Final = 4.0
"""Points between neighbours of one barcode, at most."""
LEAST: Final = 16
"""Stripes or squares of which a barcode consists at least: UPC-E, the shortest, has 17 bars."""
LARGEST: Final = 400.0
"""Points of a barcode's longer side at most; rules of tables make larger groups."""
DOTS: Final = 8
"""Pixels a point at which a barcode is drawn; the thinnest stripes have a fifth of a point."""
MARGIN: Final = 10 * DOTS
"""Pixels of paper around it, which readers want."""

Boxes = npt.NDArray[np.float64]
"""n boxes x0, y0, x1, y1 in points of the page as shown."""


def barcodes_of(blocks: Iterable[dict[str, Any]]) -> list[Barcode]:
    """Return the barcodes drawn with rectangles and thick lines among a page's blocks.

    Args:
        blocks: of MuPDF's ``rawdict`` with vectors.

    Returns:
        What they say, and their boxes in points of the page as shown.
    """
    boxes = [block["bbox"] for block in blocks if block["type"] == 3 and block["isrect"]]
    if len(boxes) < LEAST:
        return []
    found: list[Barcode] = []
    for group in _groups(_stripes(np.array(boxes, np.float64))):
        x0, y0 = group[:, :2].min(axis=0)
        for code in barcodes_in(_pixels(group - (x0, y0, x0, y0))):
            left, top, right, bottom = ((edge - MARGIN) / DOTS for edge in code.box)
            box = (x0 + left, y0 + top, x0 + right, y0 + bottom)
            found.append(Barcode(code.text, _with_bars(box, group)))
    return found


def _stripes(boxes: Boxes) -> Boxes:
    sides = np.sort(boxes[:, 2:] - boxes[:, :2], axis=1)
    return boxes[(sides[:, 0] <= THICKEST) & (sides[:, 1] <= LONGEST)]


def _groups(boxes: Boxes) -> Iterator[Boxes]:
    """Yield the boxes that stand near each other, where they may be a barcode."""
    if len(boxes) < LEAST:
        return
    import cv2

    first = boxes[:, :2].min(axis=0)
    places = np.floor((boxes - np.tile(first, 2)) / (APART / 2)).astype(int)
    width, height = places[:, 2:].max(axis=0) + 2
    taken = np.zeros((height, width), np.uint8)
    for x0, y0, x1, y1 in places.tolist():
        taken[y0 : y1 + 2, x0 : x1 + 2] = 1
    _, numbers = cv2.connectedComponents(taken)
    of_box = numbers[places[:, 1], places[:, 0]]
    for number in np.unique(of_box):
        group = boxes[of_box == number]
        size = group[:, 2:].max(axis=0) - group[:, :2].min(axis=0)
        if len(group) >= LEAST and size.max() <= LARGEST:
            yield group


def _pixels(boxes: Boxes) -> npt.NDArray[np.uint8]:
    """Draw boxes in black on white paper."""
    edges = np.round(boxes * DOTS).astype(int) + MARGIN
    width, height = edges[:, 2:].max(axis=0) + MARGIN
    pixels = np.full((height, width), 255, np.uint8)
    for x0, y0, x1, y1 in edges.tolist():
        pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = 0
    return pixels


def _with_bars(box: Box, group: Boxes) -> Box:
    """Return the box around all stripes that reach into one: readers report a line across."""
    inside = (
        (group[:, 0] < box[2] + 1)
        & (group[:, 2] > box[0] - 1)
        & (group[:, 1] < box[3] + 1)
        & (group[:, 3] > box[1] - 1)
    )
    bars = group[inside] if inside.any() else group
    (x0, y0), (x1, y1) = bars[:, :2].min(axis=0), bars[:, 2:].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
