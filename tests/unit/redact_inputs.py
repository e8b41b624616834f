"""Small documents and boxes for the tests of redaction and verification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pymupdf

from nescio import tables

Draw = Callable[[pymupdf.Page], None]

SECRET = "Ilse Vargasdottir"
"""A name that nothing else in a PDF resembles."""


def make(path: Path, *draw: Draw, rotation: int = 0) -> Path:
    """Write a document with one page for each drawing."""
    with pymupdf.open() as document:
        for each in draw:
            page = document.new_page()
            each(page)
            page.set_rotation(rotation)
        document.save(path)
    return path


def text(*lines: str, **options: object) -> Draw:
    """Draw lines of text, one below the other."""

    def draw(page: pymupdf.Page) -> None:
        for number, line in enumerate(lines):
            page.insert_text((72, 100 + 20 * number), line, **options)

    return draw


def row(page: int, box: Iterable[float], secret: str, **other: object) -> dict[str, object]:
    """Return a row of REDACTIONS."""
    values = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
    given = {"doc": "d-1", "mention": 0, "label": "NAME", "replacement": ""}
    return given | {"page": page, "secret": secret} | values | other


def boxes_of(pdf: Path, *phrases: str, **other: object) -> pa.Table:
    """Return REDACTIONS for every place where one of the phrases stands, word by word."""
    rows = []
    with pymupdf.open(pdf) as document:
        for page in document:
            matrix = page.rotation_matrix
            words = page.get_text("words", clip=pymupdf.INFINITE_RECT())
            for phrase in phrases:
                for word in words:
                    if word[4].strip(".,;:()") in phrase.split():
                        box = pymupdf.Rect(word[:4]) * matrix
                        rows.append(row(page.number, box, phrase, mention=len(rows), **other))
    return tables.from_rows("redactions", rows)


def table(*rows: dict[str, object]) -> pa.Table:
    """Return REDACTIONS of these rows."""
    return tables.from_rows("redactions", rows)


def words(pdf: Path, page: int = 0) -> list[str]:
    """Return the words of a page as PyMuPDF reads them, hidden ones too."""
    with pymupdf.open(pdf) as document:
        return [w[4] for w in document[page].get_text("words", clip=pymupdf.INFINITE_RECT())]
