"""What a page draws with lines and curves that is not rules: signatures, letters, barcodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pymupdf

from nescio.extract.words import Box, hull
from nescio.ocr import stands_by

Points = npt.NDArray[np.float64]
"""n points (x, y) along a path."""

LEVEL: Final = 0.5
"""Points by which the ends of a level or upright line may differ."""
ALONG: Final = np.linspace(0, 1, 6)[:, None]
"""Where on each curve points are taken, ends included."""
BERNSTEIN: Final = np.hstack(
    [(1 - ALONG) ** 3, 3 * (1 - ALONG) ** 2 * ALONG, 3 * (1 - ALONG) * ALONG**2, ALONG**3]
)
"""What each of a cubic Bezier curve's four points adds to each of those."""
REACH: Final = 0.5
"""Distance, in longer sides of the smaller shape, at which another belongs to it."""
MOST_PATHS: Final = 1000
"""Paths, rules left out, above which none is looked at alone: a map, or a page of text."""

SIGNATURE_WIDTH: Final = (30.0, 300.0)
SIGNATURE_HEIGHT: Final = (6.0, 110.0)
"""Least and most of a signature, in points."""
PEN_LIFTS: Final = 40
"""Paths of which a signature has at most; engravings and maps have more."""
HAND: Final = 1.0
"""Points that a pen must go for its direction to count."""
TURNS: Final = 3
"""Turns up and down that strokes beside a label have at least; a tick or a frame has fewer."""
ALONE_TURNS: Final = 6
"""The same for strokes with no label."""
ALONE_CURVES: Final = 5
"""Curves in one stroke without a label; arrows, brackets and rounded corners have fewer."""
ALONE_BACK: Final = 3
"""Turns left and right of such a stroke made of straight pieces; no graph of a function has any."""
ALONE_MOST: Final = 2
"""Strokes on a page, without a label, from which they are the curves of a chart."""

LETTER_HEIGHT: Final = (3.0, 120.0)
"""Least and most of a letter, in points."""
LETTER_LENGTH: Final = 600.0
"""Most of a filled shape that may be several letters, in points."""
STEM: Final = 0.06
"""Thickness of a letter's stem in heights of the letter, at least; rules are thinner."""
STEMS: Final = 1.5
"""Height of a stem in sizes of the letters around it, at most; shaded cells are larger."""
LETTER_PIXELS: Final = 40.0
"""Longer side of most letters when they are read, in pixels: a third more than the reader uses."""
FINEST: Final = 200.0
"""Dots an inch at which they are read at most, as pages are."""
SUBPIXELS: Final = 4
"""Parts of a pixel to which outlines are exact; finer, and no two pages would look the same."""
RECTANGLE: Final = 5
"""Level lines of which a rule or a frame consists at most; an outlined "L" has six."""
LETTER_PIECES: Final = 20
"""Lines and curves of which two or three outlined letters consist at least."""


class Path(NamedTuple):
    """One path that is no rule; also a rectangle, where that may be the stem of a letter.

    Attributes:
        strokes: its connected parts as points of the page as shown; also rectangles where it is
            filled: an "l" is one.
        box: around the strokes, on the page as shown.
        is_filled: it is filled, as letters are, and not drawn along.
        pieces: lines and curves of which it consists, those of rectangles left out.
        curves: how many curves its longest part has.
    """

    strokes: list[Points]
    box: Box
    is_filled: bool
    pieces: int
    curves: int


class Drawn(NamedTuple):
    """What is drawn on a page.

    Attributes:
        signatures: boxes around strokes of a pen.
        letters: groups of paths that may be outlined letters.
    """

    signatures: list[Box]
    letters: list[list[Path]]


def paths_of(page: pymupdf.Page) -> list[Path]:
    """Return what a page and its annotations draw beside rules and frames, as shown."""
    found = []
    for drawing in page.get_cdrawings():
        filled = "f" in drawing["type"]
        parts = list(_parts(drawing["items"], filled))
        if not parts:
            continue
        strokes = [_moved(part.points, page.rotation_matrix) for part in parts]
        box = hull([_around(points) for points in strokes])
        pieces = sum(part.pieces for part in parts if not part.is_rule)
        if pieces or _may_be_stem(box):
            found.append(Path(strokes, box, filled, pieces, max(part.curves for part in parts)))
    return found


