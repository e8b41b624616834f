"""Finds what is no text and may tell who somebody is: barcodes and faces."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]

CASCADE: Final = "haarcascade_frontalface_alt2.xml"
"""Of the four frontal ones that OpenCV ships, the one that misses and invents least
(docs/scans.md)."""
NEIGHBOURS: Final = 8
"""Overlapping finds that make a face."""
STEP: Final = 1.1
"""Factor between two sizes that are looked for."""
LEAST_FACE: Final = 32
"""Side in pixels of the smallest face that is looked for."""
HEAD: Final = 0.5
"""Of a found face's side, what is added on each: hair, ears, chin and neck tell, too."""
LONGEST: Final = 1200
"""Pixels of the longer side to which a picture is made smaller before faces are looked for."""
TILE: Final = 16
"""Side, in pixels, of the tiles in which photographs on paper are looked for."""
DARKER: Final = 40
"""Grey levels by which most pixels of a photograph are darker than paper; of text few are."""


class Barcode(NamedTuple):
    """A barcode: what it says, and its box (x0, y0, x1, y1) in pixels."""

    text: str
    box: tuple[float, float, float, float]


def barcodes_in(pixels: Pixels) -> list[Barcode]:
    """Return the barcodes in a grey picture, of one and two dimensions and in all directions.

    Only those whose checksum is right are returned: stripes of other things have none.
    """
    import zxingcpp  # most documents have no pictures

    found = []
    plain = zxingcpp.TextMode.Plain
    for code in zxingcpp.read_barcodes(np.ascontiguousarray(pixels), text_mode=plain):
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        xs, ys = [float(point.x) for point in corners], [float(point.y) for point in corners]
        found.append(Barcode(code.text, (min(xs), min(ys), max(xs), max(ys))))
    return found


def faces_in(pixels: Pixels) -> list[Box]:
    """Return boxes of the heads in a grey picture that are seen from in front, turned or not.

    Returns:
        Boxes (x0, y0, x1, y1) in pixels, from the top left; those of one head may overlap.
    """
    import cv2

    height, width = pixels.shape
    factor = min(1.0, LONGEST / max(pixels.shape))
    if factor < 1:
        size = max(1, int(width * factor)), max(1, int(height * factor))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    least = (LEAST_FACE, LEAST_FACE)
    found = []
    for left, top, part in _photographs(pixels):
        for turns in range(4):
            turned = np.ascontiguousarray(np.rot90(part, turns))
            faces = _faces().detectMultiScale(turned, STEP, NEIGHBOURS, minSize=least)
            for x, y, side, _ in faces:
                x, y = _turned_back(x + side / 2, y + side / 2, turns, part.shape)
                reach = side * (0.5 + HEAD)
                box = (left + x - reach, top + y - reach, left + x + reach, top + y + reach)
                x0, y0, x1, y1 = (float(edge) / factor for edge in box)
                found.append((max(0.0, x0), max(0.0, y0), min(width, x1), min(height, y1)))
    return found


def _turned_back(x: float, y: float, turns: int, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return where a point of ``np.rot90(picture, turns)`` lies in the picture of this shape."""
    height, width = shape[:2]
    if turns == 1:
        return width - y, x
    if turns == 2:
        return width - x, height - y
    if turns == 3:
        return y, height - x
    return x, y


def _photographs(pixels: Pixels) -> Iterator[tuple[int, int, Pixels]]:
    """Yield the parts of a sheet of paper that are as dark as photographs; else all of it.

    Each comes with its place: pixels from the left and from the top.
    """
    import cv2

    paper = np.percentile(pixels, 90)
    if float((pixels > paper - TILE).mean()) < 0.5:
        yield 0, 0, pixels
        return
    dark = (pixels < paper - DARKER).astype(np.float32)
    size = math.ceil(dark.shape[1] / TILE), math.ceil(dark.shape[0] / TILE)
    tiles = cv2.resize(dark, size, interpolation=cv2.INTER_AREA) > 0.5
    grown = cv2.dilate(tiles.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(grown)
    for x, y, width, height in (TILE * boxes[1:count, :4]).tolist():
        yield x, y, pixels[y : y + height, x : x + width]


_own: Final = threading.local()
"""A cascade for each thread: it writes to itself while it looks, and two at once crash."""


def _faces() -> Any:
    import cv2

    cascade = getattr(_own, "cascade", None)
    if cascade is None:
        cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / CASCADE))
        if cascade.empty():
            raise RuntimeError("OpenCV came without its cascades")  # nothing would be looked at
        _own.cascade = cascade
    return cascade
