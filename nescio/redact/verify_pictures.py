"""Picture checks: pixels of images under boxes, paths under boxes, and the page as rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pikepdf
import pymupdf
import pypdfium2

from nescio.redact.apply import images_of, unrotated
from nescio.redact.boxes import Box
from nescio.redact.covered import covered_glyphs
from nescio.redact.findings import Findings
from nescio.redact.glyphs import Rect, corners, overlap
from nescio.redact.paths import ink_under

Grey = npt.NDArray[np.uint8]

DPI: Final = 60
"""Resolution of the renders that are compared."""

PICTURE_DPI: Final = 200
"""The same for pages that became pictures: at their own resolution, or letters differ at edges."""

VISIBLE: Final = 40
"""Difference of grey levels (of 256) from which a pixel counts as changed: its own, and that from
what its neighbours span."""

COLLATERAL: Final = 0.0005
"""Share of a page's pixels outside boxes that may change (PDF.md, row 31)."""

MARGIN: Final = 2.0
"""Points around a box that may change with it."""

SMOOTH: Final = 6
"""Grey levels by which pixels of a cleared area may differ: rounding of colour spaces."""

RINGING: Final = 64
"""Grey levels by which they may differ in a JPEG where no block lies wholly in the box."""

JPEG_BLOCK: Final = 16
"""Side, in pixels, of what a JPEG codes together (with colours at half the resolution)."""

SAMPLES: Final = (12, 48)
"""Rows and columns of the grid at which a box's pixels are read."""


@dataclass(frozen=True)
class PicturePage:
    """One page of the output (and of the original), open in MuPDF; the output in pikepdf, too.

    ``is_picture`` marks a page that was turned into a picture of itself.
    """

    number: int
    page: pymupdf.Page
    original: pymupdf.Page | None
    file: pikepdf.Pdf
    boxes: Sequence[Box]
    is_picture: bool = False


def check_images(item: PicturePage, findings: Findings) -> int:
    """Check that images drawn under boxes hold nothing there; returns how many were drawn."""
    with unrotated(item.page) as matrix:
        images = images_of(item.page, xrefs=True)
        rects = [corners(pymupdf.Rect(box.rect) * matrix) for box in item.boxes]
    for image in images:
        under = [rect for rect in rects if overlap(rect, image["bbox"])]
        if not under:
            continue
        if not image["xref"]:
            findings.notes[19] = "inline images were compared as rendered"
            continue
        layers = _layers(item.page.parent, item.file.get_object(image["xref"], 0))
        for rect in under:
            smooth = all(_is_smooth(layer, image["transform"], rect) for layer in layers)
            findings.judge(19, smooth, item.number)
            findings.judge(20, smooth, item.number)
    return len(images)


@dataclass(frozen=True)
class _Layer:
    """Pixels of a picture or of its mask, and the side of the blocks in which it is coded."""

    pixels: Grey
    block: int


def _layers(document: pymupdf.Document, image: Any) -> list[_Layer]:
    masks = (image.get(key) for key in ("/SMask", "/Mask"))
    streams = [image, *(mask for mask in masks if isinstance(mask, pikepdf.Stream))]
    return [_Layer(pixels_of(document, stream), _block(stream)) for stream in streams]


def _block(stream: Any) -> int:
    return JPEG_BLOCK if "DCTDecode" in str(stream.get("/Filter")) else 1


def pixels_of(document: pymupdf.Document, stream: Any) -> Grey:
    """Return the pixels of a picture without its masks: rows of grey levels or of RGB.

    Args:
        document: the file, open in MuPDF, which decodes what pikepdf cannot (JBIG2, JPEG 2000).
        stream: the picture in the same file, open in pikepdf.
    """
    try:
        picture = pikepdf.PdfImage(stream).as_pil_image(apply_mask=False)
    except (pikepdf.PikepdfError, NotImplementedError, ValueError, OSError):
        pixmap = pymupdf.Pixmap(document, stream.objgen[0])
        if pixmap.colorspace is None or pixmap.colorspace.n not in (1, 3):
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
        if pixmap.alpha:
            pixmap = pymupdf.Pixmap(pixmap, 0)
        shape = (pixmap.height, pixmap.width, pixmap.n)
        return np.frombuffer(pixmap.samples, np.uint8).reshape(shape).squeeze()
    if picture.mode not in {"L", "1"}:
        picture = picture.convert("RGB")
    pixels = np.asarray(picture)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * 255
    return pixels


