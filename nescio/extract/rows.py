"""Runs of words become segments (no wide gap inside) and rows (segments on one baseline)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from nescio.extract.words import Rule, Run, Style, Word

CLOSE: Final = 0.7
"""Gap, in font sizes, from which two words without a space between them are apart."""
WIDE: Final = 1.4
"""Gap, in font sizes, from which two words are apart though spaces stand between them."""
STRETCHED: Final = 2.5
"""Gap, in font sizes, up to which the spaces of a justified line are stretched."""
SLIM: Final = 0.45
"""Gap, in font sizes, that parts two words if the second stands in line with cells."""
AROUND: Final = 8
ALIGNED: Final = 2
"""Rows above and below that are looked at for cells, and how many cells must begin there."""
TABULAR: Final = 3
"""Segments from which a row counts as one of a table."""
AGREEING: Final = 4
"""Other rows of a table that must be empty where a gap wider than a space parts cells."""
MARKER_GAP: Final = 6.0
"""Gap, in font sizes, that may follow the marker of a list item or a heading's number."""
SAME_LINE: Final = 0.35
"""Distance of baselines, in font sizes, of words that stand on one line."""
SMALL, RAISED = 0.75, 0.45
"""Size of a raised or lowered sign, and how far it is moved, in sizes of the line it is on."""
AROUND_LINES: Final = 3
"""Lines above a run that are looked at for one that it stands on."""
ASCENT, DESCENT = 0.8, 0.2
"""Extent of a line above and below its baseline, in font sizes."""

MARKER: Final = re.compile(
    r"[•▪◦●○■□–‣·*o-]|\(?(?:\d{1,3}|[ivxIVX]{1,5}|[A-Za-z])[.)]|\d{1,2}(?:\.\d{1,2}){0,5}\.?"
)
"""What opens a list item or a numbered heading."""


@dataclass(slots=True)
class Segment:
    """Words of one row without a wide gap between them, in the reading frame."""

    words: list[Word]
    near: float
    far: float
    base: float
    size: float
    bold: bool
    _text: str = ""

    @property
    def text(self) -> str:
        """The words, one space between them."""
        if not self._text:
            self._text = " ".join([word.text for word in self.words])
        return self._text

    @property
    def top(self) -> float:
        """Upper end of the line."""
        return self.base - ASCENT * self.size

    @property
    def bottom(self) -> float:
        """Lower end of the line."""
        return self.base + DESCENT * self.size


@dataclass(slots=True)
class Row:
    """Segments that stand side by side, from left to right."""

    segments: list[Segment] = field(default_factory=list)
    base: float = 0.0
    size: float = 0.0

    @property
    def near(self) -> float:
        """Left end."""
        return self.segments[0].near

    @property
    def far(self) -> float:
        """Right end."""
        return self.segments[-1].far

    @property
    def top(self) -> float:
        """Upper end of the line."""
        return self.base - ASCENT * self.size

    @property
    def bottom(self) -> float:
        """Lower end of the line."""
        return self.base + DESCENT * self.size


def rows_of(runs: Iterable[Run], vertical: Sequence[Rule] = ()) -> list[Row]:
    """Return the rows of a region from top to bottom.

    Args:
        runs: words of one reading frame.
        vertical: drawn vertical lines in that frame: no segment crosses them.
    """
    lines: list[_Line] = []
    placed = ((*_line_of(run), number, run) for number, run in enumerate(runs))
    for base, size, _, run in sorted(placed):
        for line in lines[: -AROUND_LINES - 1 : -1]:
            if line.takes(run, base, size):
                line.add(run, base, size)
                break
        else:
            lines.append(_Line(run, base, size))
    rows = [_row(line.words, vertical) for line in lines]
    rows.sort(key=lambda row: (row.base, row.near))
    _split_at_strips(rows)
    _split_at_columns(rows)
    return rows


def _split_at_strips(rows: list[Row]) -> None:
    """Split segments of tables at gaps that go on as an empty strip through the rows around.

    Narrow columns may stand so close to each other that no row alone tells their cells ("61 M").
    """
    gaps = [_slim_gaps(row) if len(row.segments) >= TABULAR else [] for row in rows]
    for number, row in enumerate(rows):
        parted = {id(segment.words[0]) for segment in row.segments}
        doubted = [gap for gap in gaps[number] if id(gap.after) not in parted]
        cuts = {id(gap.after) for gap in doubted if _is_strip(gap, number, rows, gaps)}
        if cuts:
            row.segments = [part for s in row.segments for part in _cut(s, cuts)]


class _Gap(NamedTuple):
    """An empty stretch of a row, wider than a space between words, and the word after it."""

    near: float
    far: float
    after: Word


def _slim_gaps(row: Row) -> list[_Gap]:
    words = [word for segment in row.segments for word in segment.words]
    least = {True: CLOSE * row.size, False: SLIM * row.size}
    return [_Gap(a.far, b.near, b) for a, b in pairwise(words) if b.near - a.far > least[b.spaced]]


def _is_strip(gap: _Gap, number: int, rows: Sequence[Row], gaps: Sequence[list[_Gap]]) -> bool:
    """Say whether rows above and below leave a strip of this gap empty, with cells beside it.

    The first row of a table on either side that does not ends the strip: another table may stand
    there.
    """
    near, far, agreeing = gap.near, gap.far, 0
    below = range(number + 1, min(len(rows), number + AROUND + 1))
    above = range(number - 1, max(0, number - AROUND) - 1, -1)
    for side in (below, above):
        for other in side:
            within = [g for g in gaps[other] if g.near < far and g.far > near]
            if within:
                widest = max(within, key=lambda g: min(g.far, far) - max(g.near, near))
                near, far = max(near, widest.near), min(far, widest.far)
                agreeing += 1
            elif len(rows[other].segments) >= TABULAR and _covers(rows[other], near, far):
                break
    return agreeing >= AGREEING


