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

CASCADE: Final = "haarcascade_frontalface_alt2.xml"
"""Of the four frontal ones that OpenCV ships, the one that misses and invents least
(docs/scans.md)."""
NEIGHBOURS: Final = 8
"""Overlapping finds that make a face."""
STEP: Final = 1.1
"""Factor between two sizes that are looked for."""
LEAST_FACE: Final = 32
"""Side in pixels of the smallest face that is looked for."""
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


def shows_face(pixels: Pixels) -> bool:
    """Say whether a grey picture shows a face seen from in front, whichever way is up."""
    import cv2

    factor = LONGEST / max(pixels.shape)
    if factor < 1:
        size = max(1, int(pixels.shape[1] * factor)), max(1, int(pixels.shape[0] * factor))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    least = (LEAST_FACE, LEAST_FACE)
    for part in _photographs(pixels):
        for turns in range(4):
            turned = np.ascontiguousarray(np.rot90(part, turns))
            if len(_faces().detectMultiScale(turned, STEP, NEIGHBOURS, minSize=least)):
                return True
    return False


def _photographs(pixels: Pixels) -> Iterator[Pixels]:
    """Yield the parts of a sheet of paper that are as dark as photographs; else all of it."""
    import cv2

    paper = np.percentile(pixels, 90)
    if float((pixels > paper - TILE).mean()) < 0.5:
        yield pixels
        return
    dark = (pixels < paper - DARKER).astype(np.float32)
    size = math.ceil(dark.shape[1] / TILE), math.ceil(dark.shape[0] / TILE)
    tiles = cv2.resize(dark, size, interpolation=cv2.INTER_AREA) > 0.5
    grown = cv2.dilate(tiles.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(grown)
    for x, y, width, height in (TILE * boxes[1:count, :4]).tolist():
        yield pixels[y : y + height, x : x + width]


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
