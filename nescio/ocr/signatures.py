"""Finds signatures: strokes of a pen that are no text, with words that announce them or without."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
THIN: Final = 0.15
"""What both are at most without a label: share of ink in the box, and half the pen's width in
heights of a line. Stamps, logos and unread words in print have more."""
TURNS: Final = 4
"""Times that the upper and the lower edge of such strokes each go from up to down or back."""
AMPLITUDE: Final = 0.1
"""Share of the height of the strokes, at least, by which they turn."""
STEEP: Final = 0.04
"""Share of each edge that rises or falls by two pixels a column; rules that noise broke jump, but
hardly ever."""
AXIS: Final = 0.8
"""Share of a column and of a row that are ink where strokes stand between axes."""
LONGEST: Final = 16.0
"""Width, in heights of a line, of such strokes at most; rules of tables are as wide as the page."""
RULE: Final = 2.0
FOLD: Final = 6.0
"""Straight runs of ink, level and upright, in the same, that no hand draws: rules, axes, folds."""
APART: Final = 1.0
"""Distance, in heights of the label's line, at which other strokes belong to a signature: dots of
an i, a first name, a flourish."""

Box = tuple[float, float, float, float]


def ink_of(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return where a grey picture is ink: 1 there, 0 on paper."""
    return (pixels < np.percentile(pixels, 90) - INK).astype(np.uint8)


def signatures_in(
    pixels: npt.NDArray[np.uint8], lines: Sequence[ReadLine], sheet: bool = False
) -> list[Box]:
    """Return boxes of the strokes of a pen in a grey picture.

    Strokes near labels such as ``Signature:`` count by their size alone; on a sheet, others count
    if they are thin and turn up and down as only a hand does.

    Args:
        pixels: of the picture, upright.
        lines: what was read in it, in its pixels.
        sheet: whether it is a whole page: curves of charts turn, too.

    Returns:
        Boxes (x0, y0, x1, y1) in pixels, from the top left; two may overlap.
    """
    labels = [_box(line) for line in lines if LABEL.search(line.text)]
    if not labels and not (sheet and lines):
        return []
    heights = [box[3] - box[1] for box in map(_box, lines)]
    usual = float(np.median(heights))

    ink = ink_of(pixels)
    for line in lines:
        if line.confidence >= READ:
            x0, y0, x1, y1 = _box(line)
            ink[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3] = 0
    strokes, drawn = _pieces(ink)
    found = []
    for number, stroke in enumerate(strokes):
        near = [label for label in labels if stands_by(stroke, label)]
        if near and drawn(number).mean() <= MOST_INK:
            found.append(_with_strokes_beside(stroke, strokes, near[0][3] - near[0][1]))
    if sheet:
        found += _unannounced(ink, usual)
    return found


def _unannounced(ink: npt.NDArray[np.uint8], line: float) -> list[Box]:
    """Return boxes of strokes that only a hand makes, rules and folds of the paper left aside.

    Args:
        ink: of a sheet, without its text.
        line: height of a line of text, in pixels.
    """
    import cv2

    rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, int(RULE * line)), np.uint8))
    folds = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((int(FOLD * line), 1), np.uint8))
    straight = cv2.dilate(cv2.bitwise_or(rules, folds), np.ones((3, 3), np.uint8))
    strokes = np.where(straight > 0, 0, ink).astype(np.uint8)
    places, drawn = _pieces(strokes)
    found = []
    for number, place in enumerate(places):
        x0, y0, x1, y1 = map(int, place)
        if not _has_size(place, line) or x1 - x0 > LONGEST * line:
            continue
        around = ink[max(0, y0 - JOIN) : y1 + JOIN, max(0, x0 - JOIN) : x1 + JOIN]
        if _has_axes(around):
            continue
        strip = drawn(number)
        if strip.any() and strip.mean() <= THIN and _is_written(strip, line):
            found.append(_with_strokes_beside(place, places, line))
    return found


