"""Finds and reads lines of text in a picture with PP-OCR's models, which RapidOCR ships."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import median
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""Rows of grey or RGB pixels, top first."""

WIDE_GAP: Final = 2.5
"""Distance of two characters, in usual distances of their line, from which a space was missed."""
STEPS: Final = 5
"""The same in steps of the reader (an eighth of a line's height each), which must be exceeded."""
SPACE: Final = 0.15
"""Width, in heights of a line, of paper between two characters of different classes from which a
space was missed: a font's space has 0.2 and more, the paper between two characters 0.1."""
WIDER: Final = 1.5
"""Factor by which it must be wider, too, than nine in ten of those between characters of a word:
fonts of one width have much paper around narrow characters."""
_LEADER: Final = re.compile(r"[.·_]{3,}(?=[^\W_])")
ENDS: Final = frozenset(":;,|)]")
"""Signs after which a word begins."""
PAPER: Final = 0.02
"""Share of the most ink of a column that paper has at most."""
DOUBTFUL: Final = 0.9
"""Mean confidence below which a line is read upside down, too; few that stand right are below."""
UPRIGHT: Final = 1.5
"""Height, in widths, from which the engine turns a line to read it from top to bottom."""

_OPTIONS: Final[dict[str, Any]] = {
    "Global.log_level": "critical",  # a warning may quote what was read
    "Global.use_preprocess_img": False,  # whoever renders chooses the size
    "Global.use_vertical_padding": False,
    "Global.return_word_box": True,
    "Global.use_cls": False,
    "Rec.rec_img_shape": [3, 48, 96],  # narrower ones are padded, and then read less surely
    "Rec.rec_batch_num": 1,  # lines side by side would all be as wide as the widest
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # pages are read side by side instead
    "Det.limit_type": "max",
    "Det.limit_side_len": 1664,  # lines are found in half the pixels, and read in all of them
    "Det.box_thresh": 0.3,  # of a faint line; what is no text is read as nothing, or as unsure
}


class ReadCharacter(NamedTuple):
    """A character, how sure it is, and its two edges along its line, in [0, 1]."""

    text: str
    confidence: float
    near: float
    far: float


class ReadLine(NamedTuple):
    """A line of text.

    Attributes:
        words: its words, character by character.
        corners: of the line as it reads: start above, end above, end below, start below; pixels.
        confidence: mean over its characters, in [0, 1].
    """

    words: list[list[ReadCharacter]]
    corners: npt.NDArray[np.float64]
    confidence: float

    @property
    def direction(self) -> float:
        """Direction of writing, in degrees clockwise."""
        x, y = self.corners[1] - self.corners[0]
        return math.degrees(math.atan2(y, x))

    @property
    def text(self) -> str:
        """What the line says, its words parted by spaces."""
        return " ".join("".join(character.text for character in word) for word in self.words)

    def part(self, near: float, far: float) -> npt.NDArray[np.float64]:
        """Return the corners of a part of the line, in pixels, as ``corners`` are ordered.

        The engine straightens a line by perspective before it reads it, so positions along it
        are projective, not linear (Heckbert 1989, unit square to quadrilateral).
        """
        p0, p1, p2, p3 = self.corners
        (sx, sy), (ax, ay), (bx, by) = p0 - p1 + p2 - p3, p1 - p2, p3 - p2
        area = ax * by - ay * bx
        g, h = (sx * by - sy * bx) / area, (ax * sy - ay * sx) / area
        points = [
            ((p1 - p0 + g * p1) * u + (p3 - p0 + h * p3) * v + p0) / (g * u + h * v + 1)
            for u, v in ((near, 0.0), (far, 0.0), (far, 1.0), (near, 1.0))
        ]
        return np.array(points)


def read_lines(pixels: Pixels) -> list[ReadLine]:
    """Return the lines of text in a picture, from top to bottom; of some that cannot be read, none.

    May be called by several threads at a time.

    Lines may be slanted, stand upside down, or run up or down the page.
    """
    engine = _engine()
    found, _, read, crops = engine.run_ocr_steps(_coloured(pixels), {})
    if found.boxes is None or read.txts is None:
        return []
    lines = [
        _line(np.asarray(box, np.float64), crop, text, info)
        for box, crop, text, info in zip(
            found.boxes, crops, read.txts, read.word_results, strict=True
        )
    ]
    for number, line in enumerate(lines):
        if line is None or line.confidence < DOUBTFUL:
            lines[number] = _surer(line, found.boxes[number], crops[number])
    return [line for line in lines if line is not None]


def read_text(pixels: Pixels) -> str:
    """Return the text in a picture, a line a line."""
    return "\n".join(line.text for line in read_lines(pixels))


def read_line(pixels: Pixels) -> ReadLine | None:
    """Return what a picture of one upright line says; None where there is nothing."""
    crop = _coloured(pixels)
    height, width = pixels.shape[:2]
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    read = _engine().recognize_txt([crop])
    return _line(box, crop, read.txts[0], read.word_results[0])


def _surer(line: ReadLine | None, box: Any, crop: Pixels) -> ReadLine | None:
    """Return a line, or what is read when it is turned upside down, whichever is surer."""
    upside_down = np.ascontiguousarray(crop[::-1, ::-1])
    read = _engine().recognize_txt([upside_down])
    turned = _line(np.asarray(box, np.float64), upside_down, read.txts[0], read.word_results[0])
    if turned is None or (line is not None and turned.confidence <= line.confidence):
        return line
    return turned._replace(corners=np.roll(turned.corners, -2, axis=0))


_loading: Final = Lock()


