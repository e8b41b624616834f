"""Draws what stands in the place of removed text: a box, white, a label or a surrogate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal, get_args

import pymupdf

from nescio.redact.apply import PAD, Cleared
from nescio.redact.boxes import Box
from nescio.redact.glyphs import Setting

Style = Literal["box", "white", "label"]
STYLES: Final = get_args(Style)

SMALLEST: Final = 2.5
"""Points below which replacement text is not shrunk further but left out."""

RISE, FALL = 0.86, 0.24
"""Height above and depth below the baseline, in font sizes, of the box drawn for removed text."""

INK: Final = {"box": "0 g", "white": "1 g", "label": "0.87 g"}
"""Operator that sets the rectangle's grey, by style."""

ITALIC, SERIF, MONO, BOLD = 2, 4, 8, 16
"""Bits of PyMuPDF's font flags."""

FAMILIES: Final = {
    "sans": ("helv", "heit", "hebo", "hebi"),
    "serif": ("tiro", "tiit", "tibo", "tibi"),
    "mono": ("cour", "coit", "cobo", "cobi"),
}
"""Fonts with the metrics of Helvetica, Times and Courier: regular, italic, bold, both."""


def shown_text(box: Box, style: str) -> str:
    """Return the text that stands in a box in the output: replacement, label or nothing."""
    if style == "label" and box.leading:
        return box.replacement or f"[{box.label}]"
    return box.replacement


def draw(
    page: pymupdf.Page,
    boxes: Sequence[tuple[Box, pymupdf.Rect]],
    cleared: Cleared,
    style: Style,
    whole: bool = False,
) -> None:
    """Draw rectangles over an unrotated page, then the texts that replace what was there.

    Args:
        page: a page without rotation whose contents leave the graphics state balanced.
        boxes: each box with its rectangle on the unrotated page.
        cleared: what stood in the boxes.
        whole: cover boxes of text in their full height, too.
        style: ``box`` (black), ``white``, or ``label`` (grey with the label's name).
    """
    to_pdf = ~page.transformation_matrix
    operators = []
    texts = []
    replaced = {box.mention for box, _ in boxes if box.replacement}
    for number, (box, rect) in enumerate(boxes):
        ink = INK["white" if box.mention in replaced else style]
        setting = cleared.settings.get(number)
        if number in cleared.pictured:
            drawn = pymupdf.Rect(rect.x0 - PAD, rect.y0 - PAD, rect.x1 + PAD, rect.y1 + PAD)
        else:
            drawn = rect if whole else _trimmed(rect, setting)
        x0, y0, x1, y1 = (drawn * to_pdf).normalize()
        operators.append(f"{ink} {x0:.3f} {y0:.3f} {x1 - x0:.3f} {y1 - y0:.3f} re f")
        text = shown_text(box, style)
        if text and (box.replacement or box.mention not in replaced):
            texts.append((text, rect, setting))
    contents = "q\n" + "\n".join(operators) + "\nQ"
    pymupdf.TOOLS._insert_contents(page, contents.encode(), True)
    _write(page, texts)


def _write(page: pymupdf.Page, texts: Sequence[tuple[str, pymupdf.Rect, Setting | None]]) -> None:
    upright = pymupdf.TextWriter(page.rect)
    level = False
    for text, rect, setting in texts:
        setting = setting or _guess(rect)
        font = _font(setting.flags, text)
        x, y = setting.direction
        length = abs(rect.width * x) + abs(rect.height * y)
        size = min(setting.size, length / max(font.text_length(text, 1.0), 1e-6))
        if size < SMALLEST:
            continue
        if (x, y) == (1.0, 0.0):
            upright.append(setting.origin, text, font=font, fontsize=size)
            level = True
            continue
        turned = pymupdf.TextWriter(page.rect)
        origin = pymupdf.Point(setting.origin)
        turned.append(origin, text, font=font, fontsize=size)
        turned.write_text(page, morph=(origin, pymupdf.Matrix(x, -y, y, x, 0, 0)))
    if level:
        upright.write_text(page)


def _trimmed(rect: pymupdf.Rect, setting: Setting | None) -> pymupdf.Rect:
    """Cut a box of glyphs, which are gone, to the height of letters: lines may stand close."""
    if setting is None or 0.0 not in setting.direction:
        return rect
    x, y = setting.origin
    up, down = RISE * setting.size, FALL * setting.size
    cosine, sine = setting.direction
    if cosine:
        top, bottom = (y - up, y + down) if cosine > 0 else (y - down, y + up)
        cut = pymupdf.Rect(rect.x0, top, rect.x1, bottom)
    else:
        left, right = (x - down, x + up) if sine > 0 else (x - up, x + down)
        cut = pymupdf.Rect(left, rect.y0, right, rect.y1)
    cut &= rect
    return rect if cut.is_empty else cut


def _guess(rect: pymupdf.Rect) -> Setting:
    """Return a setting for text in a box that held none: a picture's."""
    if rect.height > 2 * rect.width:
        size = rect.width * 0.75
        return Setting(size, 0, (rect.x1 - rect.width * 0.2, rect.y1), (0.0, -1.0))
    size = rect.height * 0.75
    return Setting(size, 0, (rect.x0, rect.y1 - rect.height * 0.2), (1.0, 0.0))


def _font(flags: int, text: str) -> pymupdf.Font:
    family = "mono" if flags & MONO else "serif" if flags & SERIF else "sans"
    font = _load(FAMILIES[family][bool(flags & ITALIC) + 2 * bool(flags & BOLD)])
    if all(font.has_glyph(ord(char)) for char in text):
        return font
    return _load("cjk")  # Droid Sans Fallback: most other scripts


@cache
def _load(name: str) -> pymupdf.Font:
    return pymupdf.Font(name)
