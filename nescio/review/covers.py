"""What a mark that a person drew covers: glyphs line by line, or a part of a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pymupdf

from nescio.redact.apply import images_of, read_text, unrotated
from nescio.redact.glyphs import Rect, corners, overlap

ALONG: Final = 1 / 3
"""Share of a glyph's box that a mark covers in each direction if it is meant: people draw
loosely."""


class Cover:
    """Looks under marks of one flattened document."""

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document
        self._pages: dict[int, tuple[list[Any], list[Rect], pymupdf.Matrix]] = {}

    def under(self, page: int, marks: Sequence[Rect], taken: Sequence[Rect]) -> Covered:
        """Return what boxes of a page (as shown) cover and no box of ``taken`` does."""
        lines, images, matrix = self._read(page)
        boxes = [corners(pymupdf.Rect(mark) * matrix) for mark in marks]
        hidden = [corners(pymupdf.Rect(box) * matrix) for box in taken]
        found = Covered()
        for chars in lines:
            meant = [char for char in chars if any(_meant(char["bbox"], box) for box in boxes)]
            new = [char for char in meant if not any(_meant(char["bbox"], box) for box in hidden)]
            found.already |= len(new) < len(meant)
            if new:
                # Characters of a line are joined while they follow each other.
                for run in _runs(new, chars):
                    text = "".join(char["c"] for char in run)
                    if text.strip():
                        rect = _around(char["bbox"] for char in run) * ~matrix
                        found.lines.append((corners(rect), text.strip()))
        for box, mark in zip(boxes, marks, strict=True):
            if any(_overlaps_much(box, image) for image in images):
                found.pictures.append(mark)
        return found

    def find(
        self, page: int, pattern: re.Pattern[str], taken: Sequence[Rect]
    ) -> Iterator[tuple[list[Rect], str]]:
        """Yield boxes (as shown, one a line) and text of each match that is not all hidden.

        Args:
            page: from 0.
            pattern: meets the lines of the page in their order, with a space between two.
            taken: boxes that are hidden already.
        """
        lines, _, matrix = self._read(page)
        hidden = [corners(pymupdf.Rect(box) * matrix) for box in taken]
        text, owners = _joined(lines)
        for match in pattern.finditer(text):
            found = [owner for owner in owners[match.start() : match.end()] if owner]
            chars = [lines[line][number] for line, number in found]
            if all(any(_meant(char["bbox"], box) for box in hidden) for char in chars):
                continue
            by_line: dict[int, list[Rect]] = {}
            for line, number in found:
                by_line.setdefault(line, []).append(lines[line][number]["bbox"])
            boxes = [corners(_around(run) * ~matrix) for run in by_line.values()]
            yield boxes, match.group()

    def _read(self, number: int) -> tuple[list[Any], list[Rect], pymupdf.Matrix]:
        if number not in self._pages:
            page = self._document[number]
            with unrotated(page) as matrix:
                raw = read_text(page).extractRAWDICT()
                images = [corners(image["bbox"]) for image in images_of(page)]
            lines = [list(_chars(line)) for block in raw["blocks"] for line in block["lines"]]
            self._pages[number] = lines, images, matrix
        return self._pages[number]


class Covered:
    """What a mark covers: lines (box as shown, text), pictures, and whether it was hidden."""

    def __init__(self) -> None:
        self.lines: list[tuple[Rect, str]] = []
        self.pictures: list[Rect] = []
        self.already = False

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to hide under it."""
        return not (self.lines or self.pictures)

    @property
    def text(self) -> str:
        """What stands in its lines."""
        return " ".join(text for _, text in self.lines)


def _chars(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for span in line["spans"]:
        yield from span["chars"]


def _joined(lines: Sequence[list[Any]]) -> tuple[str, list[tuple[int, int] | None]]:
    """Return the text of a page, and for each of its characters line and place in the line."""
    parts: list[str] = []
    owners: list[tuple[int, int] | None] = []
    for line, chars in enumerate(lines):
        for number, char in enumerate(chars):
            parts.append(char["c"])
            owners += [(line, number)] * len(char["c"])
        parts.append(" ")
        owners.append(None)
    return "".join(parts), owners


def whole_words(text: str) -> str:
    """Return a pattern for a text as whole words, whatever white space parts them."""
    return r"(?<!\w)" + r"\s+".join(re.escape(word) for word in text.split()) + r"(?!\w)"


def _runs(new: list[dict[str, Any]], line: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    marked = {id(char) for char in new}
    run: list[dict[str, Any]] = []
    for char in line:
        if id(char) in marked:
            run.append(char)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _around(boxes: Iterable[Rect]) -> pymupdf.Rect:
    rects = list(boxes)
    return pymupdf.Rect(
        min(rect[0] for rect in rects),
        min(rect[1] for rect in rects),
        max(rect[2] for rect in rects),
        max(rect[3] for rect in rects),
    )


def _meant(glyph: Rect, box: Rect) -> bool:
    x = min(glyph[2], box[2]) - max(glyph[0], box[0])
    y = min(glyph[3], box[3]) - max(glyph[1], box[1])
    wide, high = glyph[2] - glyph[0], glyph[3] - glyph[1]
    return x >= ALONG * wide and y >= ALONG * high and (x > 0 or y > 0)


def _overlaps_much(box: Rect, image: Rect) -> bool:
    """Say whether a mark lies on a picture by more than its edge."""
    inner = box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1
    return overlap(inner, image)
