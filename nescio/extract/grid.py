"""Rows of forms and tables: which lines are one row, and which words are one cell."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import Final

from nescio.extract.bands import Interval, Region
from nescio.extract.drafts import CELL_SEPARATOR, LINE_SEPARATOR, WRAP_SEPARATOR, Draft, separators
from nescio.extract.labels import LABEL_LENGTH, SMALL
from nescio.extract.rows import Row, Segment
from nescio.extract.words import Rules

TIGHT: Final = 1.25
"""Lines of one cell are no further apart than this many times the closest lines of the grid."""
TALLEST: Final = 4
"""Lines in a strip between two drawn lines, up to which the strip is one row."""
SHORTEST_FULL: Final = 6
"""Characters of a cell's line below which it was not broken for want of room."""
TABLE_COLUMNS: Final = 3
"""From this many columns on empty cells keep their place between separators."""

Group = list[Row]


def drafts_of_grid(region: Region, rules: Rules, table: int) -> Iterator[Draft]:
    """Yield a draft for each row of a grid, its cells from left to right.

    Args:
        region: a region of kind ``grid``.
        rules: lines drawn on the page, in the region's reading frame.
        table: number of the grid on its page.
    """
    groups = list(_groups(region, rules))
    left = region.columns[0][0]
    for number, group in enumerate(groups):
        draft = Draft("grid", left, rows=len(group))
        if len(groups) > 1:
            draft.table, draft.row = table, number
        _fill(draft, group, region.columns)
        yield draft


def _fill(draft: Draft, group: Group, columns: Sequence[Interval]) -> None:
    """Put a row's cells into a draft; in a table the separators count the columns."""
    starts = [near for near, _ in columns]
    reached = 0
    for cell in cells_of(group):
        column = max(0, bisect_right(starts, cell[0].near + 0.01) - 1)
        steps = column - reached if len(columns) >= TABLE_COLUMNS else 1
        if draft.parts:
            separator = CELL_SEPARATOR * max(1, steps)
        else:
            separator = CELL_SEPARATOR * (column if len(columns) >= TABLE_COLUMNS else 0)
        reached = max(reached, column)
        for number, segment in enumerate(cell):
            if number:
                above = cell[number - 1]
                separator = LINE_SEPARATOR if _labels(above, segment) else WRAP_SEPARATOR
            draft.parts.append((separator, segment))


def _labels(above: Segment, segment: Segment) -> bool:
    """Say whether a line of a cell is the label of the line below it."""
    if above.base >= segment.base or len(above.text) > LABEL_LENGTH:
        return False
    return (
        above.size < SMALL * segment.size
        or above.text.endswith(":")
        or (above.bold and not segment.bold)
    )


def cells_of(group: Group) -> list[list[Segment]]:
    """Return the segments of each cell of a row, line by line.

    The line with the most segments tells the cells; segments of other lines belong to the cell
    above or below them.
    """
    if len(group) == 1:
        return [[segment] for segment in group[0].segments]
    widest = max(group, key=lambda row: len(row.segments))
    cells = [[segment] for segment in widest.segments]
    for row in group:
        for segment in row.segments:
            if row is widest:
                continue
            index = bisect_right([cell[0].near for cell in cells], segment.near + 3) - 1
            if index >= 0 and _belongs(segment, cells[index]):
                cells[index].append(segment)
            elif index + 1 < len(cells) and _belongs(segment, cells[index + 1]):
                cells[index + 1].append(segment)
            else:
                cells.insert(index + 1, [segment])
    for cell in cells:
        cell.sort(key=lambda segment: segment.base)
    return cells


def _belongs(segment: Segment, cell: Sequence[Segment]) -> bool:
    near, far = cell[0].near, max(other.far for other in cell)
    overlaps = segment.near < far and segment.far > near
    return overlaps or abs(segment.near - near) < 3 * segment.size


def _groups(region: Region, rules: Rules) -> Iterator[Group]:
    """Group lines into rows: by drawn lines where every row has them, else by their spacing."""
    rows = region.rows
    lines = separators(rows, rules)
    keyed = groupby(rows, key=lambda row: bisect_right(lines, row.base - 0.3 * row.size))
    strips = [list(strip) for _, strip in keyed]
    spacing = _Spacing(region)
    ruled = len(strips) >= 3 and median(map(len, strips)) <= TALLEST
    for strip in strips:
        if len(strip) == 1 or _is_one_row(strip, spacing, ruled, rules):
            yield strip
            continue
        group: Group = []
        for row in strip:
            if group and not spacing.continues(group, row):
                yield group
                group = []
            group.append(row)
        yield group


