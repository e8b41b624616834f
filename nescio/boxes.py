"""From decided spans to the boxes that must be cleared, through the words' character edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables

SAME_LINE: Final = 0.5
"""Share of the height by which two words must overlap vertically to stand on one line."""


def redactions_of(decisions: pa.Table, words: pa.Table, paragraphs: pa.Table) -> pa.Table:
    """Return the boxes of every mention whose action is not ``keep``.

    Args:
        decisions: DECISIONS of some documents.
        words: WORDS of the same documents; other paragraphs' words are left aside.
        paragraphs: PARAGRAPHS of the same documents.

    Returns:
        REDACTIONS: one row for each run of characters of a mention on one line; the replacement
        stands in the first. A mention in text that is on no page has one row with page -1.
    """
    texts = {
        (row["doc"], row["paragraph"]): row["text"]
        for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    }
    wanted = [row for row in decisions.to_pylist() if row["action"] != "keep"]
    touched = {(row["doc"], row["paragraph"]) for row in wanted}
    by_paragraph: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    numbers = pa.array({row["paragraph"] for row in wanted}, pa.int32())
    for row in words.filter(pc.field("paragraph").isin(numbers)).to_pylist():
        key = (row["doc"], row["paragraph"])
        if key in touched:
            by_paragraph[key].append(row)
    rows: list[dict[str, Any]] = []
    for mention in wanted:
        key = (mention["doc"], mention["paragraph"])
        common = {
            "doc": mention["doc"],
            "mention": mention["mention"],
            "label": mention["label"],
            "secret": texts[key][mention["start"] : mention["end"]],
        }
        boxes = list(_lines(_character_boxes(mention, by_paragraph[key])))
        for number, (page, box) in enumerate(boxes or [(-1, (0.0, 0.0, 0.0, 0.0))]):
            replacement = mention["replacement"] if number == 0 else ""
            place = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
            rows.append(common | {"page": page, "replacement": replacement} | place)
    return tables.from_rows("redactions", rows)


Box = tuple[float, float, float, float]


def _character_boxes(
    mention: dict[str, Any], words: list[dict[str, Any]]
) -> Iterator[tuple[int, int, Box]]:
    """Yield page, direction and the box of the mention's part of each word it touches."""
    for word in words:
        first = max(mention["start"], word["start"]) - word["start"]
        last = min(mention["end"], word["end"]) - word["start"]
        if first < last:
            yield word["page"], word["direction"], part_of_word(word, first, last)


def part_of_word(word: dict[str, Any], first: int, last: int) -> Box:
    """Return the box of characters ``first`` to ``last`` (half-open) of a row of WORDS."""
    x0, y0, x1, y1 = (word[name] for name in ("x0", "y0", "x1", "y1"))
    near, far = word["edges"][first], word["edges"][last]
    match word["direction"]:
        case 0:
            return x0 + near, y0, x0 + far, y1
        case 90:  # read from top to bottom
            return x0, y0 + near, x1, y0 + far
        case 180:
            return x1 - far, y0, x1 - near, y1
        case _:  # 270: read from bottom to top
            return x0, y1 - far, x1, y1 - near


def _lines(parts: Iterator[tuple[int, int, Box]]) -> Iterator[tuple[int, Box]]:
    """Join parts that follow each other on one line into one box."""
    current: tuple[int, int, Box] | None = None
    for page, direction, box in parts:
        if current and current[:2] == (page, direction) and _on_line(current[2], box, direction):
            old = current[2]
            joined = (
                min(old[0], box[0]),
                min(old[1], box[1]),
                max(old[2], box[2]),
                max(old[3], box[3]),
            )
            current = (page, direction, joined)
            continue
        if current:
            yield current[0], current[2]
        current = (page, direction, box)
    if current:
        yield current[0], current[2]


def _on_line(a: Box, b: Box, direction: int) -> bool:
    """Say whether ``b`` continues ``a``: same line, and no more than three heights away.

    The distance matters in a table row, where a joined box would cover the cells between.
    """
    across, along = (1, 0) if direction in (0, 180) else (0, 1)
    overlap = min(a[across + 2], b[across + 2]) - max(a[across], b[across])
    height = min(a[across + 2] - a[across], b[across + 2] - b[across])
    distance = max(a[along], b[along]) - min(a[along + 2], b[along + 2])
    return overlap >= SAME_LINE * height and distance <= 1.5 * height