def _covers(row: Row, near: float, far: float) -> bool:
    return any(segment.near < far and segment.far > near for segment in row.segments)


def _cut(segment: Segment, cuts: Set[int]) -> Iterator[Segment]:
    """Yield the parts of a segment, cut before these words."""
    part: list[Word] = []
    for word in segment.words:
        if part and id(word) in cuts:
            yield segment_of(part)
            part = []
        part.append(word)
    yield segment if len(part) == len(segment.words) else segment_of(part)


def _split_at_columns(rows: list[Row]) -> None:
    """Split segments where a word stands below, or above, words that begin cells.

    A cell whose text fills it comes as close to the next cell as words do to each other.
    """
    starts = [[segment.near for segment in row.segments[1:]] for row in rows]
    for number, row in enumerate(rows):
        around = [s for other in starts[max(0, number - AROUND) : number + AROUND] for s in other]
        if len(around) < ALIGNED:
            continue
        split: list[Segment] = []
        for segment in row.segments:
            split += _split(segment, around)
        row.segments = split


def _split(segment: Segment, starts: list[float]) -> list[Segment]:
    words = segment.words
    for number in range(1, len(words)):
        near = words[number].near
        if near - words[number - 1].far <= SLIM * segment.size:
            continue
        if sum([abs(start - near) < 1.0 for start in starts]) >= ALIGNED:
            return [segment_of(words[:number]), *_split(segment_of(words[number:]), starts)]
    return [segment]


def _line_of(run: Run) -> tuple[float, float]:
    """Return a run's baseline and size: those of its largest word, not of a raised sign."""
    first, last = run[0], run[-1]
    if first.style is not last.style or first.base != last.base:
        first = max(run, key=lambda word: word.style.size)
    return first.base, first.style.size


class _Line:
    """Runs on one baseline, none above another."""

    def __init__(self, run: Run, base: float, size: float) -> None:
        self.words = list(run)
        self.base = base
        self.size = size
        self._spans = [(run[0].near, run[-1].far)]

    def takes(self, run: Run, base: float, size: float) -> bool:
        """Say whether a run stands on this line."""
        near, far = run[0].near, run[-1].far
        distance = abs(base - self.base)
        small, large = min(size, self.size), max(size, self.size)
        if small < SMALL * large and distance > SAME_LINE * small + 0.5:
            beside = min(abs(near - b) for _, b in self._spans) < 0.5 * large
            if distance > RAISED * large or not beside or far - near > 2 * large:
                return False
        elif distance > SAME_LINE * small + 0.5:
            return False
        return all(
            min(far, b) - max(near, a) < 0.3 * min(far - near, b - a) for a, b in self._spans
        )

    def add(self, run: Run, base: float, size: float) -> None:
        """Add a run; the largest one says where the line is."""
        self.words += run
        self._spans.append((run[0].near, run[-1].far))
        if size > self.size:
            self.base, self.size = base, size


def _row(words: list[Word], vertical: Sequence[Rule]) -> Row:
    words.sort(key=lambda word: word.near)
    base = words[0].base
    walls = [rule.at for rule in vertical if rule.start - 1 <= base <= rule.end + 1]
    gaps = [b.near - a.far for a, b in pairwise(words)]
    pieces: list[list[Word]] = [[words[0]]]
    for number, gap in enumerate(gaps):
        before, word = words[number], words[number + 1]
        size = max(before.style.size, word.style.size)
        wide = gap > (WIDE if word.spaced else CLOSE) * size
        if wide and len(pieces) == 1 and len(pieces[0]) == 1:
            wide = gap > MARKER_GAP * size or not _is_marker(before, word)
        if wide and gap < STRETCHED * size:
            wide = not _is_stretched(gaps, number, size)
        if wide or (walls and _walled(before, word, walls)):
            pieces.append([word])
        else:
            pieces[-1].append(word)
    segments = [segment_of(piece) for piece in pieces]
    largest = max(segments, key=lambda segment: segment.size)
    return Row(segments, largest.base, largest.size)


def _is_stretched(gaps: list[float], number: int, size: float) -> bool:
    """Say whether a gap is like those beside it: the line was stretched to fill its column."""
    gap = gaps[number]
    before, after = gaps[max(0, number - 3) : number], gaps[number + 1 : number + 4]
    for side in (before, after):
        if len(side) > 1 and min(side) >= SLIM * size and gap <= 1.8 * median(side):
            return True
    beside = before[-1:] + after[:1]
    return bool(beside) and all(abs(gap - other) < 0.15 * gap for other in beside)


def _is_marker(word: Word, after: Word) -> bool:
    return after.text[0].isalpha() and MARKER.fullmatch(word.text) is not None


def _walled(before: Word, word: Word, walls: list[float]) -> bool:
    return any(before.far - 1 <= wall <= word.near + 1 for wall in walls)


def segment_of(words: list[Word]) -> Segment:
    """Make a segment of words on one line."""
    style = main_style(words)
    base = next(word.base for word in words if word.style is style)
    far = max([word.far for word in words])
    return Segment(words, words[0].near, far, base, style.size, style.bold)


def main_style(words: Sequence[Word]) -> Style:
    """Return the style of most characters."""
    style = words[0].style
    if all(word.style is style for word in words):
        return style
    characters: Counter[Style] = Counter()
    kept: dict[Style, Style] = {}
    for word in words:
        characters[word.style] += len(word.text)
        kept.setdefault(word.style, word.style)
    return kept[characters.most_common(1)[0][0]]
