"""Finds signatures: strokes of a pen, which are no text, beside words that announce one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nescio.ocr.engine import ReadLine

LABEL: Final = re.compile(
    r"\b(signature|(docu)?signed|sign here|signatory|countersigned)\b", re.IGNORECASE
)
"""What stands beside a signature on forms in English."""
READ: Final = 0.8
"""Mean confidence from which a line is text, and its ink no stroke of a pen."""
INK: Final = 60
"""Grey levels below the paper's from which a pixel is ink."""

WIDTH: Final = (3.0, 30.0)
HEIGHT: Final = (0.8, 8.0)
"""Least and most of a signature, in heights of the label's line; a line to sign on is flatter."""
MOST_INK: Final = 0.4
"""Share of its box that a signature's ink covers at most: stamps, bars and holes have more."""
ABOVE: Final = 6.0
BELOW: Final = 4.0
BESIDE: Final = 20.0
"""Distances from the label, in heights of its line, at which its signature is looked for."""
JOIN: Final = 5
"""Pixels by which strokes are widened: a pen leaves the paper."""


def shows_signature(pixels: npt.NDArray[np.uint8], lines: Sequence[ReadLine]) -> bool:
    """Say whether a grey picture shows strokes of a pen near a label such as ``Signature:``.

    Args:
        pixels: of the picture, upright.
        lines: what was read in it, in its pixels.
    """
    labels = [line for line in lines if LABEL.search(line.text)]
    if not labels:
        return False
    import cv2

    ink = (pixels < np.percentile(pixels, 90) - INK).astype(np.uint8)
    for line in lines:
        if line.confidence >= READ:
            x0, y0, x1, y1 = _box(line)
            ink[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3] = 0
    joined = cv2.dilate(ink, np.ones((JOIN, JOIN), np.uint8))
    count, numbers, boxes, _ = cv2.connectedComponentsWithStats(joined)
    for number in range(1, count):
        x, y, width, height = (int(value) for value in boxes[number, :4])
        window = slice(y, y + height), slice(x, x + width)
        share = float((ink[window] & (numbers[window] == number)).mean())
        if share <= MOST_INK and any(
            stands_by((x, y, x + width, y + height), _box(label)) for label in labels
        ):
            return True
    return False


def stands_by(
    stroke: tuple[float, float, float, float], label: tuple[float, float, float, float]
) -> bool:
    """Say whether strokes have the size of a signature, and stand where a label has its own.

    Args:
        stroke: box around the strokes (x0, y0, x1, y1), y downwards.
        label: box of the words that announce a signature, in the same units.
    """
    line = label[3] - label[1]
    width, height = (stroke[2] - stroke[0]) / line, (stroke[3] - stroke[1]) / line
    if not (WIDTH[0] <= width <= WIDTH[1] and HEIGHT[0] <= height <= HEIGHT[1]):
        return False
    below = ((stroke[1] + stroke[3]) - (label[1] + label[3])) / 2 / line
    beside = max(stroke[0] - label[2], label[0] - stroke[2]) / line
    return -ABOVE <= below <= BELOW and beside <= BESIDE


def _box(line: ReadLine) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = line.corners.min(axis=0), line.corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