def shows_letters(paths: Iterable[dict[str, Any]]) -> bool:
    """Say whether half of so many paths have the size of letters and are filled as they are.

    Args:
        paths: more than are looked at one by one, as blocks of MuPDF's ``rawdict``.
    """
    sizes = (
        max(path["bbox"][2] - path["bbox"][0], path["bbox"][3] - path["bbox"][1])
        for path in paths
        if not path["stroked"]
    )
    letters = [size for size in sizes if LETTER_HEIGHT[0] <= size <= LETTER_HEIGHT[1]]
    return len(letters) > MOST_PATHS / 2


def drawn_on(paths: Sequence[Path], labels: Sequence[Box]) -> Drawn:
    """Tell signatures and outlined letters among paths.

    A signature is strokes that go up and down, beside a label that announces one; or, where no
    label is, one stroke as only a hand draws it. Curves of charts run from left to right once,
    closed shapes are emblems, and a page with several such strokes shows a chart.

    Args:
        paths: of one page.
        labels: boxes of words such as ``Signature:``, in points of the page as shown.
    """
    signed: list[Box] = []
    alone: list[Box] = []
    letters: list[list[Path]] = []
    for group in _groups([path for path in paths if path.is_filled or _is_small(path.box)]):
        drawn = [path for path in group if path.pieces]
        if not drawn:
            continue
        box = hull([path.box for path in drawn])
        if _is_written(drawn, box) and any(stands_by(box, label) for label in labels):
            signed.append(box)
        elif _is_by_hand(drawn, box):
            alone.append(box)
        elif filled := _letters_of(group):
            letters.append(filled)
    return Drawn(signed + (alone if len(alone) <= ALONE_MOST else []), letters)


def resolution_of(paths: Sequence[Path]) -> float:
    """Return the dots an inch at which outlined letters are as large as the reader needs them."""
    size = median(_longer(path) for path in paths)
    return min(FINEST, max(72 * LETTER_PIXELS / size, 1.0))


def pixels_of(paths: Sequence[Path], dpi: float) -> npt.NDArray[np.uint8]:
    """Draw filled paths alone, black on white, by the even-odd rule; rows of grey pixels."""
    import cv2

    scale = dpi / 72
    x0, y0, x1, y1 = hull([path.box for path in paths])
    size = math.ceil((y1 - y0) * scale) + 1, math.ceil((x1 - x0) * scale) + 1
    pixels = np.full(size, 255, np.uint8)
    for path in paths:
        outlines = [
            np.round((stroke - (x0, y0)) * scale * SUBPIXELS).astype(np.int32)
            for stroke in path.strokes
        ]
        cv2.fillPoly(pixels, outlines, 0, cv2.LINE_AA, SUBPIXELS.bit_length() - 1)
    return pixels


class _Part(NamedTuple):
    points: Points
    pieces: int
    curves: int
    is_rule: bool


def _parts(items: Sequence[tuple[Any, ...]], filled: bool) -> Iterator[_Part]:
    """Yield the connected parts of a path; without rules, where it is not filled."""
    points: list[Sequence[float]] = []
    curves, lines, is_rule = 0, 0, True
    along = _curves(items)
    for kind, *ends in [*items, ("end", None)]:
        if points and (kind not in {"l", "c"} or math.dist(points[-1], ends[0]) > LEVEL):
            is_rule = is_rule and lines <= RECTANGLE
            if filled or not is_rule:
                yield _Part(np.array(points), lines + curves, curves, is_rule)
            points, curves, lines, is_rule = [], 0, 0, True
        if kind == "re" and filled:
            x0, y0, x1, y1 = ends[0]
            yield _Part(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), 0, 0, True)
        if kind in {"l", "c"}:
            points.extend(next(along) if kind == "c" else ends)
            curves += kind == "c"
            lines += kind == "l"
            is_rule = is_rule and kind == "l" and _is_level(ends)


def _is_level(ends: Sequence[tuple[float, float]]) -> bool:
    (x0, y0), (x1, y1) = ends
    return abs(x0 - x1) < LEVEL or abs(y0 - y1) < LEVEL


