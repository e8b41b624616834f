"""Which parts of a page are pictures that may hold text, and their pixels."""

from __future__ import annotations

import hashlib
import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pymupdf
from pymupdf import mupdf

from nescio.extract.words import Box, hull
from nescio.ocr import (
    Barcode,
    ReadLine,
    barcodes_in,
    faces_in,
    read_lines,
    shows_unread,
    signatures_in,
)

Grey = npt.NDArray[np.uint8]
"""Rows of grey pixels, top first."""

DPI: Final = 200
"""Resolution at which pages and pictures are read; a finer picture on text is read as it is."""
MOST_PIXELS: Final = 16_000_000
"""A larger page (A3 has 7.7 million pixels) is read at a lower resolution."""
MOST_FINE_PIXELS: Final = 4_000_000
"""The same for a part of a page that is finer than that resolution: a whole screen has half."""
PICTURED: Final = 0.4
"""Share of a page that pictures cover from which it is read as a whole."""

LEAST_POINTS: Final = (12.0, 4.0)
"""Longer and shorter side from which a picture may hold a word that can be read on paper."""
LEAST_DOTS: Final = (20, 7)
"""The same in its own pixels: three letters, and the height of the smallest fonts of screens."""
STEP: Final = 16
"""Grey levels between two neighbouring pixels that are an edge; shades of a colour have fewer."""
LEAST_EDGES: Final = 24
"""Edges without which there is no text: three letters have two a row of pixels, and more."""
TOUCHING: Final = 1.0
"""Points between two pictures that are parts of one: scanners store strips and tiles."""
MANY: Final = 400
"""Pictures on one page from which it is read as a whole."""
MARGIN: Final = 24
"""Pixels of paper around a picture: the reader misses text that touches an edge."""

INK_DPI: Final = 36
INK: Final = 60
"""Grey levels below the paper's from which a pixel is ink."""
INK_PIXELS: Final = 6
"""Pixels of ink, at that resolution, that are more than dust."""


SHADES: Final = 128
"""Grey levels by which pixels of the same letters differ at most; other letters differ by 255."""
MOST_KNOWN: Final = 32
"""Groups of outlined letters that are remembered: logos and watermarks of many pages."""

MOST_THREADS: Final = 4
"""Each holds the pixels of a page, and what the models make of them, in memory."""


class Region(NamedTuple):
    """A part of a page that is read.

    Attributes:
        box: in points of the page as shown.
        dpi: resolution at which it is read.
        margin: pixels of paper to put around it.
    """

    box: Box
    dpi: float
    margin: int = MARGIN


def regions_of(page: pymupdf.Page) -> list[Region]:
    """Return the parts of a page where pictures may hold text; one for all where they are most.

    Pictures in annotations (stamps) and inline ones count, too. Those that touch are one.
    """
    shown = page.rect
    found: list[tuple[Box, float]] = []
    for image in _images(page):
        box = pymupdf.Rect(image["bbox"]) & shown
        if not box.is_empty:
            found.append((tuple(box), _resolution(image)))
    groups = _joined(found) if len(found) < MANY else [found]
    regions = [(hull([box for box, _ in group]), max(dpi for _, dpi in group)) for group in groups]
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box, _ in found)
    if len(found) >= MANY or area >= PICTURED * shown.width * shown.height:
        return [whole(page)]
    return [
        Region(box, max(_limited(box, DPI), _limited(box, dpi, MOST_FINE_PIXELS)))
        for box, dpi in regions
        if _is_legible(box, dpi)
    ]


def whole(page: pymupdf.Page) -> Region:
    """Return all of a page."""
    box = (0.0, 0.0, page.rect.width, page.rect.height)
    return Region(box, _limited(box, DPI), 0)


