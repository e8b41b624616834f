"""Characters of a page, as MuPDF finds them, become runs of words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from operator import ge
from statistics import median
from typing import Any, Final

from nescio.extract.characters import LEADER, SOFT_HYPHEN, normal_pieces
from nescio.extract.words import Box, Rule, Run, Style, Word, hull, turned

BOLD, ITALIC = 16, 2
"""Bits of a span's flags (PyMuPDF, "Font flags")."""
FAKE_BOLD: Final = 8
INKED: Final = 16 | 32
"""Bits of a span's ``char_flags``: boldness by double printing; filled or stroked glyphs."""

SLANTED: Final = 0.05
"""Sine of the angle from which a line counts as slanted, like a watermark across the page."""

LETTERS: Final = 3
COMB: Final = 6
"""Single letters, or signs of any kind, in a row that are one spaced-out word at least."""
SPACED_OUT: Final = 1.3
"""Largest gap, in font sizes, between the letters of a spaced-out word."""

Raw = dict[str, Any]


def direction_of(vector: tuple[float, float]) -> int:
    """Return a writing direction in degrees clockwise, to the nearest right angle."""
    x, y = vector
    if abs(x) >= abs(y):
        return 0 if x >= 0 else 180
    return 90 if y > 0 else 270


class RunReader:
    """Reads lines of MuPDF's ``rawdict``; keeps the styles that it saw, so that each is one."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, float, int, int], Style] = {}
        self.dashes: list[Rule] = []
        self._ends_in_space = False

    def words(self, line: Raw, origin: str) -> Iterator[tuple[Word, Raw]]:
        """Yield the words of a line, each with the span that its first character stands in."""
        spans = line["spans"]
        chars = [char for span in spans for char in span["chars"]]
        if not chars:
            return
        direction = direction_of(line["dir"])
        pieces = [char["c"] for char in chars]
        text = "".join(pieces)
        if len(text) != len(pieces) or not text.isascii():
            pieces = normal_pieces(pieces)
            text = "".join(piece[:1] or "\u200b" for piece in pieces)
        if not text.isspace():
            text = self._without_leaders(text, chars, direction)
        ends = list(accumulate(len(span["chars"]) for span in spans))
        first, length = 0, len(text)
        spaced, self._ends_in_space = self._ends_in_space, chars[-1]["c"].isspace()
        while first < length:
            if text[first] == " ":  # of white space, synthetic or a leader's
                spaced = chars[first]["c"].isspace() and not chars[first]["synthetic"]
                first += 1
                continue
            last = text.find(" ", first)
            last = length if last < 0 else last
            span = spans[bisect_right(ends, first)]
            word = self._word(pieces[first:last], chars[first:last], span, direction, origin)
            if word is not None:
                word.spaced = spaced
                yield word, span
            first = last
            spaced = False

    def _without_leaders(self, text: str, chars: list[Raw], direction: int) -> str:
        """Blank leaders out, and note those that are long as drawn lines."""
        for match in reversed(list(LEADER.finditer(text))):
            first, last = match.span()
            text = f"{text[:first]}{' ' * (last - first)}{text[last:]}"
            if direction == 0:
                start, end = chars[first], chars[last - 1]
                self.dashes.append(Rule(start["origin"][1], start["bbox"][0], end["bbox"][2]))
        return text

    def _word(
        self, pieces: list[str], chars: list[Raw], span: Raw, direction: int, origin: str
    ) -> Word | None:
        text = "".join(pieces)
        if not text or text == SOFT_HYPHEN:
            return None
        boxes = [char["bbox"] for char in chars]
        box, near, far, starts = _placed(boxes, direction)
        if len(text) != len(pieces) or not text.isascii():
            starts = _spread(pieces, starts, far)
        edges = [start - near for start in starts]
        edges.append(far - near)
        if any(map(ge, edges, edges[1:])):
            edges = _widened(edges)
        x, y = chars[0]["origin"]
        base = (y, -x, -y, x)[direction // 90]
        style = self._style(span)
        return Word(text, box, edges, direction, near, far, base, style, origin)

    def _style(self, span: Raw) -> Style:
        key = (span["font"], span["size"], span["flags"], span["char_flags"])
        style = self._styles.get(key)
        if style is None:
            font, size, flags, char_flags = key
            name = font.lower()
            bold = bool(flags & BOLD or char_flags & FAKE_BOLD)
            bold = bold or any(part in name for part in ("bold", "black", "heavy"))
            italic = bool(flags & ITALIC) or "italic" in name or "oblique" in name
            style = self._styles[key] = Style(font, round(size, 2), bold, italic)
        return style


def _placed(boxes: list[Box], direction: int) -> tuple[Box, float, float, list[float]]:
    """Return a word's box, its two ends, and where each of its glyphs starts."""
    if direction == 0:
        starts = [box[0] for box in boxes]
        x0, y0, x1, y1 = hull(boxes)
        return (x0, y0, x1, y1), x0, x1, starts
    whole = hull(boxes)
    frame = turned(whole, direction)
    return whole, frame[0], frame[2], [turned(box, direction)[0] for box in boxes]


