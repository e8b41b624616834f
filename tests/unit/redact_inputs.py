"""Small documents and boxes for the tests of redaction and verification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pymupdf

from nescio import tables

FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE
"""Read text that clips hide, too."""

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
    """Return REDACTIONS for the places where a phrase, or one word of it, stands.

    Words that follow each other as in the phrase are one mention with a box a word.
    """
    rows: list[dict[str, object]] = []
    mention = 0
    with pymupdf.open(pdf) as document:
        for page in document:
            matrix = page.rotation_matrix
            found = page.get_text("words", flags=FLAGS, clip=pymupdf.INFINITE_RECT())
            bare = [word[4].strip(".,;:()") for word in found]
            for phrase in phrases:
                parts = phrase.split()
                number = 0
                while number < len(found):
                    size = len(parts) if bare[number : number + len(parts)] == parts else 1
                    if bare[number] in parts:
                        secret = " ".join(bare[number : number + size])
                        for word in found[number : number + size]:
                            box = pymupdf.Rect(word[:4]) * matrix
                            rows.append(row(page.number, box, secret, mention=mention, **other))
                        mention += 1
                    number += size
    return tables.from_rows("redactions", rows)


def table(*rows: dict[str, object]) -> pa.Table:
    """Return REDACTIONS of these rows."""
    return tables.from_rows("redactions", rows)


def words(pdf: Path, page: int = 0) -> list[str]:
    """Return the words of a page as PyMuPDF reads them, hidden ones too."""
    with pymupdf.open(pdf) as document:
        found = document[page].get_text("words", flags=FLAGS, clip=pymupdf.INFINITE_RECT())
    return [word[4] for word in found]


def photographed(*lines: str) -> pymupdf.Pixmap:
    """Return a picture of lines of text, as a scanner would make it."""
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        for number, line in enumerate(lines):
            page.insert_text((10, 30 + 30 * number), line, fontsize=14)
        return page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