def _is_one_row(strip: Group, spacing: _Spacing, ruled: bool, rules: Rules) -> bool:
    """Say whether the lines between two drawn lines are one row of cells with several lines."""
    walled = _has_walls(strip, rules)
    if walled and (len(strip) == 2 or _is_caption(strip[0], strip[1])):
        strip = strip[1:]  # below a row of labels
    if not (walled or ruled) or len(strip) > 3 * TALLEST:
        return False
    return not any(spacing.begins_row(a, b) for a, b in pairwise(strip))


def _has_walls(strip: Group, rules: Rules) -> bool:
    """Say whether drawn vertical lines part the cells of a strip from top to bottom."""
    near, far = min(row.near for row in strip), max(row.far for row in strip)
    return any(
        near < rule.at < far and rule.start < strip[0].base and rule.end > strip[-1].base - 2
        for rule in rules.vertical
    )


def _is_caption(row: Row, below: Row) -> bool:
    """Say whether a line in a ruled strip holds the labels of the values below it."""
    return row.size < SMALL * below.size or row.segments[0].bold != below.segments[0].bold


class _Spacing:
    """Tells from the space between lines, and from room left in cells, where rows begin."""

    def __init__(self, region: Region) -> None:
        rows = region.rows
        nears = Counter(round(segment.near) for row in rows for segment in row.segments)
        self.starts = sorted(near for near, count in nears.items() if count > 1)
        self.far = max(row.far for row in rows) + 1
        pitches = [_pitch(a, b) for a, b in pairwise(rows)]
        self.closest = max(min(pitches, default=1.2), 0.9)
        self.has_gaps = any(pitch > TIGHT * self.closest for pitch in pitches)

    def continues(self, group: Group, row: Row) -> bool:
        """Say whether a line belongs to the row that ``group`` has begun."""
        pitch = _pitch(group[-1], row)
        if pitch > TIGHT * self.closest or pitch > 2.0:
            return False
        pairs = [(_above(segment, group), segment) for segment in row.segments]
        if _goes_on(*pairs[0]):
            return True
        if any(above is None for above, _ in pairs):
            return False
        if all(above.size < SMALL * below.size for above, below in pairs if above):
            return True
        wrapped = any(self._wraps(above, below, group) for above, below in pairs if above)
        if len(pairs) == max(len(line.segments) for line in group) > 1:
            return wrapped and self.has_gaps
        first = min(segment.near for line in group for segment in line.segments)
        if len(pairs) == 1 and row.near > first + 2 * row.size:
            return True
        return wrapped

    def begins_row(self, above: Row, row: Row) -> bool:
        """Say whether a line has cells of its own: two or more, none going on from above."""
        if len(row.segments) < 2:
            return False
        pairs = [(_above(segment, [above]), segment) for segment in row.segments]
        return not _goes_on(*pairs[0]) and not any(
            self._wraps(before, now, [above]) for before, now in pairs if before
        )

    def _wraps(self, above: Segment, below: Segment, group: Group) -> bool:
        """Say whether the first word of ``below`` had no room at the end of ``above``."""
        if above.text.endswith(":") or abs(above.near - below.near) > 3 * below.size:
            return False
        if len(above.text) < SHORTEST_FULL or not any(map(str.isalpha, above.text)):
            return False
        if above.text[-1] in "-,/&(" and above.text[-2].isalnum():
            return True
        word = below.words[0]
        beside = [s.near for row in group for s in row.segments if s.near > above.far]
        index = bisect_right(self.starts, above.far)
        end = min([*self.starts[index : index + 1], *beside, self.far])
        return above.far + 0.3 * below.size + word.far - word.near > end - GUTTER_ROOM


def _goes_on(above: Segment | None, first: Segment) -> bool:
    """Say whether a line's first cell goes on in the middle of a sentence."""
    if above is None or abs(above.near - first.near) > 3 * first.size:
        return False
    return first.text[0].islower() and any(map(str.isalpha, above.text)) and len(first.text) > 1


def _above(segment: Segment, group: Group) -> Segment | None:
    """Return the lowest segment of a group's lines that stands above ``segment``."""
    for row in reversed(group):
        for other in row.segments:
            overlap = min(segment.far, other.far) - max(segment.near, other.near)
            shorter = min(segment.far - segment.near, other.far - other.near)
            if abs(segment.near - other.near) < 3 or overlap > 0.3 * shorter:
                return other
    return None


GUTTER_ROOM: Final = 4.0
"""Points between the room of a column and the column beside it."""


def _pitch(above: Row, below: Row) -> float:
    return (below.base - above.base) / max(above.size, below.size, 1.0)