def _spread(pieces: list[str], starts: list[float], far: float) -> list[float]:
    """Give every code point a start, where a glyph stands for none or for several of them."""
    spread: list[float] = []
    for number, piece in enumerate(pieces):
        start = starts[number]
        end = starts[number + 1] if number + 1 < len(starts) else far
        spread += [start + (end - start) * part / len(piece) for part in range(len(piece))]
    return spread


def _widened(edges: list[float]) -> list[float]:
    """Share room with characters that have none: the parts of a ligature after its first.

    Kerning may make a glyph start before its neighbour; boundaries may not step back.
    """
    for number in range(1, len(edges)):
        edges[number] = max(edges[number], edges[number - 1])
    first = 0
    while first < len(edges) - 1:
        last = first + 1
        while last < len(edges) and edges[last] == edges[first]:
            last += 1
        if last - first > 1:
            start = max(first - 1, 0) if last == len(edges) else first
            end = min(last, len(edges) - 1)
            step = (edges[end] - edges[start]) / (end - start)
            for number in range(start + 1, end):
                edges[number] = edges[start] + step * (number - start)
        first = last
    return edges


def closed_up(run: Run) -> Run:
    """Join the letters of spaced-out words: ``J o h n`` becomes ``John``."""
    singles = [len(word.text) == 1 for word in run]
    if sum(singles) < LETTERS:
        return run
    closed: Run = []
    first = 0
    while first < len(run):
        last = first
        while last < len(run) and singles[last]:
            last += 1
        if last - first >= LETTERS:
            closed += _close(run[first:last])
        else:
            last = max(last, first + 1)
            closed += run[first:last]
        first = last
    return closed


def _close(letters: Run) -> Run:
    """Join single letters where the gaps between them are alike; a wider gap parts two words."""
    gaps = [b.near - a.far for a, b in pairwise(letters)]
    usual = median(sorted(gaps)[: max(1, len(gaps) * 2 // 3)])
    limit = min(1.6 * max(usual, 0.0) + 0.5, SPACED_OUT * letters[0].style.size)
    words: Run = []
    start = 0
    for number in range(1, len(letters) + 1):
        if number == len(letters) or gaps[number - 1] > limit:
            piece = letters[start:number]
            words += [_joined(piece)] if _is_one_word(piece, len(letters)) else piece
            start = number
    return words


def _is_one_word(letters: Run, around: int) -> bool:
    text = "".join(letter.text for letter in letters)
    if text.isalpha():
        enough = LETTERS if not text.isupper() else LETTERS + 1
        return len(text) >= enough or (len(text) > 1 and around >= COMB)
    return len(text) >= COMB and text.isalnum()


def _joined(letters: Run) -> Word:
    first, last = letters[0], letters[-1]
    edges = [letter.near - first.near for letter in letters] + [last.far - first.near]
    return Word(
        "".join(letter.text for letter in letters),
        hull([letter.box for letter in letters]),
        edges,
        first.direction,
        first.near,
        last.far,
        first.base,
        first.style,
        first.origin,
        first.spaced,
        min(letter.confidence for letter in letters),
    )
