"""Characters of a page become words, and words that stand close together become segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pymupdf

FLAGS: Final = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
"""Ligatures are spelled out, and text outside the visible page is read, too."""

GAP: Final = 1.6
"""Horizontal distance, in font sizes, from which two words of a line are apart."""

BOLD, ITALIC = 16, 2
"""Bits of a span's flags (PyMuPDF, "Font flags")."""

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Word:
    """A word, its box in points, and the boundaries between its characters."""

    text: str
    box: Box
    edges: list[float]
    direction: int


@dataclass(slots=True)
class Segment:
    """Words of one line with no wide gap between them."""

    words: list[Word]
    box: Box
    block: int
    direction: int
    size: float
    font: str
    bold: bool
    italic: bool

    @property
    def text(self) -> str:
        """The words, one space between them."""
        return " ".join(word.text for word in self.words)


def segments_of(page: pymupdf.Page) -> list[Segment]:
    """Return a page's segments in the order of its contents.

    Coordinates are those of the page as shown, in points.
    """
    raw = page.get_text("rawdict", flags=FLAGS, clip=pymupdf.INFINITE_RECT())
    found: list[Segment] = []
    for number, block in enumerate(raw["blocks"]):
        for line in block.get("lines", ()):
            direction = (_direction(line["dir"]) + page.rotation) % 360
            if page.rotation:
                _turn(line, page.rotation_matrix)
            found += _cut(_words(line, direction), number, direction)
    return found


def _turn(line: dict[str, Any], matrix: pymupdf.Matrix) -> None:
    """Bring a line's characters to where the page shows them.

    PyMuPDF reports the text of a rotated page in coordinates without the rotation.
    """
    for span in line["spans"]:
        for char in span["chars"]:
            char["bbox"] = tuple(pymupdf.Rect(char["bbox"]) * matrix)


def _direction(vector: tuple[float, float]) -> int:
    """Return the writing direction in degrees clockwise, to the nearest right angle."""
    x, y = vector
    if abs(x) >= abs(y):
        return 0 if x >= 0 else 180
    return 90 if y > 0 else 270


Styled = tuple[Word, dict[str, Any]]


def _words(line: dict[str, Any], direction: int) -> list[Styled]:
    words: list[Styled] = []
    letters: list[dict[str, Any]] = []
    style: dict[str, Any] = {}
    for span in line["spans"]:
        for char in span["chars"]:
            if char["c"].isspace():
                if letters:
                    words.append((_word(letters, direction), style))
                    letters = []
                continue
            if not letters:
                style = span
            letters.append(char)
    if letters:
        words.append((_word(letters, direction), style))
    return words


def _word(letters: list[dict[str, Any]], direction: int) -> Word:
    boxes = [char["bbox"] for char in letters]
    x0, y0 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x1, y1 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    match direction:
        case 0:
            edges = [box[0] - x0 for box in boxes] + [x1 - x0]
        case 90:
            edges = [box[1] - y0 for box in boxes] + [y1 - y0]
        case 180:
            edges = [x1 - box[2] for box in boxes] + [x1 - x0]
        case _:
            edges = [y1 - box[3] for box in boxes] + [y1 - y0]
    text = "".join(char["c"] for char in letters)
    if len(text) != len(letters):  # one glyph may stand for several code points
        edges = [edges[i] for i, char in enumerate(letters) for _ in char["c"]] + edges[-1:]
    for i in range(1, len(edges)):  # kerning may step back; boundaries may not
        edges[i] = max(edges[i], edges[i - 1])
    return Word(text, (x0, y0, x1, y1), edges, direction)


def _cut(words: list[Styled], block: int, direction: int) -> list[Segment]:
    """Cut a line where the gap between two words is wide."""
    near, far = (0, 2) if direction in (0, 180) else (1, 3)
    found: list[Segment] = []
    for word, style in words:
        size = style["size"]
        if found:
            last = found[-1]
            apart = max(word.box[near] - last.box[far], last.box[near] - word.box[far])
            if apart < GAP * size:
                last.words.append(word)
                last.box = union(last.box, word.box)
                continue
        flags = style["flags"]
        bold = bool(flags & BOLD) or "bold" in style["font"].lower()
        italic = bool(flags & ITALIC)
        found.append(Segment([word], word.box, block, direction, size, style["font"], bold, italic))
    return found


def union(a: Box, b: Box) -> Box:
    """Return the smallest box around both."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
