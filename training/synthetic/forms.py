"""Forms: labels with their values, drawn in the several ways that hospitals draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from training.synthetic.book import Colour
from training.synthetic.flow import Flow, put
from training.synthetic.fonts import face
from training.synthetic.text import Text, Textual, as_text, join
from training.synthetic.typeset import Style, break_lines


class Field(NamedTuple):
    """A label, its value, and how many of the form's columns it takes."""

    label: str
    value: Textual
    span: int = 1


@dataclass(frozen=True)
class FormStyle:
    """How a form looks: text of label and value, colours, what follows a label."""

    label: Style
    value: Style
    ink: Colour = (0.4, 0.43, 0.47)
    shade: Colour = (0.93, 0.95, 0.97)
    colon: str = ":"


def _row_height(parts: Sequence[tuple[Textual, float]], style: Style) -> float:
    lines = max(len(break_lines(as_text(text), style, width)) for text, width in parts)
    return max(1, lines) * style.line_height


def _drop(style: FormStyle) -> float:
    """Return how far a small label must go down to share the baseline of its value."""
    return 0.78 * (style.value.line_height - style.label.line_height)


def _rows(fields: Sequence[Field], columns: int) -> list[list[tuple[Field, int]]]:
    """Arrange fields in rows of so many columns; the last of a row takes what is left."""
    rows: list[list[tuple[Field, int]]] = []
    free = 0
    for field in fields:
        span = min(field.span, columns)
        if span > free:
            rows.append([])
            free = columns
        rows[-1].append((field, span))
        free -= span
    for row in rows:
        field, span = row[-1]
        row[-1] = (field, span + columns - sum(taken for _, taken in row))
    return rows


def boxed(flow: Flow, fields: Sequence[Field], style: FormStyle, columns: int = 3) -> None:
    """Draw a grid of boxes, each with a small label above its value."""
    unit, pad = flow.width / columns, 3.5
    for row in _rows(fields, columns):
        values = [(field.value, unit * span - 2 * pad) for field, span in row]
        height = _row_height(values, style.value) + style.label.line_height + 2 * pad
        flow.need(height)
        x = flow.x
        for field, span in row:
            width = unit * span
            flow.page.frame(x, flow.y, x + width, flow.y + height, 0.5, style.ink)
            label = field.label.upper() if style.colon == "" else field.label + style.colon
            top = flow.y + pad * 0.7
            inner = width - 2 * pad
            put(flow.book, flow.page, (x + pad, top, inner), label, style.label, "form")
            below = (x + pad, top + style.label.line_height + pad * 0.4, inner)
            put(flow.book, flow.page, below, field.value, style.value, "form")
            x += width
        flow.y += height


def dotted(flow: Flow, fields: Sequence[Field], style: FormStyle, columns: int = 1) -> None:
    """Write each label, a dotted leader, and the value after it."""
    unit, gap = flow.width / columns, 12.0
    dot, shown_by = face(style.value.family).measure(".")
    size = style.value.size
    label_width = max(
        face(style.label.family, style.label.bold).measure(field.label)[0] for field in fields
    )
    reserved = label_width * style.label.size + 24
    for row in _rows(fields, columns):
        values = [(field.value, unit * span - reserved - gap) for field, span in row]
        height = max(_row_height(values, style.value), style.label.line_height) + 3
        flow.need(height)
        x = flow.x
        for field, span in row:
            baseline = flow.y + 0.78 * style.value.line_height
            label = break_lines(as_text(field.label), style.label, unit)[0]
            flow.book.write(
                flow.page, x, baseline, as_text(field.label), label, style.label, "form"
            )
            room = reserved - 6 - label.width
            dots = "." * max(3, int(room / (dot * size)))
            start = x + reserved - 5 - len(dots) * dot * size
            flow.page.string(start, baseline, dots, shown_by, size, style.ink)
            box = (x + reserved, flow.y, unit * span - reserved - gap)
            put(flow.book, flow.page, box, field.value, style.value, "form")
            x += unit * span
        flow.y += height


def ruled(flow: Flow, fields: Sequence[Field], style: FormStyle, columns: int = 1) -> None:
    """Draw a table of labels (shaded) and values (ruled)."""
    unit, pad = flow.width / columns, 4.0
    share = 0.30 if columns == 1 else 0.36
    for row in _rows(fields, columns):
        cells = [(field, unit * span, min(unit * share, unit * span * 0.5)) for field, span in row]
        height = 2 * pad + max(
            _row_height([(f.value, width - label - 2 * pad)], style.value)
            for f, width, label in cells
        )
        height = max(
            height,
            2 * pad
            + max(_row_height([(f.label, label - 2 * pad)], style.label) for f, _, label in cells),
        )
        flow.need(height)
        x, page = flow.x, flow.page
        for field, width, label in cells:
            page.fill(x, flow.y, x + label, flow.y + height, style.shade)
            page.frame(x, flow.y, x + width, flow.y + height, 0.5, style.ink)
            page.rule(x + label, flow.y, x + label, flow.y + height, 0.5, style.ink)
            box = (x + pad, flow.y + pad + _drop(style), label - 2 * pad)
            put(flow.book, page, box, field.label, style.label, "form")
            box = (x + label + pad, flow.y + pad, width - label - 2 * pad)
            put(flow.book, page, box, field.value, style.value, "form")
            x += width
        flow.y += height


def two_up(flow: Flow, fields: Sequence[Field], style: FormStyle, columns: int = 2) -> None:
    """Write ``Label: value`` pairs side by side, no lines, values aligned in each half."""
    unit, gap = flow.width / columns, 14.0
    widest = max(
        face(style.label.family, style.label.bold).measure(field.label + style.colon)[0]
        for field in fields
    )
    reserved = min(widest * style.label.size + 10, unit * 0.55)
    for row in _rows(fields, columns):
        labels = [(field.label + style.colon, reserved - 4) for field, _ in row]
        values = [(field.value, unit * span - reserved - gap) for field, span in row]
        height = max(_row_height(values, style.value), _row_height(labels, style.label)) + 2
        flow.need(height)
        x = flow.x
        for field, span in row:
            box = (x, flow.y + _drop(style), reserved - 4)
            put(flow.book, flow.page, box, field.label + style.colon, style.label, "form")
            box = (x + reserved, flow.y, unit * span - reserved - gap)
            put(flow.book, flow.page, box, field.value, style.value, "form")
            x += unit * span
        flow.y += height


def running(flow: Flow, fields: Sequence[Field], style: FormStyle, columns: int = 1) -> None:
    """Write everything as running text: ``Name: Jane Doe | DOB: 1 May 1970 | ...``."""
    del columns
    separator = " | " if style.colon else "   "
    items: list[Text] = [
        field.label + (style.colon or ":") + " " + as_text(field.value) for field in fields
    ]
    flow.paragraph(join(separator, items), style.value, after=2, place="form")


FORMS: dict[str, Callable[..., None]] = {
    "boxed": boxed,
    "dotted": dotted,
    "ruled": ruled,
    "two_up": two_up,
    "running": running,
}
"""Ways of drawing a form, by the name that layouts use."""
