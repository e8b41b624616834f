"""Draws what stands in the place of removed text: a box, white, a label or a surrogate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import pymupdf

from nescio.redact.boxes import Box

Style = Literal["box", "white", "label"]
STYLES: Final = get_args(Style)

SMALLEST: Final = 3.0
"""Points below which replacement text is not shrunk further but left out."""

INK: Final = {"box": (0.0, 0.0, 0.0), "white": (1.0, 1.0, 1.0), "label": (0.87, 0.87, 0.87)}
"""Colour of the rectangle by style."""


def shown_text(box: Box, style: Style) -> str:
    """Return the text that stands in a box in the output: replacement, label or nothing."""
    return box.replacement or (f"[{box.label}]" if style == "label" else "")


def draw(page: pymupdf.Page, boxes: Sequence[tuple[Box, pymupdf.Rect]], style: Style) -> None:
    """Draw rectangles over an unrotated page, then the texts that replace what was there.

    Args:
        page: a page without rotation.
        boxes: each box with its rectangle on the unrotated page.
        style: ``box`` (black), ``white``, or ``label`` (grey with the label's name).
    """
    shape = page.new_shape()
    writer = pymupdf.TextWriter(page.rect)
    written = False
    font = pymupdf.Font("helv")
    for box, rect in boxes:
        text = shown_text(box, style)
        ink = INK["white" if box.replacement else style]
        shape.draw_rect(rect)
        shape.finish(fill=ink, color=None, width=0)
        if text:
            written |= _write(writer, rect, text, font)
    shape.commit()
    if written:
        writer.write_text(page)


def _write(writer: pymupdf.TextWriter, rect: pymupdf.Rect, text: str, font: pymupdf.Font) -> bool:
    size = min(rect.height * 0.75, rect.width / max(font.text_length(text, 1.0), 1e-6))
    if size < SMALLEST:
        return False
    baseline = rect.y1 - (rect.height - size * (font.ascender - font.descender)) / 2
    writer.append((rect.x0, baseline + size * font.descender), text, font=font, fontsize=size)
    return True
