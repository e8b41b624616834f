"""Reads and writes marks as annotations of a PDF (ISO 32000-2, 12.5.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from nescio.review.marks import AUTHOR, KINDS, Mark, Quad, quad_of

PRINTED: Final = 4
"""Annotation flag: shown on paper, too."""

MOST: Final = 200_000
"""Annotations that are read from one file at most: a hostile one may hold any number."""


class Outline(NamedTuple):
    """How a mark is drawn that is not tinted: colour (red, green, blue, 0 to 1) and line."""

    colour: tuple[float, float, float]
    dashed: bool


def write_marks(
    pdf: pikepdf.Pdf,
    marks: Iterable[Mark],
    when: str,
    outline_of: Callable[[Mark], Outline] | None = None,
) -> None:
    """Add marks to the pages of an open PDF.

    Args:
        pdf: the document.
        marks: what to add, in any order.
        when: date and time as PDF writes them.
        outline_of: how each mark is outlined; None for a tint in the colour of its label.
    """
    by_page: dict[int, list[Mark]] = {}
    for mark in marks:
        by_page.setdefault(mark.page, []).append(mark)
    for number, found in by_page.items():
        page = pdf.pages[number].obj
        old = page.get("/Annots")
        new = Array(list(old) if isinstance(old, Array) else [])
        for mark in found:
            new.append(pdf.make_indirect(_annotation(pdf, mark, when, page, outline_of)))
        page.Annots = new


def _annotation(
    pdf: pikepdf.Pdf,
    mark: Mark,
    when: str,
    page: Any,
    outline_of: Callable[[Mark], Outline] | None,
) -> Dictionary:
    outline = outline_of(mark) if outline_of else None
    values: dict[str, Any] = {
        "/Type": Name.Annot,
        "/Subtype": Name.Redact,
        "/P": page,
        "/Rect": Array(list(mark.rect)),
        "/QuadPoints": Array([value for quad in mark.quads for value in quad]),
        "/NM": String(mark.name),
        "/T": String(AUTHOR),
        "/Subj": String(mark.subject),
        "/Contents": String(mark.contents),
        "/C": Array([round(part, 4) for part in (outline.colour if outline else mark.colour)]),
        "/IC": Array([0, 0, 0]),
        "/F": PRINTED,
        "/CreationDate": String(when),
        "/M": String(when),
        "/AP": Dictionary(N=_appearance(pdf, mark, outline)),
    }
    if mark.overlay:
        values |= {"/OverlayText": String(mark.overlay), "/DA": String("/Helv 0 Tf 1 g")}
    return Dictionary(values)


def _appearance(pdf: pikepdf.Pdf, mark: Mark, outline: Outline | None) -> pikepdf.Stream:
    """Draw an outline and perhaps a tint: the text under a mark stays readable."""
    red, green, blue = (f"{part:.3f}" for part in (outline.colour if outline else mark.colour))
    paint = "s" if outline else "b"
    lines = [f"/T gs {red} {green} {blue} RG {red} {green} {blue} rg 0.8 w"]
    if outline and outline.dashed:
        lines.append("[3 2] 0 d")
    for x0, y0, x1, y1, x2, y2, x3, y3 in mark.quads:
        lines.append(f"{x0:.3f} {y0:.3f} m {x1:.3f} {y1:.3f} l")
        lines.append(f"{x3:.3f} {y3:.3f} l {x2:.3f} {y2:.3f} l {paint}")
    form = pdf.make_stream("\n".join(lines).encode("ascii"))
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array(list(mark.rect))
    form.Resources = Dictionary(ExtGState=Dictionary(T=Dictionary(ca=0.2, CA=1)))
    return form


def read_marks(pdf: pikepdf.Pdf) -> Iterator[Mark]:
    """Yield the marks of a PDF, those of any author; what is malformed is no mark."""
    left = MOST
    for number, page in enumerate(pdf.pages):
        annots = page.obj.get("/Annots")
        for item in annots if isinstance(annots, Array) else ():
            left -= 1
            if left < 0:
                return
            mark = _mark(item, number)
            if mark is not None:
                yield mark


def _mark(item: Any, page: int) -> Mark | None:
    try:
        kind = str(item.get("/Subtype", ""))[1:]
        if kind not in KINDS:
            return None
        quads = _quads(item)
    except (TypeError, ValueError, ArithmeticError, AttributeError, pikepdf.PdfError):
        return None
    texts = [_text(item, key) for key in ("/NM", "/Subj", "/Contents", "/OverlayText")]
    return Mark(kind, page, quads, *texts)


def _text(item: Any, key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, String) else ""


def _quads(item: Any) -> tuple[Quad, ...]:
    """Return QuadPoints, or the rectangle where there are none (squares never have them)."""
    points = item.get("/QuadPoints")
    if isinstance(points, Array):
        return quads_of([float(value) for value in points])
    x0, y0, x1, y1 = (float(value) for value in item.Rect)
    return (quad_of((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))),)


def quads_of(values: list[float]) -> tuple[Quad, ...]:
    """Cut a list of coordinates into quads.

    Raises:
        ValueError: their number is no multiple of eight, or there are none.
    """
    if not values or len(values) % 8:
        raise ValueError("a quad has eight numbers")
    return tuple(tuple(values[i : i + 8]) for i in range(0, len(values), 8))
