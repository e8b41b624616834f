"""The look of one document: one draw from the options of its layout."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, cast

from training.synthetic.book import Colour
from training.synthetic.flow import PAPER, Frame
from training.synthetic.forms import FormStyle
from training.synthetic.grid import TableStyle
from training.synthetic.sources import data
from training.synthetic.typeset import Style


@dataclass(frozen=True)
class Look:
    """Everything about a document's appearance.

    Attributes:
        layout: name of the layout in ``data/layouts.yaml``.
        frame: page size and margins.
        body: style of running text.
        accent, tint: colours of letterhead and heads, of bars and shaded cells.
        letterhead, head, form, form_columns, columns, banner: as drawn from the layout.
        form_style, table_style: of forms and tables.
        letter: whether it reads as a letter, with greeting and farewell.
        narrative_columns, landscape, listing_family: of reports' narratives and listings.
    """

    layout: str
    frame: Frame
    body: Style
    accent: Colour
    tint: Colour
    letterhead: str
    head: str
    form: str
    form_columns: int
    columns: int
    banner: str
    form_style: FormStyle
    table_style: TableStyle
    letter: bool
    narrative_columns: int = 1
    landscape: bool = False
    listing_family: str = "courier"


_REPORT_ONLY = ("narrative_columns", "landscape", "listing_family")


def draw_look(rng: Random, kind: str, layout: str, country: str) -> Look:
    """Draw a look from the layout's options."""
    options = data("layouts")[kind][layout]
    drawn = {
        key: rng.choice(value) if isinstance(value, list) else value
        for key, value in options.items()
    }
    width, height = PAPER["letter" if country in ("us", "ca") else "a4"]
    side = rng.choice((50.0, 56.0, 62.0))
    frame = Frame(width, height, side, side, rng.choice((64.0, 70.0)), 62.0, drawn["columns"])
    accent = cast(Colour, tuple(rng.choice(data("layouts")["accents"])))
    if drawn["letterhead"] == "typed":
        accent = (0.0, 0.0, 0.0)
    tint = cast(Colour, tuple(round(1 - (1 - part) * 0.12, 3) for part in accent))
    body = Style(drawn["family"], drawn["size"], drawn["leading"], align=drawn["align"])
    return Look(
        layout=layout,
        frame=frame,
        body=body,
        accent=accent,
        tint=tint,
        letterhead=drawn["letterhead"],
        head=drawn["head"],
        form=drawn["form"],
        form_columns=drawn["form_columns"],
        columns=drawn["columns"],
        banner=drawn["banner"],
        form_style=_form_style(rng, drawn, body, tint),
        table_style=_table_style(rng, drawn, body, tint),
        letter=drawn["letter"],
        **{key: drawn[key] for key in _REPORT_ONLY if key in drawn},
    )


def _form_style(rng: Random, drawn: dict[str, Any], body: Style, tint: Colour) -> FormStyle:
    small = drawn["form"] == "boxed"
    label = body.but(
        size=body.size - 2.4 if small else body.size,
        bold=not small and rng.random() < 0.5,
        align="left",
        colour=(0.32, 0.34, 0.38) if small else (0.0, 0.0, 0.0),
    )
    value = body.but(align="left", bold=rng.random() < 0.25)
    return FormStyle(label, value, shade=tint, colon="" if small else ":")


def _table_style(rng: Random, drawn: dict[str, Any], body: Style, tint: Colour) -> TableStyle:
    cell = body.but(size=body.size - 1.0, align="left", leading=1.25)
    padding = rng.choice((2.2, 3.0))
    return TableStyle(cell.but(bold=True), cell, drawn["ruling"], padding, shade=tint)
