"""Tables: columns of wrapped cells, ruled in several ways, heads repeated on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from training.synthetic.book import Colour, Mention
from training.synthetic.flow import Flow
from training.synthetic.text import Text, Textual, as_text
from training.synthetic.typeset import Align, Line, Style, break_lines


class Column(NamedTuple):
    """Head, share of the width, alignment of the cells."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True)
class TableStyle:
    """How a table looks: ruling, text of head and cells, padding in points, colours."""

    head: Style
    cell: Style
    ruling: Literal["grid", "rows", "booktabs", "zebra", "none"] = "grid"
    padding: float = 3.0
    shade: Colour = (0.92, 0.94, 0.96)
    ink: Colour = (0.35, 0.38, 0.42)


_KEPT_ROWS = 9
"""A table with no more rows is not broken where it can be kept together."""


class _Cell(NamedTuple):
    text: Text
    lines: list[Line]
    style: Style


def table(
    flow: Flow,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Textual]],
    style: TableStyle,
    place: str = "table",
) -> None:
    """Set a table over the width of the column, broken between rows only.

    Args:
        flow: where it goes.
        columns: heads and shares of the width.
        rows: cells; drawn one by one, so an iterator may look how far the flow has come.
        style: how it looks.
        place: what the gold says of mentions here.
    """
    total = sum(column.share for column in columns)
    widths = [flow.width * column.share / total for column in columns]
    head = [
        _cell(column.title, style.head.but(align=column.align), width, style)
        for column, width in zip(columns, widths, strict=True)
    ]
    started = False
    if isinstance(rows, Sequence):
        flow.need(kept_height(flow, rows, style))
    styles = [style.cell.but(align=column.align) for column in columns]
    for number, row in enumerate(rows):
        cells = [
            _cell(value, cell_style, width, style)
            for value, cell_style, width in zip(row, styles, widths, strict=True)
        ]
        height = _height(cells, style)
        page = flow.page
        column_x = flow.x
        flow.need(height + (0 if started else _height(head, style)))
        if not started or flow.page is not page or flow.x != column_x:
            _row(flow, head, widths, style, "head", place)
            started = True
        kind = "odd" if number % 2 else "even"
        _row(flow, cells, widths, style, kind, place)
        flow.blocks += 1
    if style.ruling == "booktabs":
        flow.rule(0.9)


def kept_height(flow: Flow, rows: Sequence[Sequence[Textual]], style: TableStyle) -> float:
    """Return the height in points of what must stay together at the start of a table."""
    kept = len(rows) if len(rows) <= _KEPT_ROWS else 2
    estimate = (kept + 1) * (style.cell.line_height + 2 * style.padding)
    return min(estimate * 1.15, flow.bottom - flow.frame.top - 60)


def _cell(value: Textual, text_style: Style, width: float, style: TableStyle) -> _Cell:
    text = as_text(value)
    return _Cell(text, break_lines(text, text_style, width - 2 * style.padding), text_style)


def _height(cells: Sequence[_Cell], style: TableStyle) -> float:
    return 2 * style.padding + max(
        max(1, len(cell.lines)) * cell.style.line_height for cell in cells
    )


def _row(
    flow: Flow,
    cells: Sequence[_Cell],
    widths: Sequence[float],
    style: TableStyle,
    kind: str,
    place: str,
) -> None:
    height = _height(cells, style)
    _rules(flow, widths, height, style, kind)
    x = flow.x
    for cell, width in zip(cells, widths, strict=True):
        y = flow.y + style.padding
        placed: dict[int, Mention] = {}
        for line in cell.lines:
            flow.book.write(
                flow.page,
                x + style.padding,
                y + 0.78 * cell.style.line_height,
                cell.text,
                line,
                cell.style,
                place,
                placed,
            )
            y += cell.style.line_height
        x += width
    flow.y += height


def _rules(
    flow: Flow, widths: Sequence[float], height: float, style: TableStyle, kind: str
) -> None:
    page, left, top = flow.page, flow.x, flow.y
    right, bottom = left + sum(widths), flow.y + height
    ruling = style.ruling
    shaded = kind == "head" and ruling in ("grid", "zebra", "rows")
    if shaded or (ruling == "zebra" and kind == "odd"):
        page.fill(left, top, right, bottom, style.shade)
    if ruling == "grid":
        x = left
        for width in (*widths, 0.0):
            page.rule(x, top, x, bottom, 0.5, style.ink)
            x += width
        page.rule(left, bottom, right, bottom, 0.5, style.ink)
        if kind == "head":
            page.rule(left, top, right, top, 0.5, style.ink)
    elif ruling == "rows":
        page.rule(left, bottom, right, bottom, 0.4, style.ink)
    elif ruling == "booktabs" and kind == "head":
        page.rule(left, top, right, top, 0.9, style.ink)
        page.rule(left, bottom, right, bottom, 0.5, style.ink)
    elif ruling == "zebra" and kind == "head":
        page.rule(left, bottom, right, bottom, 0.8, style.ink)