def _engine() -> Any:
    with _loading:  # two threads would load two
        return _loaded()


@cache
def _loaded() -> Any:
    from rapidocr import RapidOCR  # takes a second, and most documents have no pictures

    return RapidOCR(params=_OPTIONS)


def _coloured(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        return np.repeat(pixels[:, :, None], 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, 2::-1])  # the engine wants blue first


def _line(box: npt.NDArray[np.float64], crop: Pixels, text: str, info: Any) -> ReadLine | None:
    """Place the characters of a line between the steps at which the reader saw them."""
    if not text.strip():
        return None
    width, height = (np.linalg.norm(box[0] - box[corner]) for corner in (1, 3))
    if height >= UPRIGHT * width:
        box = np.roll(box, -1, axis=0)  # the line starts at what was its upper right corner
    columns = [column for word in info.word_cols for column in word]
    characters = [
        (character, confidence)
        for character, confidence in zip(text, info.confs, strict=True)
        if not character.isspace()
    ]
    centres = [(column + 0.5) / info.line_txt_len for column in columns]
    ink = _ink(crop)
    starts = _word_starts(text, columns)
    said = [character for character, _ in characters]
    starts |= _missed_spaces(said, centres, ink, starts, SPACE * len(crop))
    edges = _edges(centres, starts, ink)
    words: list[list[ReadCharacter]] = []
    for number, ((character, confidence), (near, far)) in enumerate(
        zip(characters, edges, strict=True)
    ):
        if number in starts:
            words.append([])
        words[-1].append(ReadCharacter(character, confidence, near, far))
    mean = sum(confidence for _, confidence in characters) / len(characters)
    return ReadLine(words, box, mean)


def _word_starts(text: str, columns: Sequence[int]) -> set[int]:
    """Return which characters, spaces not counted, begin a word: after a space or a wide gap."""
    starts, spaced = {0}, False
    number = 0
    for character in text:
        if character.isspace():
            spaced = True
            continue
        if spaced:
            starts.add(number)
        spaced = False
        number += 1
    gaps = [b - a for a, b in pairwise(columns)]
    if gaps:
        limit = max(STEPS, WIDE_GAP * median(gaps))
        starts |= {number for number, gap in enumerate(gaps, start=1) if gap > limit}
    return starts


def _missed_spaces(
    characters: Sequence[str],
    centres: Sequence[float],
    ink: npt.NDArray[np.float64],
    starts: set[int],
    least: float,
) -> set[int]:
    """Return which characters begin a word though the reader saw no space: "17:34Mason", "...30".

    Args:
        characters: of the line, without spaces.
        centres: where the reader saw each, in [0, 1] along the line.
        ink: of each column of the line's picture.
        starts: which characters begin a word after a space that was seen.
        least: columns of paper that part two words; more in a font that is set as wide.
    """
    blank = ink <= PAPER * ink.max(initial=1.0)
    gaps = {}
    for number, (near, far) in enumerate(pairwise(centres), start=1):
        between = blank[int(near * len(ink)) : int(far * len(ink))]
        runs = np.split(between, np.flatnonzero(np.diff(between)) + 1)
        gaps[number] = max((len(run) for run in runs if run.any()), default=0)
    text = "".join(characters)
    leaders = {match.end() for match in _LEADER.finditer(text)} - {0, len(text)}
    inside = [gap for number, gap in gaps.items() if number not in starts | leaders]
    if not inside:
        return leaders
    limit = max(least, WIDER * float(np.percentile(inside, 90)))
    pairs = enumerate(pairwise(characters), start=1)
    wide = {number for number, (a, b) in pairs if gaps[number] >= limit and _may_part(a, b)}
    return wide | leaders


def _may_part(before: str, after: str) -> bool:
    """Say whether a space may have been missed: between letters it hardly is, nor in numbers."""
    if not after.isalnum():
        return False
    if before.isalnum():
        return _class(before) != _class(after)
    return before in ENDS and after.isalpha()


def _class(character: str) -> str:
    """Return whether a letter or digit is a digit, a capital or another letter."""
    if character.isdigit():
        return "digit"
    return "capital" if character.isupper() else "letter"


def _ink(crop: Pixels) -> npt.NDArray[np.float64]:
    """Return how much darker than its paper each column of a line's picture is."""
    grey = crop[:, :, 0].astype(np.float64)
    columns: npt.NDArray[np.float64] = np.clip(np.percentile(grey, 75) - 24 - grey, 0, None).sum(
        axis=0
    )
    return columns


def _edges(
    centres: Sequence[float], starts: set[int], ink: npt.NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Return the two edges of each character: where there is least ink between two of them.

    Args:
        centres: where the reader saw each character, in [0, 1] along the line.
        starts: which characters begin a word.
        ink: of each column of the line's picture.
    """
    width = len(ink)
    nears, fars = [0.0] * len(centres), [1.0] * len(centres)
    for number, (a, b) in enumerate(pairwise(centres), start=1):
        first = min(max(int(a * width), 0), width - 1)
        last = max(min(int(b * width) + 1, width), first + 1)
        between = ink[first:last]
        lightest = np.flatnonzero(between <= between.min() + 0.02 * max(between.max(), 1.0))
        if number in starts:
            runs = np.split(lightest, np.flatnonzero(np.diff(lightest) > 1) + 1)
            widest = max(runs, key=len)
            left, right = first + int(widest[0]), first + int(widest[-1]) + 1
        else:
            middle = int(np.argmin(np.abs(lightest - len(between) / 2)))
            left = right = first + int(lightest[middle])
        fars[number - 1], nears[number] = left / width, right / width
    return list(zip(nears, fars, strict=True))
