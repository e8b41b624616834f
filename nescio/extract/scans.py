"""Pages that are pictures: what OCR reads on them becomes words like those of a text layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median, median_low
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.fuzz import ratio

from nescio.extract.characters import normal_pieces
from nescio.extract.words import Box, Run, Style, Word, turned, word_of
from nescio.ocr import Barcode, ReadCharacter, ReadLine

LEAST_CONFIDENCE: Final = 0.85
"""Mean confidence of a page's characters below which a person must look at it."""
POOR_LINE: Final = 0.6
"""Mean confidence below which a line is not read: handwriting, a stamp, a smudge."""
POOR_CHARACTERS: Final = 4
"""Characters from which such a line counts: dust and punch holes are read as shorter ones."""
LEGIBLE: Final = 2
"""Letters and digits, in lines that could be read, that are the least of a text."""

MATCHING: Final = 0.8
"""Likeness, in [0, 1], from which a text layer says what its page shows; a reader errs, too."""
COMPARED: Final = 3
"""Letters and digits of a line that are the least that can be compared."""

UNWRITTEN: Final = Style("", 10.0, False, False)
"""How a word counts as written that no letters on the page show."""

PADDING: Final = 0.5
"""Points by which a word's box is widened on all sides: its edges were seen, not told."""
SIZE: Final = 0.75
"""Font size in heights of the box that the engine draws around a line."""
BASELINE: Final = 0.4
"""Distance of the baseline from that box's lower end, in font sizes."""
ALIKE: Final = 0.2
"""Share by which sizes may differ from the usual one and still count as the same."""


class Scan(NamedTuple):
    """What OCR read on a page.

    Attributes:
        runs: words line by line.
        confidence: mean over characters, in [0, 1]; 1 where there are none.
        legible: whether any of it is text: a smudge may be read as a sign.
        poor: whether a person must look: too much is uncertain.
    """

    runs: list[Run]
    confidence: float
    legible: bool
    poor: bool


def scan_of(lines: Sequence[ReadLine], size: tuple[float, float]) -> Scan:
    """Return what was read on a page.

    Args:
        lines: their corners in points of the page as shown.
        size: width and height of the page, in points.
    """
    if not lines:
        return Scan([], 1.0, False, False)
    turn = _turn(lines)
    centre = (size[0] / 2, size[1] / 2)
    runs = [
        _run(line, Style("", own, False, False), turn, centre)
        for line, own in zip(lines, _sizes(lines), strict=True)
    ]
    runs = [run for run in runs if run]
    counts = [sum(map(len, line.words)) for line in lines]
    mean = sum(line.confidence * count for line, count in zip(lines, counts, strict=True)) / sum(
        counts
    )
    poor = mean < LEAST_CONFIDENCE or any(
        line.confidence < POOR_LINE and count >= POOR_CHARACTERS
        for line, count in zip(lines, counts, strict=True)
    )
    legible = sum(
        character.text.isalnum()
        for line in lines
        if line.confidence >= POOR_LINE
        for word in line.words
        for character in word
    )
    return Scan(runs, mean, legible >= LEGIBLE, poor)


def words_of(code: Barcode) -> Run:
    """Return what a barcode says, each word as wide as all of it."""
    text = "".join(character if character.isprintable() else " " for character in code.text)
    return [word_of(part, code.box, UNWRITTEN) for part in text.split()]


def compared(runs: Sequence[Run], known: Sequence[Run]) -> tuple[list[Run], list[Word]]:
    """Compare what was read with the words of a text layer at the same places.

    Args:
        runs: what was read, line by line.
        known: the words of the text layer that show, as far as it tells.

    Returns:
        What the text layer does not have; and those of its words that say something else than
        what is seen there: a picture covers them, or their font is wrong about its characters.
    """
    words = [word for run in known for word in run]
    boxes = np.array([word.box for word in words], np.float64).reshape(-1, 4)
    found: list[Run] = []
    wrong: dict[int, Word] = {}
    for run in runs:
        differing = _differing(run, words, boxes)
        wrong |= {id(word): word for word in differing}
        kept = [word for word in run if differing or not _covered(word.box, boxes)]
        if kept:
            found.append(kept)
    return found, list(wrong.values())