def _pieces(
    ink: npt.NDArray[np.uint8],
) -> tuple[list[Box], Callable[[int], npt.NDArray[np.bool_]]]:
    """Return the boxes of connected strokes, and a function that returns the ink of one of them."""
    import cv2

    joined = cv2.dilate(ink, np.ones((JOIN, JOIN), np.uint8))
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(joined)
    boxes: list[Box] = [(x, y, x + w, y + h) for x, y, w, h in stats[1:, :4].tolist()]

    def drawn(number: int) -> npt.NDArray[np.bool_]:
        x0, y0, x1, y1 = map(int, boxes[number])
        own: npt.NDArray[np.bool_] = numbers[y0:y1, x0:x1] == number + 1
        return own & (ink[y0:y1, x0:x1] > 0)

    return boxes, drawn


def _has_axes(ink: npt.NDArray[np.uint8]) -> bool:
    """Say whether a row and a column are ink nearly from end to end: a chart's axes."""
    return bool(min(ink.mean(axis=0).max(), ink.mean(axis=1).max()) > AXIS)


def _is_written(ink: npt.NDArray[np.bool_], line: float) -> bool:
    """Say whether connected strokes are thin and turn up and down as only a hand does.

    Args:
        ink: where they have ink, from edge to edge.
        line: height of a line of text, in pixels.
    """
    import cv2

    half = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)[ink]
    if np.percentile(half, 98) > THIN * line:
        return False
    drawn = ink[:, ink.any(axis=0)]
    least = max(JOIN, AMPLITUDE * len(ink))
    edges = drawn.argmax(axis=0), drawn[::-1].argmax(axis=0)
    steep = [float((np.abs(np.diff(edge)) >= 2).mean()) for edge in edges]
    return min(steep) >= STEEP and all(_turns(edge, least) >= TURNS for edge in edges)


def _turns(edge: npt.NDArray[np.int_], least: float) -> int:
    """Return how many times a line turns from up to down or from down to up, by ``least``."""
    from scipy.signal import find_peaks

    return sum(len(find_peaks(way, prominence=least)[0]) for way in (edge, -edge))


def _with_strokes_beside(signature: Box, strokes: Sequence[Box], line: float) -> Box:
    """Return the box of a signature and of small strokes beside it, not those of rules.

    Args:
        signature: the box of its longest stroke.
        strokes: boxes of all ink that is no text.
        line: height of the label's line.
    """
    x0, y0, x1, y1 = signature
    for left, top, right, bottom in strokes:
        beside = max(left - signature[2], signature[0] - right) <= APART * line
        above = max(top - signature[3], signature[1] - bottom) <= APART * line
        if (
            beside
            and above
            and right - left <= WIDTH[1] * line / 2
            and bottom - top <= HEIGHT[1] * line
        ):
            x0, y0, x1, y1 = min(x0, left), min(y0, top), max(x1, right), max(y1, bottom)
    return x0, y0, x1, y1


def stands_by(stroke: Box, label: Box) -> bool:
    """Say whether strokes have the size of a signature, and stand where a label has its own.

    Args:
        stroke: box around the strokes (x0, y0, x1, y1), y downwards.
        label: box of the words that announce a signature, in the same units.
    """
    line = label[3] - label[1]
    if not _has_size(stroke, line):
        return False
    below = ((stroke[1] + stroke[3]) - (label[1] + label[3])) / 2 / line
    beside = max(stroke[0] - label[2], label[0] - stroke[2]) / line
    return -ABOVE <= below <= BELOW and beside <= BESIDE


def _has_size(stroke: Box, line: float) -> bool:
    width, height = (stroke[2] - stroke[0]) / line, (stroke[3] - stroke[1]) / line
    return WIDTH[0] <= width <= WIDTH[1] and HEIGHT[0] <= height <= HEIGHT[1]


def _box(line: ReadLine) -> Box:
    (x0, y0), (x1, y1) = line.corners.min(axis=0), line.corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
