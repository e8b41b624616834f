"""Rows of a page become regions in reading order: running text, columns of it, grids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from nescio.extract.columns import follows, sides_of, usual_gap
from nescio.extract.rows import Row, segment_of
from nescio.extract.words import Rules

GUTTER: Final = 0.55
"""Width, in font sizes, of the empty strip between two columns."""
FAR_APART: Final = 3.0
"""Empty height, in font sizes, that ends a region."""
STRAY_ROWS: Final = 3
"""Lines with a wide gap in them (blacked out, say) that are still running text."""
DEEPEST: Final = 4
"""Columns inside columns that are looked for."""

Interval = tuple[float, float]


class Region(NamedTuple):
    """Rows that are read together."""

    kind: Literal["text", "grid"]
    rows: list[Row]
    columns: list[Interval]


def regions_of(rows: Sequence[Row], rules: Rules) -> list[Region]:
    """Return the regions of a page in reading order.

    Columns are looked for in the longest bands first; what is not columns is cut into shorter
    ones, until a band is one grid or running text.

    Args:
        rows: the rows of the page from top to bottom.
        rules: lines drawn on it.
    """
    return _regions(rows, rules, 0, 0)


def _regions(rows: Sequence[Row], rules: Rules, depth: int, level: int) -> list[Region]:
    regions: list[Region] = []
    for band, cover in _bands(rows, _LEVELS[level]):
        if len(cover) == 1:
            regions.append(Region("text", band, cover))
        elif depth < DEEPEST and (sides := sides_of(band, cover, rules)):
            for side in sides:
                regions += _regions(side, rules, depth + 1, 0)
        elif level + 1 < len(_LEVELS):
            regions += _regions(band, rules, depth, level + 1)
        else:
            regions.append(Region("grid", band, cover))
    return list(_mended(regions))


def cover_of(rows: Sequence[Row], cover: Sequence[Interval] = ()) -> list[Interval]:
    """Return the intervals that segments cover, those closer than a gutter taken as one."""
    spans = [(segment.near, segment.far) for row in rows for segment in row.segments]
    spans += cover
    if len(spans) == 1:
        return spans
    spans.sort()
    gutter = GUTTER * rows[0].size
    merged: list[Interval] = []
    start, end = spans[0]
    for near, far in spans:
        if near - end >= gutter:
            merged.append((start, end))
            start, end = near, far
        elif far > end:
            end = far
    merged.append((start, end))
    return merged


def _bands(
    rows: Sequence[Row], goes_on: Callable[[_Band, Row, list[Interval]], bool]
) -> Iterator[tuple[list[Row], list[Interval]]]:
    """Cut rows into bands: as long as a strip of empty space runs through, or none does."""
    band = _Band([], [], 1)
    for row in rows:
        own = cover_of([row])
        if band.rows:
            both = cover_of([row], band.cover)
            empty = row.top - band.rows[-1].bottom
            near = empty <= FAR_APART * max(row.size, band.rows[-1].size)
            if near and goes_on(band, row, both):
                band.rows.append(row)
                band = _Band(band.rows, both, max(band.widest, len(own)))
                continue
            yield band.rows, band.cover
        band = _Band([row], own, len(own))
    if band.rows:
        yield band.rows, band.cover


class _Band(NamedTuple):
    """Rows so far, what they cover, and the most segments apart in one of them."""

    rows: list[Row]
    cover: list[Interval]
    widest: int


def _keeps_a_gutter(band: _Band, row: Row, both: list[Interval]) -> bool:
    """Say whether a row leaves a strip empty that all rows so far do, or crosses as they do."""
    if len(band.cover) == 1:
        return len(both) == len(cover_of([row])) == 1
    return len(both) > 1


def _keeps_gutters(band: _Band, row: Row, both: list[Interval]) -> bool:
    """Say whether a row leaves most of the strips empty that all rows so far do."""
    if not _keeps_a_gutter(band, row, both) or 2 * len(both) <= len(band.cover) > 1:
        return False
    return len(band.cover) < 3 or _has_size_of(band.rows, row)


def _has_size_of(rows: list[Row], row: Row) -> bool:
    """Say whether a segment of a row is as large as one of the last rows of a table."""
    sizes = {segment.size for other in rows[-3:] for segment in other.segments}
    return any(abs(s.size - size) < 0.1 * size for s in row.segments for size in sizes)


def _is_other_grid(cover: list[Interval], both: list[Interval]) -> bool:
    """Say whether a row crosses so many gutters of a grid that it belongs to another one."""
    return 2 * len(both) <= len(cover)


def _goes_on(band: _Band, row: Row, both: list[Interval]) -> bool:
    """Say whether a row goes on with a band that is a grid, or running text."""
    if not _keeps_gutters(band, row, both) or 2 * len(both) < band.widest:
        return False
    if len(band.cover) == 1 or len(cover_of([row])) > 1:
        return True
    return not _stands_out(row, band.rows, row.top - band.rows[-1].bottom)


_LEVELS: Final = (_keeps_a_gutter, _keeps_gutters, _goes_on)
"""What keeps rows in one band, from loose to strict."""


def _stands_out(row: Row, band: list[Row], empty: float) -> bool:
    """Say whether a row of one segment is a heading below a grid rather than a part of it."""
    first, above = row.segments[0], band[-1]
    column = [s for other in band for s in other.segments if abs(s.near - first.near) < 3]
    alike = any(s.bold == first.bold and abs(s.size - first.size) < 0.5 for s in column[-4:])
    usual = usual_gap(band)
    if not alike:
        return first.bold or first.size > above.size or empty > usual + 0.3 * row.size
    return empty > max(1.5 * usual, usual + 0.5 * row.size)


def _mended(regions: list[Region]) -> Iterator[Region]:
    """Put running text together again that a few lines with wide gaps have cut."""
    number = 0
    while number < len(regions):
        region = regions[number]
        while (end := _end_of_stray(regions, number, region)) is not None:
            stray = [_whole(row) for part in regions[number + 1 : end] for row in part.rows]
            rows = [*region.rows, *stray, *regions[end].rows]
            region = Region("text", rows, cover_of(rows))
            number = end
        yield region
        number += 1


def _end_of_stray(regions: list[Region], number: int, region: Region) -> int | None:
    """Return the region with which ``region`` goes on behind lines that have wide gaps."""
    if region.kind != "text":
        return None
    rows = region.rows[-1:]
    for end in range(number + 1, min(number + 2 + STRAY_ROWS, len(regions))):
        after = regions[end]
        if after.kind == "text":
            lines = [*rows, after.rows[0]]
            return end if len(rows) > 1 and _is_stray(lines) else None
        rows += after.rows
        if len(rows) > 1 + STRAY_ROWS:
            return None
    return None


def _is_stray(lines: list[Row]) -> bool:
    """Say whether lines, the first and last of them running text, are lines of one paragraph."""
    first, last = lines[0], lines[-1]
    far = max(first.far, last.far)
    return all(follows(a, b) for a, b in pairwise(lines)) and all(
        abs(row.near - last.near) < 2 * row.size
        and (row.far > 0.85 * far or len(row.segments) == 1)
        for row in lines[:-1]
    )


def _whole(row: Row) -> Row:
    words = [word for segment in row.segments for word in segment.words]
    return Row([segment_of(words)], row.base, row.size)
