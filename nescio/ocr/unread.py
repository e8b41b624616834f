"""Finds text that the reader did not find: rows of characters that lie in no line that was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nescio.ocr.engine import ReadLine
from nescio.ocr.signatures import ink_of

CHARACTER: Final = (0.25, 1.0)
"""Least and most height of a character, in heights of a line as the reader draws it; the small
letters of its line have 0.35."""
WIDEST: Final = 1.2
"""The most of its width, in the same."""
NEAR: Final = 0.6
"""Paper between two characters of a row, at most, in the same."""
ROW: Final = 4
"""Characters that are a row: a year, a name; three rules, dots or marks may stand side by side."""
MOST: Final = 3000
"""Pieces of ink of that size from which something is there, whatever it is: a page of text has as
many."""


def shows_unread(pixels: npt.NDArray[np.uint8], lines: Sequence[ReadLine]) -> bool:
    """Say whether a grey picture of a sheet has rows of characters beside the lines read in it.

    Args:
        pixels: of the sheet.
        lines: what was read on it, in its pixels.
    """
    if not lines:
        return False
    import cv2

    line = float(np.median([np.linalg.norm(one.corners[0] - one.corners[3]) for one in lines]))
    ink = ink_of(pixels)
    for one in lines:
        cv2.fillPoly(ink, [_grown(one.corners, 0.15 * line).astype(np.int32)], (0,))
    boxes = cv2.connectedComponentsWithStats(ink)[2][1:, :4]
    heights, widths = boxes[:, 3], boxes[:, 2]
    like = (heights >= CHARACTER[0] * line) & (heights <= CHARACTER[1] * line)
    characters = boxes[like & (widths <= WIDEST * line)].astype(np.int32)
    return len(characters) > MOST or _has_row(characters, NEAR * line)


def _has_row(boxes: npt.NDArray[np.int32], gap: float) -> bool:
    """Say whether ROW boxes (x, y, width, height) or more stand side by side at one height."""
    lengths: list[int] = []
    boxes = boxes[np.argsort(boxes[:, 0])]
    for number, (x, y, _, height) in enumerate(boxes.tolist()):
        before = boxes[:number]
        paper = x - (before[:, 0] + before[:, 2])
        shared = np.minimum(y + height, before[:, 1] + before[:, 3]) - np.maximum(y, before[:, 1])
        beside = (paper <= gap) & (paper > -height) & (shared >= 0.5 * min(height, gap / NEAR))
        lengths.append(1 + max((lengths[place] for place in np.flatnonzero(beside)), default=0))
        if lengths[-1] >= ROW:
            return True
    return False


def _grown(corners: npt.NDArray[np.float64], by: float) -> npt.NDArray[np.float64]:
    """Return corners moved outwards from their middle."""
    middle = corners.mean(axis=0)
    away: npt.NDArray[np.float64] = corners + by * np.sign(corners - middle)
    return away
