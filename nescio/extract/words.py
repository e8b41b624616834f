"""Words on a page, whatever read them: the text layer or OCR; layout builds on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points of the page as shown."""

BASELINE: Final = 0.22
"""Share of a box's height below the baseline, where the source does not tell the baseline."""


class Style(NamedTuple):
    """How characters look."""

    font: str
    size: float  # points
    bold: bool
    italic: bool


@dataclass(slots=True)
class Word:
    """A word, where it stands, and how it looks.

    ``near``, ``far`` and ``base`` place it in the *reading frame* of its direction: the page
    turned so that the word reads from left to right. They are what layout works with.
    """

    text: str
    box: Box
    edges: list[float]  # boundaries between characters, points from the leading edge
    direction: int  # 0, 90, 180, 270 degrees clockwise
    near: float  # leading edge, along the writing direction
    far: float  # trailing edge
    base: float  # baseline, across the writing direction
    style: Style
    origin: str  # one of PARAGRAPH_ORIGINS
    spaced: bool = True  # a white-space glyph stands before it, not only a gap
    confidence: float = 1.0


Run = list[Word]
"""Words of one line in the order of writing."""


class Rule(NamedTuple):
    """A drawn line, or an edge of a drawn rectangle, parallel to the page's edges."""

    at: float  # across the rule
    start: float
    end: float


class Rules(NamedTuple):
    """The drawn lines of a page in one reading frame."""

    horizontal: list[Rule]
    vertical: list[Rule]


def turned(box: Box, direction: int) -> Box:
    """Return a box in the reading frame of a direction: near, top, far, bottom."""
    x0, y0, x1, y1 = box
    match direction:
        case 0:
            return box
        case 90:
            return y0, -x1, y1, -x0
        case 180:
            return -x1, -y1, -x0, -y0
        case _:
            return -y1, x0, -y0, x1


def turned_rules(rules: Rules, direction: int) -> Rules:
    """Return a page's drawn lines in the reading frame of a direction."""
    if direction == 0:
        return rules
    sign = 1 if direction == 270 else -1
    flip = 1 if direction == 90 else -1

    def moved(rule: Rule, at: int, ends: int) -> Rule:
        start, end = sorted((ends * rule.start, ends * rule.end))
        return Rule(at * rule.at, start, end)

    if direction == 180:
        return Rules(
            [moved(rule, -1, -1) for rule in rules.horizontal],
            [moved(rule, -1, -1) for rule in rules.vertical],
        )
    return Rules(
        [moved(rule, sign, flip) for rule in rules.vertical],
        [moved(rule, flip, sign) for rule in rules.horizontal],
    )


def word_of(
    text: str,
    box: Box,
    style: Style,
    direction: int = 0,
    confidence: float = 1.0,
    origin: str = "ocr",
    edges: Sequence[float] | None = None,
) -> Word:
    """Make a word from what an engine without glyphs (OCR) tells of it.

    Args:
        text: the word, without white space.
        box: in points of the page as shown.
        style: how it looks; ``size`` in points.
        direction: of writing, in degrees clockwise.
        confidence: in [0, 1].
        origin: one of PARAGRAPH_ORIGINS.
        edges: boundaries between its characters; spread evenly where they are not known.
    """
    near, top, far, bottom = turned(box, direction)
    if edges is None:
        edges = [(far - near) * number / len(text) for number in range(len(text) + 1)]
    base = bottom - BASELINE * (bottom - top)
    return Word(text, box, list(edges), direction, near, far, base, style, origin, True, confidence)


def hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all."""
    if len(boxes) == 1:
        return boxes[0]
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
