"""Lines of running text become paragraphs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from nescio.extract.bands import Region
from nescio.extract.drafts import LINE_SEPARATOR, WRAP_SEPARATOR, Draft, separators
from nescio.extract.labels import LABEL_LENGTH, SMALL, is_field, is_label
from nescio.extract.rows import MARKER, Row, Segment
from nescio.extract.words import Rules

LOOSE: Final = 1.22
"""Lines of a paragraph are no further apart than this many times the usual distance."""
LOOSEST: Final = 2.8
"""Distance of baselines, in font sizes, from which lines are never one paragraph."""
WIDEST_PITCH: Final = 1.8
"""Distance of baselines, in font sizes, that parts paragraphs where nothing else tells."""
INDENT: Final = 0.8
"""Points to the right, in font sizes, from which a line is indented."""

SHORT_VALUE: Final = 0.5
"""Share of a column's width up to which a line below an emphasised label is its value."""


_SENTENCE_END: Final = (".", "!", "?", ":", ";")
_BULLETS: Final = frozenset("•▪◦●○■□–‣")
_ONE_FIELD: Final = re.compile(r"[^\d:|]*:(?:[^:]|:(?=\d))*")
_COUNTED: Final = re.compile(r"\(?(\d{1,3}|[A-Za-z])[.)]")
_IN_BRACKETS: Final = re.compile(r"\(?(\d{1,2}|[a-z]|[ivx]{1,4})\)")


def drafts_of_text(region: Region, rules: Rules) -> Iterator[Draft]:
    """Yield the paragraphs of a region of kind ``text``.

    Args:
        region: its rows.
        rules: lines drawn on the page, in the region's reading frame.
    """
    rows = region.rows
    lines = separators(rows, rules)
    splitter = _Splitter(region)
    draft: Draft | None = None
    start = above = rows[0]
    for number, row in enumerate(rows):
        separator = None
        if draft is not None:
            crossed = bisect_right(lines, row.base) - bisect_right(lines, above.base)
            if not crossed:
                separator = splitter.separator(start, number, draft.rows)
        if draft is None or separator is None:
            if draft is not None:
                yield draft
            draft, start, separator = Draft("text", splitter.left, rows=0), row, ""
        for segment in row.segments:
            draft.parts.append((separator, segment))
            separator = WRAP_SEPARATOR
        draft.rows += 1
        above = row
    if draft is not None:
        yield draft


