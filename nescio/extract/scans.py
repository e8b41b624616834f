"""Pages that are pictures: what OCR reads on them becomes words like those of a text layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pymupdf

from nescio.extract.characters import normal_pieces
from nescio.extract.words import Box, Run, Style, Word, turned, word_of
from nescio.ocr import ReadCharacter, ReadLine, read_lines

DPI: Final = 200
"""Resolution at which pages are read."""
MOST_PIXELS: Final = 16_000_000
"""A larger page (A3 has 7.7 million pixels) is read at a lower resolution."""
PICTURED: Final = 0.4
"""Share of a page that pictures cover from which it is read though it has a text layer."""

LEAST_CONFIDENCE: Final = 0.85
"""Mean confidence of a page's characters below which a person must look at it."""
POOR_LINE: Final = 0.6
"""Mean confidence below which a line is not read: handwriting, a stamp, a smudge."""
POOR_CHARACTERS: Final = 4
"""Characters from which such a line counts: dust and punch holes are read as shorter ones."""
LEGIBLE: Final = 2
"""Letters and digits, in lines that could be read, that are the least of a text."""

INK_DPI: Final = 36
INK: Final = 60
"""Grey levels below the paper's from which a pixel is ink."""
INK_PIXELS: Final = 6
"""Pixels of ink, at that resolution, that are more than dust."""

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


def is_pictured(page: pymupdf.Page) -> bool:
    """Say whether pictures cover so much of a page that its text layer may not tell all."""
    area = sum(
        abs((pymupdf.Rect(image["bbox"]) & page.mediabox).get_area())
        for image in page.get_image_info()
    )
    return bool(area >= PICTURED * abs(page.rect.get_area()))


def has_ink(page: pymupdf.Page) -> bool:
    """Say whether a page shows more than paper."""
    grey = _rendered(page, INK_DPI)
    return int((grey < np.percentile(grey, 90) - INK).sum()) >= INK_PIXELS


def read_scan(page: pymupdf.Page) -> Scan:
    """Read a page, as it shows, by OCR."""
    width, height = page.rect.width, page.rect.height
    dpi = min(DPI, int(72 * math.sqrt(MOST_PIXELS / max(width * height, 1.0))))
    lines = read_lines(_rendered(page, dpi))
    if not lines:
        return Scan([], 1.0, False, False)
    sizes = _sizes(lines, 72 / dpi)
    turn = _turn(lines)
    centre = (width / 2, height / 2)
    runs = [
        _run(line, 72 / dpi, Style("", size, False, False), turn, centre)
        for line, size in zip(lines, sizes, strict=True)
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


def new_runs(runs: Sequence[Run], known: Sequence[Run]) -> list[Run]:
    """Return the words of ``runs`` that do not stand where ``known`` ones do."""
    boxes = np.array([word.box for run in known for word in run], np.float64).reshape(-1, 4)
    found: list[Run] = []
    for run in runs:
        kept = [word for word in run if not _covered(word.box, boxes)]
        if kept:
            found.append(kept)
    return found


def _covered(box: Box, boxes: npt.NDArray[np.float64]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x0, y0, x1, y1 = boxes.T
    return bool(((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)).any())


def _rendered(page: pymupdf.Page, dpi: int) -> npt.NDArray[np.uint8]:
    pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)


def _sizes(lines: Sequence[ReadLine], scale: float) -> list[float]:
    """Return each line's font size in points; small differences come from the engine."""
    sizes = [
        SIZE * scale * float(np.linalg.norm(line.corners[0] - line.corners[3])) for line in lines
    ]
    usual = median(sizes)
    near = [size for size in sizes if abs(size - usual) <= ALIKE * usual]
    usual = round(2 * median(near)) / 2
    return [usual if abs(s - usual) <= ALIKE * usual else round(2 * s) / 2 for s in sizes]


def _direction(line: ReadLine) -> int:
    """Return a line's direction of writing in degrees clockwise, to the nearest right angle."""
    x, y = line.corners[1] - line.corners[0]
    return round(math.degrees(math.atan2(y, x)) / 90) % 4 * 90


def _turn(lines: Sequence[ReadLine]) -> float:
    """Return by how much the page lies aslant, in radians clockwise: as its longer lines do."""
    turns: list[tuple[float, float]] = []
    for line in lines:
        x, y = line.corners[1] - line.corners[0]
        aslant = math.atan2(y, x) - math.radians(_direction(line))
        turns.append((math.hypot(x, y), math.remainder(aslant, math.tau)))
    turns.sort(reverse=True)
    return median(turn for _, turn in turns[: max(1, len(turns) // 2)])


def _run(
    line: ReadLine, scale: float, style: Style, turn: float, centre: tuple[float, float]
) -> Run:
    direction = _direction(line)
    words = (_word(word, line, scale, style, direction, turn, centre) for word in line.words)
    return [word for word in words if word.text]


def _word(
    characters: Sequence[ReadCharacter],
    line: ReadLine,
    scale: float,
    style: Style,
    direction: int,
    turn: float,
    centre: tuple[float, float],
) -> Word:
    """Make a word; layout sees it where it would stand if the page had not been aslant."""
    near, far = characters[0].near, characters[-1].far
    corners = line.part(near, far) * scale
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