class Reading(NamedTuple):
    """What a picture holds, in points of the page as shown, or in pixels.

    Attributes:
        lines: of text.
        barcodes: what they say, and where.
        faces: boxes around heads.
        signatures: boxes around strokes of a pen.
        unread: whether there are rows of characters beside the lines, on a whole page.
    """

    lines: list[ReadLine]
    barcodes: list[Barcode]
    faces: list[Box]
    signatures: list[Box]
    unread: bool

    def moved(self, scale: float, shift: tuple[float, float]) -> Reading:
        """Return the same elsewhere."""
        offset = np.array(shift)
        lines = [line._replace(corners=line.corners * scale + offset) for line in self.lines]

        def box(of: Box) -> Box:
            x0, y0, x1, y1 = (
                float(value * scale + by) for value, by in zip(of, 2 * shift, strict=True)
            )
            return x0, y0, x1, y1

        return Reading(
            lines,
            [code._replace(box=box(code.box)) for code in self.barcodes],
            [box(face) for face in self.faces],
            [box(signature) for signature in self.signatures],
            self.unread,
        )


class Pending(NamedTuple):
    """A region that is being read."""

    reading: Future[Reading]
    region: Region

    def result(self) -> Reading:
        """Wait; return what the region holds, in points of the page as shown."""
        scale = 72 / self.region.dpi
        left, top, right, bottom = self.region.box
        shift = (left - self.region.margin * scale, top - self.region.margin * scale)
        reading = self.reading.result().moved(scale, shift)
        faces = [
            (max(left, x0), max(top, y0), min(right, x1), min(bottom, y1))
            for x0, y0, x1, y1 in reading.faces
        ]
        return reading._replace(faces=faces)


class PictureReader:
    """Reads regions of pages, some at a time; pictures that look the same are read once.

    Pages are rendered by whoever asks (MuPDF knows one thread only), and read by threads: OpenCV
    and ONNX Runtime let go of Python's lock.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Future[Reading]] = {}
        self._letters: deque[tuple[Grey, Future[Reading]]] = deque(maxlen=MOST_KNOWN)
        self._threads = ThreadPoolExecutor(number_of_threads())

    def __enter__(self) -> PictureReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def start(self, page: pymupdf.Page, region: Region) -> Pending | None:
        """Begin to read a region; None if it cannot hold text."""
        pixels = crop(page, region)
        if not may_hold_text(pixels):
            return None
        pixels = _on_paper(pixels, region.margin)
        if not region.margin:  # whole pages differ, and what they hold is much to remember
            return Pending(self._threads.submit(reading_of, pixels, True), region)
        key = hashlib.sha256(pixels.data).digest() + repr(pixels.shape).encode()
        if key not in self._known:
            self._known[key] = self._threads.submit(reading_of, pixels)
        return Pending(self._known[key], region)

    def start_letters(self, pixels: Grey, region: Region) -> Pending | None:
        """Begin to read outlined letters; None if there can be none.

        The same letters on other pages differ by rounding, so those are read once that look the
        same but for shades.
        """
        if not may_hold_text(pixels):
            return None
        for known, reading in self._letters:
            if known.shape == pixels.shape and _differ_by(known, pixels) <= SHADES:
                return Pending(reading, region)
        reading = self._threads.submit(text_of, _on_paper(pixels, region.margin))
        self._letters.append((pixels, reading))
        return Pending(reading, region)


def number_of_threads() -> int:
    """Return how many regions are read at a time: one a core that may be used, at most four."""
    if hasattr(os, "sched_getaffinity"):  # Linux only
        return min(MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(MOST_THREADS, os.cpu_count() or 1)


def reading_of(pixels: Grey, sheet: bool = False) -> Reading:
    """Return what a picture holds, in pixels.

    Args:
        pixels: of the picture.
        sheet: whether it is a whole page.
    """
    lines = read_lines(pixels)
    signatures = signatures_in(pixels, lines, sheet)
    unread = sheet and shows_unread(pixels, lines)
    return Reading(lines, barcodes_in(pixels), faces_in(pixels), signatures, unread)


def text_of(pixels: Grey) -> Reading:
    """Return the lines of text alone in a picture, in pixels."""
    return Reading(read_lines(pixels), [], [], [], False)


def has_ink(page: pymupdf.Page) -> bool:
    """Say whether a page shows more than paper."""
    grey = crop(page, Region((0.0, 0.0, page.rect.width, page.rect.height), INK_DPI))
    return int((grey < np.percentile(grey, 90) - INK).sum()) >= INK_PIXELS


def crop(page: pymupdf.Page, region: Region) -> Grey:
    """Render a region; its upper left corner is a pixel's, wherever on the page it stands."""
    x0, y0, x1, y1 = region.box
    scale = region.dpi / 72
    matrix = mupdf.FzMatrix(scale, 0, 0, scale, -x0 * scale, -y0 * scale)
    width, height = math.ceil((x1 - x0) * scale), math.ceil((y1 - y0) * scale)
    pixmap = mupdf.fz_new_pixmap_with_bbox(
        mupdf.FzColorspace(mupdf.FzColorspace.Fixed_GRAY),
        mupdf.FzIrect(0, 0, width, height),
        mupdf.FzSeparations(),
        0,
    )
    mupdf.fz_clear_pixmap_with_value(pixmap, 255)
    device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), pixmap)
    mupdf.fz_run_page(page.this, device, matrix, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    samples = mupdf.fz_pixmap_samples_memoryview(pixmap)
    stride = mupdf.fz_pixmap_stride(pixmap)
    rows = np.frombuffer(samples, np.uint8).reshape(height, stride)
    return rows[:, :width].copy()


def may_hold_text(pixels: Grey) -> bool:
    """Say whether pixels have edges as letters do: one colour, or shades of it, have none."""
    wide = pixels.astype(np.int16)
    edges = int((np.abs(np.diff(wide, axis=0)) >= STEP).sum())
    edges += int((np.abs(np.diff(wide, axis=1)) >= STEP).sum())
    return edges >= LEAST_EDGES


def _images(page: pymupdf.Page) -> Iterator[dict[str, Any]]:
    """Yield the pictures of a page, and of its annotations and fields, as shown."""
    options = mupdf.FzStextOptions(pymupdf.TEXT_PRESERVE_IMAGES)
    text = mupdf.FzStextPage(mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE))
    device = mupdf.fz_new_stext_device(text, options)
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    yield from pymupdf.TextPage(text).extractIMGINFO()