def _is_smooth(layer: _Layer, transform: Sequence[float], rect: Rect) -> bool:
    """Say whether all pixels that a picture shows in a box are alike.

    Blocks of a JPEG that lie across the edge of the box ring with what is beside it; only such
    that lie wholly inside are looked at, or the middle of the box if there is none.

    Args:
        layer: rows of pixels, top first.
        transform: from the unit square, y down, to the page.
        rect: the box, which is looked at without its outermost half point.
    """
    inverse = ~pymupdf.Matrix(*transform)
    if not any(inverse):
        return True
    rows, columns = SAMPLES
    x, y = np.meshgrid(
        np.linspace(rect[0] + 0.5, rect[2] - 0.5, columns),
        np.linspace(rect[1] + 0.5, rect[3] - 0.5, rows),
    )
    height, width = layer.pixels.shape[:2]
    u = (inverse.a * x + inverse.c * y + inverse.e) * width
    v = (inverse.b * x + inverse.d * y + inverse.f) * height
    inside = (u > 0) & (u < width) & (v > 0) & (v < height)
    if not inside.any():
        return True
    found = layer.pixels[v[inside].astype(int), u[inside].astype(int)]
    if layer.block > 1:
        whole = _in_whole_blocks(u, layer.block) & _in_whole_blocks(v, layer.block) & inside
        if not whole.any():
            return bool((np.ptp(found, axis=0) <= RINGING).all())
        found = layer.pixels[v[whole].astype(int), u[whole].astype(int)]
    return bool((np.ptp(found, axis=0) <= SMOOTH).all())


def _in_whole_blocks(positions: npt.NDArray[np.float64], block: int) -> npt.NDArray[Any]:
    """Mark positions in blocks that lie wholly between the smallest and the largest position."""
    first = np.ceil(positions.min() / block) * block
    last = np.floor(positions.max() / block) * block
    within: npt.NDArray[Any] = (positions >= first) & (positions < last)
    return within


def check_drawings(item: PicturePage, words: Sequence[Any], findings: Findings) -> None:
    """Check that drawings leave only rules under boxes, and no text under rectangles.

    Args:
        item: the page.
        words: its words, as :func:`nescio.redact.verify_text.check_text` returns them.
        findings: where the result goes.
    """
    findings.look(24, count=len(item.boxes))
    findings.look(34)
    with unrotated(item.page) as matrix:
        drawings = item.page.get_cdrawings()
        rects = [corners(pymupdf.Rect(box.rect) * matrix) for box in item.boxes]
        left = ink_under(drawings, rects)
        covered = covered_glyphs(item.page, drawings, words)
    if left:
        findings.fail(24, item.number, len(left))
    if covered:
        findings.fail(34, item.number, len(covered))


def check_render(
    item: PicturePage, second: pypdfium2.PdfPage, pictured: bool, findings: Findings
) -> None:
    """Compare the page as rendered with the original outside the boxes, and look inside them.

    Args:
        item: the page.
        second: the same page of the output, open in PDFium.
        pictured: whether it shows pictures, so that a translucent cover is possible.
        findings: where the result goes.
    """
    if item.original is not None:
        dpi = PICTURE_DPI if item.is_picture else DPI
        before, after = render(item.original, dpi), render(item.page, dpi)
        same = _is_same_outside(before, after, item.boxes, dpi / 72)
        findings.judge(31, same, item.number)
    if not pictured:
        return
    seen = second.render(scale=DPI / 72, grayscale=True, may_draw_forms=False).to_numpy()
    scale = DPI / 72
    for box in item.boxes:
        if box.replacement or min(box.x1 - box.x0, box.y1 - box.y0) * scale < 4:
            continue
        middle, third = (box.y0 + box.y1) / 2, (box.y1 - box.y0) / 6
        rows = slice(int((middle - third) * scale), int((middle + third) * scale) + 1)
        columns = slice(int(box.x0 * scale) + 2, int(box.x1 * scale) - 1)
        inside = seen[rows, columns]
        findings.judge(29, inside.size == 0 or int(np.ptp(inside)) <= SMOOTH, item.number)


def _is_same_outside(before: Grey, after: Grey, boxes: Sequence[Box], scale: float) -> bool:
    if before.shape != after.shape:
        return False
    outside = np.ones(after.shape, dtype=bool)
    for box in boxes:
        x0, y0 = int((box.x0 - MARGIN) * scale), int((box.y0 - MARGIN) * scale)
        x1, y1 = int((box.x1 + MARGIN) * scale) + 2, int((box.y1 + MARGIN) * scale) + 2
        outside[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = False
    greys = before.astype(np.int16), after.astype(np.int16)
    changed = _leaves(*greys) | _leaves(*reversed(greys))
    return bool((changed & outside).sum() < COLLATERAL * max(outside.sum(), 1))


def _leaves(picture: npt.NDArray[np.int16], other: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Return where a picture leaves what the nine pixels of another around the same place span.

    Numbers in rewritten contents are rounded. Where a letter moves by a ten-thousandth of a point
    over one of the four places within a pixel that MuPDF draws letters at, its edges change by a
    quarter of their grey; what is gone or new changes by all of it.
    """
    from scipy.ndimage import maximum_filter, minimum_filter

    darkest, lightest = minimum_filter(other, 3), maximum_filter(other, 3)
    left: npt.NDArray[np.bool_] = (picture < darkest - VISIBLE) | (picture > lightest + VISIBLE)
    return left


def render(page: pymupdf.Page, dpi: int = DPI) -> Grey:
    """Return a page as shown, in grey."""
    pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, annots=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