class _Splitter:
    """Tells where paragraphs of one region begin."""

    def __init__(self, region: Region) -> None:
        self.rows = rows = region.rows
        self.left = min(row.near for row in rows)
        self.right = max(row.far for row in rows)
        pitches = sorted(_pitch(a, b) for a, b in pairwise(rows))
        self.usual = median(pitches[: max(1, len(pitches) // 2)]) if len(pitches) > 2 else 0.0

    def separator(self, start: Row, number: int, lines: int) -> str | None:
        """Return what joins a line to the one above it; None where a paragraph begins.

        Args:
            start: first line of the paragraph so far.
            number: of the line to judge.
            lines: of the paragraph so far.
        """
        above, row = self.rows[number - 1], self.rows[number]
        last, first = above.segments[-1], row.segments[0]
        pitch = _pitch(above, row)
        limit = LOOSE * self.usual + 0.1 if self.usual else WIDEST_PITCH
        if pitch > min(max(limit, 1.3), LOOSEST) or pitch < 0:
            return None
        room = self._has_room(above, row)
        if _counts_on(start.segments[0], first) or (lines == 1 and _both_fields(start, row)):
            return None
        if is_label(last.text) and lines == 1 and room and not _opens_item(first, room):
            return LINE_SEPARATOR if self._is_value(number) else None
        if lines == 1 and _is_caption(above, row):
            return LINE_SEPARATOR
        if self._changes_style(above, row, room) or _opens_item(first, room):
            return None
        if _hangs_below_value(start.segments[0], first):
            return LINE_SEPARATOR if room else WRAP_SEPARATOR
        if self._changes_indent(start, above, row, lines, room):
            return None
        if not room:
            return WRAP_SEPARATOR
        if is_field(first.text) or last.text.endswith(_SENTENCE_END):
            return None
        return LINE_SEPARATOR

    def _is_value(self, number: int) -> bool:
        """Say whether a line below a label is its value, not the text below a heading."""
        label, row = self.rows[number - 1].segments[0], self.rows[number]
        if not label.text.isupper() and label.bold == row.segments[0].bold:
            return True
        if row.far - row.near > SHORT_VALUE * (self.right - self.left):
            return False
        below = self.rows[number + 1] if number + 1 < len(self.rows) else None
        return below is None or _pitch(row, below) > 1.3 * max(self.usual, 1.0)

    def _has_room(self, above: Row, row: Row) -> bool:
        """Say whether the first word of a line had room at the end of the line above it."""
        word = row.segments[0].words[0]
        free = self.right - above.far - 0.3 * row.size - (word.far - word.near)
        wide = 0.25 * (self.right - self.left)
        return free > max(row.size, min(wide, 6 * row.size)) and not word.text[0].islower()

    def _changes_style(self, above: Row, row: Row, room: bool) -> bool:
        last, first = above.segments[-1], row.segments[0]
        if abs(above.size - row.size) > 0.12 * row.size:
            return True
        if last.bold != first.bold:
            return room or last.words[-1].style.bold != first.words[0].style.bold
        return room and last.words[-1].style.bold != first.words[0].style.bold

    def _changes_indent(self, start: Row, above: Row, row: Row, lines: int, room: bool) -> bool:
        step = row.near - above.near
        if step > INDENT * row.size:
            hangs = lines == 1 and _opens_item(start.segments[0], True)
            return not hangs and (room or above.segments[-1].text.endswith(_SENTENCE_END))
        if step < -INDENT * row.size:
            centred = abs((row.near + row.far) - (above.near + above.far)) < 2 * row.size
            return not (lines == 1 or centred)
        return False


def _is_caption(above: Row, row: Row) -> bool:
    """Say whether a line is the small label above its value, as in the boxes of a form."""
    text = above.segments[0].text
    near = abs(above.near - row.near) < 3 and _pitch(above, row) < 1.8
    small = above.size < SMALL * row.size
    return near and small and len(text) <= LABEL_LENGTH and not text.endswith(".")


def _hangs_below_value(start: Segment, line: Segment) -> bool:
    """Say whether a line begins below the value of the label that opens the paragraph."""
    pairs = pairwise(start.words)
    return any(a.text[-1] == ":" and abs(b.near - line.near) < 3 for a, b in pairs)


def _both_fields(start: Row, row: Row) -> bool:
    """Say whether a line is a field of a form, as the line was that opens the paragraph."""
    both = (start.segments[0].text, row.segments[0].text)
    return all(is_field(text) and _ONE_FIELD.fullmatch(text) for text in both)


def _counts_on(start: Segment, line: Segment) -> bool:
    """Say whether a line's marker is the next after that of the paragraph: ``2.`` after ``1.``."""
    markers = _COUNTED.fullmatch(start.words[0].text), _COUNTED.fullmatch(line.words[0].text)
    if not all(markers):
        return False
    numbers = [marker[1] for marker in markers if marker]
    values = [int(n) if n.isdigit() else ord(n) for n in numbers]
    return values[1] == values[0] + 1


def _opens_item(segment: Segment, room: bool) -> bool:
    """Say whether a line opens a list item or a numbered heading.

    Args:
        segment: the line.
        room: there was room for its first word on the line above it. Where there was none,
            ``J.`` or ``12.`` is a part of the sentence, not a marker.
    """
    words = segment.words
    if len(words) < 2:
        return False
    marker = words[0].text
    if marker in _BULLETS or _IN_BRACKETS.fullmatch(marker):
        return True
    if not MARKER.fullmatch(marker):
        return False
    wide = words[1].near - words[0].far > 0.8 * segment.size
    return wide or (room and not marker.isalnum() and words[1].text[0].isupper())


def _pitch(above: Row, below: Row) -> float:
    return (below.base - above.base) / max(min(above.size, below.size), 1.0)