def _differing(run: Run, known: list[Word], boxes: npt.NDArray[np.float64]) -> list[Word]:
    """Return the words of the text layer on a line that say something else than it."""
    text: list[str] = []
    under: dict[int, None] = {}
    for word in run:
        if word.confidence < POOR_LINE:
            continue
        for character, (x, y) in zip(word.text, _centres(word), strict=True):
            places = np.flatnonzero(_around(x, y, boxes))
            if len(places):
                text.append(character)
                under.update(dict.fromkeys(places.tolist()))
    layer = [known[place] for place in under]
    seen, told = letters_of("".join(text)), letters_of("".join(word.text for word in layer))
    if min(len(seen), len(told)) < COMPARED or ratio(seen, told) >= 100 * MATCHING:
        return []
    return layer


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _centres(word: Word) -> Iterator[tuple[float, float]]:
    """Yield the middle of each character, in points of the page as shown."""
    x0, y0, x1, y1 = word.box
    for first, last in pairwise(word.edges):
        along = (first + last) / 2
        match word.direction:
            case 0:
                yield x0 + along, (y0 + y1) / 2
            case 90:
                yield (x0 + x1) / 2, y0 + along
            case 180:
                yield x1 - along, (y0 + y1) / 2
            case _:
                yield (x0 + x1) / 2, y1 - along


def _covered(box: Box, boxes: npt.NDArray[np.float64]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(_around(x, y, boxes).any())


def _around(x: float, y: float, boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = boxes.T
    inside: npt.NDArray[np.bool_] = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    return inside


def _sizes(lines: Sequence[ReadLine]) -> list[float]:
    """Return each line's font size in points; small differences come from the engine."""
    sizes = [SIZE * float(np.linalg.norm(line.corners[0] - line.corners[3])) for line in lines]
    usual = median_low(sizes)
    near = [size for size in sizes if abs(size - usual) <= ALIKE * usual]
    usual = round(2 * median(near)) / 2
    return [usual if abs(s - usual) <= ALIKE * usual else round(2 * s) / 2 for s in sizes]


def _direction(line: ReadLine) -> int:
    """Return a line's direction of writing in degrees clockwise, to the nearest right angle."""
    return round(line.direction / 90) % 4 * 90


def _turn(lines: Sequence[ReadLine]) -> float:
    """Return by how much the page lies aslant, in radians clockwise: as its longer lines do."""
    turns: list[tuple[float, float]] = []
    for line in lines:
        x, y = line.corners[1] - line.corners[0]
        aslant = math.atan2(y, x) - math.radians(_direction(line))
        turns.append((math.hypot(x, y), math.remainder(aslant, math.tau)))
    turns.sort(reverse=True)
    return median(turn for _, turn in turns[: max(1, len(turns) // 2)])


def _run(line: ReadLine, style: Style, turn: float, centre: tuple[float, float]) -> Run:
    direction = _direction(line)
    words = (_word(word, line, style, direction, turn, centre) for word in line.words)
    return [word for word in words if word.text]


def _word(
    characters: Sequence[ReadCharacter],
    line: ReadLine,
    style: Style,
    direction: int,
    turn: float,
    centre: tuple[float, float],
) -> Word:
    """Make a word; layout sees it where it would stand if the page had not been aslant."""
    near, far = characters[0].near, characters[-1].far
    corners = line.part(near, far)
    x0, y0 = corners.min(axis=0) - PADDING
    x1, y1 = corners.max(axis=0) + PADDING
    pieces = normal_pieces([character.text for character in characters])
    text = "".join(pieces)
    box = (float(x0), float(y0), float(x1), float(y1))
    along = x1 - x0 if direction in (0, 180) else y1 - y0
    scaled = float(along - 2 * PADDING) / max(far - near, 1e-6)
    edges: list[float] = []
    for piece, character in zip(pieces, characters, strict=True):
        first, width = character.near - near, character.far - character.near
        edges += [
            PADDING + scaled * (first + width * part / len(piece)) for part in range(len(piece))
        ]
    edges = [0.0, *edges[1:], float(along)]
    confidence = sum(character.confidence for character in characters) / len(characters)
    word = word_of(text, box, style, direction, confidence, edges=edges)
    word.near, _, word.far, word.base = _straight(corners, turn, centre, direction)
    word.base -= BASELINE * style.size
    return word


def _straight(
    corners: npt.NDArray[np.float64], turn: float, centre: tuple[float, float], direction: int
) -> Box:
    """Return a word's place in the reading frame after the page is turned straight."""
    cosine, sine = math.cos(-turn), math.sin(-turn)
    offset = corners - centre
    x = centre[0] + offset[:, 0] * cosine - offset[:, 1] * sine
    y = centre[1] + offset[:, 0] * sine + offset[:, 1] * cosine
    return turned((float(x.min()), float(y.min()), float(x.max()), float(y.max())), direction)
