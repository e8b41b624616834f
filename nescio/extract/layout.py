"""A page's words become its paragraphs, in reading order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from nescio.extract.bands import regions_of
from nescio.extract.drafts import Draft
from nescio.extract.grid import drafts_of_grid
from nescio.extract.paragraphs import LARGER, Paragraph, paragraph_of
from nescio.extract.prose import drafts_of_text
from nescio.extract.rows import Row, rows_of, segment_of
from nescio.extract.words import Rules, Run, turned, turned_rules


def paragraphs_of(
    runs: Iterable[Run], rules: Rules, ordinary: float, first_table: int = 0
) -> list[Paragraph]:
    """Return the paragraphs of words that stand parallel to the page's edges, in reading order.

    Words of one direction are read together, those of the most common direction first.

    Args:
        runs: words line by line, in any order; from the text layer, from OCR, or both.
        rules: lines drawn on the page.
        ordinary: size of the document's ordinary text, in points.
        first_table: number of the first table found.
    """
    by_direction: dict[int, list[Run]] = defaultdict(list)
    characters: Counter[int] = Counter()
    for run in runs:
        direction = run[0].direction
        by_direction[direction].append(run)
        characters[direction] += sum([len(word.text) for word in run])
    found: list[Paragraph] = []
    for direction, _ in characters.most_common():
        lines = turned_rules(rules, direction)
        rows = rows_of(by_direction[direction], lines.vertical)
        above: float | None = None
        for draft in _drafts(rows, lines, first_table):
            first_table = max(first_table, draft.table + 1)
            paragraph = paragraph_of(draft, ordinary)
            _, top, _, bottom = turned(paragraph.box, direction)
            if above is not None and bottom > above:  # else it opens the next column
                paragraph.gap = max(0.0, top - above)
            above = bottom
            found.append(paragraph)
    _check_headings(found)
    return found


def separate_lines(runs: Iterable[Run], ordinary: float) -> list[Paragraph]:
    """Return a paragraph for each run: lines that stand aslant have no neighbours."""
    drafts = (Draft("text", run[0].near, [("", segment_of(run))], rows=1) for run in runs)
    return [paragraph_of(draft, ordinary) for draft in drafts]


def _check_headings(paragraphs: list[Paragraph]) -> None:
    """Take back headings that only their size made, where what follows is of the same size."""
    for number, paragraph in enumerate(paragraphs):
        if paragraph.kind != "heading" or paragraph.style.bold or paragraph.text.isupper():
            continue
        after = paragraphs[number + 1 : number + 3]
        if not any(paragraph.style.size > LARGER * other.style.size for other in after):
            paragraph.kind = "body"


def _drafts(rows: list[Row], rules: Rules, table: int) -> Iterator[Draft]:
    for region in regions_of(rows, rules):
        if region.kind == "text":
            yield from drafts_of_text(region, rules)
            continue
        last = -1
        for draft in drafts_of_grid(region, rules, table):
            last = max(last, draft.table)
            yield draft
        table = max(table, last + 1)