def _curves(items: Iterable[tuple[Any, ...]]) -> Iterator[list[list[float]]]:
    """Yield points along each cubic Bezier curve of a path, its ends among them."""
    if curves := [points for kind, *points in items if kind == "c"]:
        yield from (BERNSTEIN @ np.array(curves)).tolist()


def _moved(points: Points, matrix: pymupdf.Matrix) -> Points:
    turn = np.array([[matrix.a, matrix.b], [matrix.c, matrix.d]])
    moved: Points = points @ turn + np.array([matrix.e, matrix.f])
    return moved


def _around(points: Points) -> Box:
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _groups(paths: Sequence[Path]) -> list[list[Path]]:
    """Return paths in groups that stand together, from left to right."""
    groups: list[tuple[Box, list[Path]]] = []
    for path in sorted(paths, key=lambda path: path.box[0]):
        together = [path]
        box = path.box
        for other in [group for group in groups if _near(group[0], path.box)]:
            groups.remove(other)
            together = other[1] + together
            box = hull([other[0], box])
        groups.append((box, together))
    return [group for _, group in groups]


def _near(a: Box, b: Box) -> bool:
    """Say whether shapes stand as near each other as letters of a word and words of a line."""
    reach = 1.0 + REACH * min(max(box[2] - box[0], box[3] - box[1]) for box in (a, b))
    return (
        a[0] - reach <= b[2]
        and b[0] - reach <= a[2]
        and a[1] - reach <= b[3]
        and b[1] - reach <= a[3]
    )


def _is_small(box: Box) -> bool:
    """Say whether strokes are no larger than a signature; larger ones frame things."""
    width, height = box[2] - box[0], box[3] - box[1]
    return width <= SIGNATURE_WIDTH[1] and height <= SIGNATURE_HEIGHT[1]


def _has_size(box: Box) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        SIGNATURE_WIDTH[0] <= width <= SIGNATURE_WIDTH[1]
        and SIGNATURE_HEIGHT[0] <= height <= SIGNATURE_HEIGHT[1]
    )


def _is_written(group: Sequence[Path], box: Box) -> bool:
    """Say whether paths may be a signature, if a label says so."""
    if not _has_size(box) or len(group) > PEN_LIFTS:
        return False
    return sum(_turns(stroke[:, 1]) for path in group for stroke in path.strokes) >= TURNS


def _is_by_hand(group: Sequence[Path], box: Box) -> bool:
    """Say whether paths are strokes that only a hand draws, whatever stands beside them."""
    if not _has_size(box) or len(group) > PEN_LIFTS or any(path.is_filled for path in group):
        return False
    for path in group:
        for stroke in path.strokes:
            if math.dist(stroke[0], stroke[-1]) <= HAND or _turns(stroke[:, 1]) < ALONE_TURNS:
                continue  # closed, or smooth
            if path.curves >= ALONE_CURVES or _turns(stroke[:, 0]) >= ALONE_BACK:
                return True
    return False


def _turns(values: Points) -> int:
    """Return how often a pen turns round along one axis."""
    turns, heading, at = 0, 0, float(values[0])
    for _, value in pairwise(values.tolist()):
        if abs(value - at) < HAND:
            continue
        now = 1 if value > at else -1
        turns += heading not in (0, now)
        heading, at = now, value
    return turns


def _may_be_stem(box: Box) -> bool:
    """Say whether a rectangle may be an "l", the stem of an "i" or its dot."""
    thickness, length = sorted((box[2] - box[0], box[3] - box[1]))
    return length <= LETTER_HEIGHT[1] and thickness >= STEM * length


def _letters_of(group: Sequence[Path]) -> list[Path]:
    """Return what may be outlined letters; nothing where that would be too little."""
    shapes = [
        path
        for path in group
        if path.pieces and path.is_filled and LETTER_HEIGHT[0] <= _longer(path) <= LETTER_LENGTH
    ]
    if sum(path.pieces for path in shapes) < LETTER_PIECES:
        return []
    most = STEMS * median(_longer(path) for path in shapes)
    return shapes + [path for path in group if not path.pieces and _longer(path) <= most]


def _longer(path: Path) -> float:
    x0, y0, x1, y1 = path.box
    return max(x1 - x0, y1 - y0)
