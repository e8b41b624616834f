"""PDFs made on the spot, and what extraction reads from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf

from nescio.extract import Extraction, extract_pages

Draw = Callable[[pymupdf.Page], object]
Row = dict[str, Any]

PROSE = (
    "She came with a cough that had lasted for three weeks and did not sleep well. The lungs were "
    "clear and the heart sounds regular. A chest film showed nothing of note, and she went home "
    "with advice to come again if the fever should return within the next ten days. "
)
"""Sentences that fill several lines in any column."""


def save(path: Path, *draw: Draw, size: tuple[float, float] = (595, 842), **options: Any) -> Path:
    """Write a PDF with one page for each drawing."""
    with pymupdf.open() as document:
        for each in draw:
            each(document.new_page(width=size[0], height=size[1]))
        document.save(path, **options)
    return path


def extracted(folder: Path, *draw: Draw, rotation: int = 0) -> Extraction:
    """Extract a PDF with one page for each drawing, all of them shown with a rotation."""

    def turned(each: Draw) -> Draw:
        return lambda page: (each(page), page.set_rotation(rotation))

    return read(save(folder / "a.pdf", *map(turned, draw)))


def read(path: Path, password: str | None = None) -> Extraction:
    """Extract all pages of a PDF."""
    with pymupdf.open(path) as document:
        if password:
            document.authenticate(password)
        pages = document.page_count
    return extract_pages(path, "d-1", 0, pages, password)


def paragraphs(extraction: Extraction, **wanted: Any) -> list[Row]:
    """Return the paragraphs that have the given values, in order."""
    rows = extraction.paragraphs.to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def texts(extraction: Extraction, **wanted: Any) -> list[str]:
    """Return the texts of the paragraphs that have the given values, in order."""
    return [row["text"] for row in paragraphs(extraction, **wanted)]


def words(extraction: Extraction) -> list[tuple[str, Row]]:
    """Return each word's text with its row."""
    whole = {row["paragraph"]: row["text"] for row in extraction.paragraphs.to_pylist()}
    return [
        (whole[row["paragraph"]][row["start"] : row["end"]], row)
        for row in extraction.words.to_pylist()
    ]


def character_boxes(row: Row) -> list[tuple[float, float, float, float]]:
    """Return the box of each character of a word, from its edges and direction."""
    x0, y0, x1, y1 = (row[name] for name in ("x0", "y0", "x1", "y1"))
    pairs = list(zip(row["edges"], row["edges"][1:], strict=False))
    match row["direction"]:
        case 0:
            return [(x0 + a, y0, x0 + b, y1) for a, b in pairs]
        case 90:
            return [(x0, y0 + a, x1, y0 + b) for a, b in pairs]
        case 180:
            return [(x1 - b, y0, x1 - a, y1) for a, b in pairs]
        case _:
            return [(x0, y1 - b, x1, y1 - a) for a, b in pairs]
