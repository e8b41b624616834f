"""Finds pictures of which a page shows only a part: all their pixels are in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pymupdf
from pymupdf import mupdf

from nescio.redact.glyphs import Rect, corners

BORDER: Final = 4.0
"""Points by which a picture may reach beyond what is shown of it: nothing to read."""


class _ImageDevice(mupdf.FzDevice2):  # type: ignore[misc]
    """Notes for each picture that a page draws its rectangle and the visible part of it.

    The method names and signatures are MuPDF's. Clips other than paths (text, masks) only count:
    what they show of a picture is its visible form, not a crop.
    """

    def __init__(self, page: Rect) -> None:
        super().__init__()
        self.found: list[tuple[Rect, Rect]] = []
        self._clips = [page]
        for name in (
            "clip_path",
            "clip_stroke_path",
            "clip_text",
            "clip_stroke_text",
            "clip_image_mask",
            "end_mask",
            "pop_clip",
            "fill_image",
            "fill_image_mask",
        ):
            getattr(self, f"use_virtual_{name}")()

    def clip_path(self, _ctx: Any, path: Any, _even_odd: Any, ctm: Any, _scissor: Any) -> None:
        bounds = mupdf.ll_fz_bound_path(path, None, ctm)
        self._clips.append(_common(self._clips[-1], (bounds.x0, bounds.y0, bounds.x1, bounds.y1)))

    def _clip_same(self, *_arguments: Any) -> None:
        self._clips.append(self._clips[-1])

    clip_stroke_path = clip_text = clip_stroke_text = clip_image_mask = end_mask = _clip_same

    def pop_clip(self, *_arguments: Any) -> None:
        if len(self._clips) > 1:
            self._clips.pop()

    def fill_image(self, _ctx: Any, _image: Any, ctm: Any, *_more: Any) -> None:
        unit = mupdf.FzRect(mupdf.FzRect.Fixed_UNIT)
        bounds = mupdf.ll_fz_transform_rect(unit.internal(), ctm)
        whole = bounds.x0, bounds.y0, bounds.x1, bounds.y1
        self.found.append((whole, _common(whole, self._clips[-1])))

    fill_image_mask = fill_image


def hidden_parts(page: pymupdf.Page) -> list[Rect]:
    """Return rectangles in which an unrotated page draws pictures that do not show there.

    Where another picture does show in such a place, that part is left out: pixels can only be
    cleared by place.
    """
    device = _ImageDevice(corners(page.rect))
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    parts = []
    for number, (whole, visible) in enumerate(device.found):
        others = [shown for other, (_, shown) in enumerate(device.found) if other != number]
        parts += [
            piece
            for frame in _around(whole, visible)
            for piece in _without(frame, others)
            if min(piece[2] - piece[0], piece[3] - piece[1]) > BORDER
        ]
    return parts


def _around(whole: Rect, visible: Rect) -> Iterator[Rect]:
    """Yield the parts of ``whole`` above, below, left and right of ``visible``."""
    if visible[0] >= visible[2] or visible[1] >= visible[3]:
        yield whole
        return
    yield whole[0], whole[1], whole[2], visible[1]
    yield whole[0], visible[3], whole[2], whole[3]
    yield whole[0], visible[1], visible[0], visible[3]
    yield visible[2], visible[1], whole[2], visible[3]


def _without(rect: Rect, others: Sequence[Rect]) -> list[Rect]:
    """Return what is left of ``rect`` when the others are cut out of it."""
    pieces = [rect]
    for other in others:
        cut = []
        for piece in pieces:
            common = _common(piece, other)
            empty = common[0] >= common[2] or common[1] >= common[3]
            cut += [piece] if empty else list(_around(piece, common))
        pieces = [piece for piece in cut if piece[0] < piece[2] and piece[1] < piece[3]]
    return pieces


def _common(a: Rect, b: Rect) -> Rect:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
