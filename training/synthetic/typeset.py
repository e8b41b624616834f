"""Breaks marked text into lines whose every character has a known place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from training.synthetic.fonts import Face, face
from training.synthetic.text import Mark, Text

Align = Literal["left", "right", "center", "justify"]

# A line may break after a space or after a hyphen between letters (Smith-|Jones).
_PIECE = re.compile(r"[^ ]*?[^\W\d]-(?=[^\W\d])|[^ ]+")


@dataclass(frozen=True)
class Style:
    """How a paragraph looks: font, size and leading (points), alignment, colour (RGB)."""

    family: str = "helvetica"
    size: float = 10.0
    leading: float = 1.3  # of the size
    bold: bool = False
    italic: bool = False
    align: Align = "left"
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def but(self, **changes: object) -> Style:
        """Return this style with some properties changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def line_height(self) -> float:
        """Distance between baselines in points."""
        return self.size * self.leading


class Segment(NamedTuple):
    """Characters drawn in one go: place (points from the line's start), offset in the text."""

    x: float
    plain: str
    face: Face
    start: int


class Line(NamedTuple):
    """One line: its segments, the range of the text that it shows, its width in points."""

    segments: Sequence[Segment]
    start: int
    end: int
    width: float


class _Word(NamedTuple):
    plain: str
    width: float
    face: Face
    start: int
    glue: float  # width of the space before it


@lru_cache(maxsize=256)
def _faces(style: Style) -> tuple[Face, Face]:
    regular = face(style.family, style.bold, style.italic)
    return regular, face(style.family, True, style.italic)


def _words(text: Text, style: Style, bold_until: int, limit: float) -> list[_Word]:
    regular, bold = _faces(style)
    size = style.size
    space = regular.measure(" ")[0] * size
    plain = text.plain
    words = []
    end_before = 0
    for found in _PIECE.finditer(plain):
        start = found.start()
        piece = found.group()
        width, shown_by = (bold if start < bold_until else regular).measure(piece)
        word = _Word(piece, width * size, shown_by, start, space * (start - end_before))
        words.extend([word] if word.width <= limit else _chopped(word, limit, size))
        end_before = found.end()
    return words


def _chopped(word: _Word, limit: float, size: float) -> list[_Word]:
    """Cut a word that is wider than its column (an e-mail address in a narrow cell)."""
    cut = 1
    while word.face.width(word.plain[: cut + 1]) * size <= limit:
        cut += 1
    head = word._replace(plain=word.plain[:cut], width=word.face.width(word.plain[:cut]) * size)
    plain, width = word.plain[cut:], word.width - head.width
    rest = _Word(plain, width, word.face, word.start + cut, 0.0)
    return [head, *([rest] if width <= limit or len(plain) < 2 else _chopped(rest, limit, size))]


def break_lines(
    text: Text, style: Style, width: float, indent: float = 0.0, bold_until: int = 0
) -> list[Line]:
    """Fill lines greedily.

    Args:
        text: what to set; runs of spaces inside a line are kept, those at a break vanish.
        style: font, size, alignment.
        width: of the column, in points. A word that is wider is cut.
        indent: of the first line, in points.
        bold_until: offset up to which words are bold (a lead-in such as ``Plan:``).
    """
    lines: list[Line] = []
    row: list[_Word] = []
    used = offset = indent
    for word in _words(text, style, bold_until, width):
        if row and used + word.glue + word.width > width:
            lines.append(_line(row, style, width, offset, last=False))
            row, used, offset = [], 0.0, 0.0
        used += word.width + (word.glue if row else 0.0)
        row.append(word)
    if row:
        lines.append(_line(row, style, width, offset, last=True))
    return lines


def _line(row: list[_Word], style: Style, width: float, offset: float, *, last: bool) -> Line:
    natural = sum(word.width + word.glue for word in row) - row[0].glue
    spread = 0.0
    x = offset
    if style.align == "justify" and not last:
        gaps = sum(1 for word in row[1:] if word.glue)
        spread = max(0.0, (width - offset - natural) / gaps) if gaps else 0.0
    elif style.align == "right":
        x = width - natural
    elif style.align == "center":
        x = (width - natural) / 2
    segments: list[Segment] = []
    for index, word in enumerate(row):
        if index:
            x += word.glue + (spread if word.glue else 0.0)
        segments.append(Segment(x, word.plain, word.face, word.start))
        x += word.width
    if not spread:
        segments = _joined(segments, style.size)
    return Line(segments, row[0].start, row[-1].start + len(row[-1].plain), x - offset)


def _joined(words: list[Segment], size: float) -> list[Segment]:
    """Join words of one font that stand where drawing them as one string would put them."""
    joined: list[Segment] = []
    run: list[Segment] = []
    for word in [*words, None]:
        if run and (word is None or word.face is not run[0].face):
            plain = run[0].plain
            for before, after in itertools.pairwise(run):
                gap = after.start - before.start - len(before.plain)
                plain += " " * gap + after.plain
            joined.append(run[0]._replace(plain=plain))
            run = []
        if word is not None:
            run.append(word)
    return joined


def extent(line: Line, mark: Mark, size: float) -> list[tuple[float, float]]:
    """Return from where to where, in points from the line's start, the mark runs on this line.

    One range for the whole line; an empty list where the mark does not touch it.
    """
    start, end = max(mark.start, line.start), min(mark.end, line.end)
    if start >= end:
        return []
    left = right = None
    for segment in line.segments:
        stop = segment.start + len(segment.plain)
        if left is None and start < stop:
            left = (
                segment.x
                + segment.face.width(segment.plain[: max(0, start - segment.start)]) * size
            )
        if segment.start < end:
            right = segment.x + segment.face.width(segment.plain[: end - segment.start]) * size
    assert left is not None and right is not None
    return [(left, right)]
