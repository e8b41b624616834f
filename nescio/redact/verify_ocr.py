"""OCR checks: what a machine reads in pictures, and on a few pages without any, holds no secret."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pymupdf
from PIL import Image

from nescio.redact.apply import PAD, Images, images_of, unrotated
from nescio.redact.findings import Findings
from nescio.redact.glyphs import Rect, corners
from nescio.redact.secrets import SecretSearch
from nescio.redact.verify_pictures import Grey, PicturePage, pixels_of, render

Reader = Callable[[npt.NDArray[np.uint8]], str]
"""Reads a picture (rows of grey or RGB pixels) and returns its text."""

DPI: Final = 200
"""Resolution at which pages are read: that at which extraction reads scans."""

TEXT_SAMPLE: Final = 1 / 400
"""Share of the pages without pictures that are read, too: a page costs more than a second, and
the 50 ms in which a page must be done are to be kept on average."""

SMALLEST_READABLE: Final = 40
"""Pixels of width and height from which a picture can hold a name."""

WHOLE: Final = 0.4
"""Share of a page that pictures cover from which it is read as a whole."""

AROUND: Final = 6.0
"""Points around a picture that are read with it."""

COARSE: Final = 8
"""Pixels of a render that are compared as one, to tell whether a page shows a picture as it is."""

CUT_OFF: Final = 0.001
"""Share of a picture that may lie beyond the page's edge: rounding."""

MARGIN: Final = 24
"""Pixels of paper around what is read alone: readers miss text that touches an edge."""

ALIKE: Final = 24
"""Grey levels by which these may differ: resampling, coding."""


class OcrCheck:
    """Reads pages of one document and their pictures, none of them twice."""

    def __init__(self, read: Reader, search: SecretSearch, findings: Findings, seed: str) -> None:
        """Prepare a check.

        Args:
            read: reads a picture.
            search: finds secrets in a text.
            findings: where the results go.
            seed: decides which pages without pictures are read; the same seed, the same pages.
        """
        self._read, self._search, self._findings, self._seed = read, search, findings, seed
        self._pictures: set[int] = set()

    def check(self, item: PicturePage) -> None:
        """Read what pictures show on a page, and the pictures themselves; or the page by chance."""
        with unrotated(item.page) as to_unrotated:
            images = [image for image in images_of(item.page, xrefs=True) if _is_readable(image)]
        if not images:
            if random.Random(f"{self._seed} {item.number}").random() < TEXT_SAMPLE:
                self._judge(18, item.number, "pages", render(item.page, DPI))
            return
        shown = render(item.page, DPI)
        for part in _parts(item.page, images, ~to_unrotated):
            self._judge(18, item.number, "pages", _cut(shown, part))
        for image in images:
            xref = image["xref"]
            if xref and xref not in self._pictures:
                self._pictures.add(xref)
                pixels = pixels_of(item.page.parent, item.file.get_object(xref, 0))
                if not _is_shown(pixels, shown, image, item, ~to_unrotated):
                    self._judge(19, item.number, "pictures", pixels)

    def _judge(self, check: int, page: int, kind: str, pixels: Grey) -> None:
        digest = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
        self._findings.look(check)
        if digest not in self._findings.read and pixels.size:
            self._findings.read[digest] = kind
            if self._search.count(self._read(pixels)):
                self._findings.fail(check, page)


def read_under(shown: Grey, rects: Sequence[Rect], read: Reader) -> str:
    """Return what a page shows under boxes, read one by one.

    Args:
        shown: the page at DPI, as it was before anything was hidden.
        rects: boxes on it, in points of the page as shown.
        read: reads a picture.
    """
    whole = pymupdf.Rect(0, 0, *(pixels * 72 / DPI for pixels in shown.shape[::-1]))
    parts = (_cut(shown, pymupdf.Rect(rect) & whole) for rect in rects)
    paper = int(np.percentile(shown, 90))
    return " ".join(
        read(np.pad(part, MARGIN, constant_values=paper)) for part in parts if part.size
    )


def _is_readable(image: dict[str, object]) -> bool:
    return min(int(str(image["width"])), int(str(image["height"]))) >= SMALLEST_READABLE


def _parts(page: pymupdf.Page, images: Images, shown: pymupdf.Matrix) -> Iterator[pymupdf.Rect]:
    """Yield the parts of a page, as shown, that pictures cover; all of it if they are most."""
    whole = pymupdf.Rect(page.rect)
    places = [pymupdf.Rect(image["bbox"]) * shown & whole for image in images]
    if sum(abs(place.get_area()) for place in places) >= WHOLE * abs(whole.get_area()):
        yield whole
        return
    for place in places:
        if not place.is_empty:
            x0, y0, x1, y1 = corners(place)
            yield pymupdf.Rect(x0 - AROUND, y0 - AROUND, x1 + AROUND, y1 + AROUND) & whole


def _cut(shown: Grey, part: pymupdf.Rect) -> Grey:
    x0, y0, x1, y1 = (int(value * DPI / 72) for value in corners(part))
    return np.ascontiguousarray(shown[y0 : y1 + 1, x0 : x1 + 1])


def _is_shown(
    pixels: Grey,
    shown: Grey,
    image: dict[str, object],
    item: PicturePage,
    to_shown: pymupdf.Matrix,
) -> bool:
    """Say whether a page shows a picture upright and as it is, so that it has been read.

    What lies under boxes is left aside: there all of a picture's pixels have to be alike.
    """
    a, b, c, d, _, _ = pymupdf.Matrix(*image["transform"]) * to_shown  # type: ignore[misc]
    if b or c or min(a, d) <= 0:
        return False
    place = pymupdf.Rect(image["bbox"]) * to_shown
    if (place & item.page.rect).get_area() < (1 - CUT_OFF) * place.get_area():
        return False
    cut = _cut(shown, place)
    size = (max(cut.shape[1] // COARSE, 1), max(cut.shape[0] // COARSE, 1))
    grey = Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BOX)
    seen = Image.fromarray(cut).resize(size, Image.Resampling.BOX)
    difference = np.abs(np.asarray(grey, np.int16) - np.asarray(seen, np.int16))
    wide, high = place.width / size[0], place.height / size[1]
    for box in item.boxes:
        columns = _cells(box.x0 - place.x0, box.x1 - place.x0, wide)
        rows = _cells(box.y0 - place.y0, box.y1 - place.y0, high)
        difference[rows, columns] = 0
    return bool(difference.max() <= ALIKE)


def _cells(start: float, end: float, size: float) -> slice:
    """Return the cells of a size in points that a box touches, and one more on either side."""
    first, last = int((start - PAD) / size) - 1, int((end + PAD) / size) + 2
    return slice(max(first, 0), max(last, 0))