def _resolution(image: dict[str, Any]) -> float:
    """Return a picture's pixels an inch, along the denser of its edges."""
    a, b, c, d = image["transform"][:4]
    sides = max(math.hypot(a, b), 1e-3), max(math.hypot(c, d), 1e-3)
    return float(72 * max(image["width"] / sides[0], image["height"] / sides[1]))


def _limited(box: Box, dpi: float, pixels: int = MOST_PIXELS) -> float:
    area = (box[2] - box[0]) * (box[3] - box[1])
    return min(dpi, 72 * math.sqrt(pixels / max(area, 1.0)))


def _is_legible(box: Box, dpi: float) -> bool:
    shorter, longer = sorted((box[2] - box[0], box[3] - box[1]))
    dots = shorter * dpi / 72, longer * dpi / 72
    return (
        longer >= LEAST_POINTS[0]
        and shorter >= LEAST_POINTS[1]
        and dots[1] >= LEAST_DOTS[0]
        and dots[0] >= LEAST_DOTS[1]
    )


def _joined(found: Sequence[tuple[Box, float]]) -> list[list[tuple[Box, float]]]:
    """Return groups of pictures that touch each other."""
    groups: list[list[tuple[Box, float]]] = []
    for item in found:
        touching = [group for group in groups if any(_touch(item[0], box) for box, _ in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([item, *(other for group in touching for other in group)])
    return groups


def _touch(a: Box, b: Box) -> bool:
    return (
        a[0] <= b[2] + TOUCHING
        and b[0] <= a[2] + TOUCHING
        and a[1] <= b[3] + TOUCHING
        and b[1] <= a[3] + TOUCHING
    )


def _differ_by(a: Grey, b: Grey) -> int:
    """Return by how many grey levels two pictures of one size differ where they differ most."""
    return int(np.abs(a.astype(np.int16) - b).max())


def _on_paper(pixels: Grey, margin: int) -> Grey:
    """Return pixels with a margin of their paper, whose colour most of their edge has."""
    edge = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    return np.pad(pixels, margin, constant_values=int(np.median(edge)))
