"""A mark: what a PDF annotation of a proposal says, whichever file it stands in."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import pymupdf
from pymupdf import mupdf

from nescio import tables

AUTHOR: Final = "Nescio"

CCI: Final = "CCI"
"""Label of what is commercially confidential: nobody's identity, but removed as one."""

LABELS: Final = (*tables.LABELS, CCI)
"""Labels that a person may give a mark."""
KINDS: Final = ("Redact", "Highlight", "Square")
"""Annotations that mean: this has to go."""

Quad = tuple[float, ...]
"""Eight numbers, as in QuadPoints: upper left, upper right, lower left, lower right."""

Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """One annotation.

    Attributes:
        kind: one of KINDS.
        page: from 0.
        quads: its places, in the default user space of the page (PDF coordinates).
        name: the annotation's unique name (NM), empty if it has none.
        subject: label and kind of the mention in a proposal; whatever a person's viewer sets.
        contents: what a reader sees in the annotation's window.
        overlay: text that stands in the place once the mark is applied.
    """

    kind: str
    page: int
    quads: tuple[Quad, ...]
    name: str = ""
    subject: str = ""
    contents: str = ""
    overlay: str = ""

    @property
    def rect(self) -> Rect:
        """The rectangle around all quads."""
        x = [value for quad in self.quads for value in quad[::2]]
        y = [value for quad in self.quads for value in quad[1::2]]
        return min(x), min(y), max(x), max(y)

    @property
    def label(self) -> str:
        """The label of the mention that a proposal's mark stands for."""
        return self.subject.split(" ")[0]

    @property
    def colour(self) -> tuple[float, ...]:
        """Red, green and blue (0 to 1), by label."""
        return tuple(int(part, 16) / 255 for part in _pairs(hex_colour(self.label)))


def hex_colour(label: str) -> str:
    """Return the colour of a label's marks as ``#RRGGBB``."""
    colours = _colours()
    return colours.get(label, colours["OTHER"])


def _pairs(colour: str) -> Sequence[str]:
    return colour[1:3], colour[3:5], colour[5:7]


@cache
def _colours() -> dict[str, str]:
    text = resources.files(__package__).joinpath("data/colours.csv").read_text("utf-8")
    return {row["label"]: row["colour"] for row in csv.DictReader(text.splitlines())}


def quad_of(rect: Rect) -> Quad:
    """Return a rectangle of PDF coordinates as a quad."""
    x0, y0, x1, y1 = rect
    return x0, y1, x1, y1, x0, y0, x1, y0


def to_shown(page: pymupdf.Page) -> pymupdf.Matrix:
    """Return the matrix from a page's PDF coordinates to the page as shown (tables.py)."""
    matrix = mupdf.FzMatrix()
    mupdf.pdf_page_transform(mupdf.pdf_page_from_fz_page(page.this), mupdf.FzRect(), matrix)
    return pymupdf.Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def shown_quad(rect: Rect, matrix: pymupdf.Matrix) -> Quad:
    """Return a box of the page as shown as a quad of its PDF coordinates.

    Args:
        rect: the box.
        matrix: what :func:`to_shown` returns.
    """
    x0, y0, x1, y1 = rect
    back = ~matrix
    points = [pymupdf.Point(p) * back for p in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))]
    return tuple(round(value, 3) for point in points for value in point)


def shown_rect(quad: Quad, matrix: pymupdf.Matrix) -> Rect:
    """Return the box, on the page as shown, around a quad of PDF coordinates."""
    points = [pymupdf.Point(quad[i], quad[i + 1]) * matrix for i in (0, 2, 4, 6)]
    x, y = [point.x for point in points], [point.y for point in points]
    return min(x), min(y), max(x), max(y)


def fingerprints(marks: Iterable[Mark]) -> Counter[str]:
    """Count marks by kind and place: so those that the original has are told from new ones."""
    return Counter(
        f"{mark.page}/{mark.kind}/" + ",".join(f"{value:.1f}" for value in mark.rect)
        for mark in marks
    )
