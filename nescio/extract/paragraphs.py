"""Drafts become paragraphs: their text, the place of each word in it, their kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nescio.extract.characters import SOFT_HYPHEN
from nescio.extract.drafts import CELL_SEPARATOR, LINE_SEPARATOR, Draft
from nescio.extract.labels import LABEL_LENGTH, is_field
from nescio.extract.rows import Segment, main_style
from nescio.extract.words import Box, Style, Word, hull

HEADING_LENGTH: Final = 150
"""Characters; a longer paragraph is not a heading."""
HEADING_LINES: Final = 3
FIELD_LENGTH: Final = 160
"""Characters; a longer paragraph that opens with a label is running text."""
LARGER: Final = 1.1
"""A heading's size, where size makes it one, in sizes of the document's ordinary text."""

_NUMBERED: Final = re.compile(
    r"(?:\d{1,2}\.)*\d{1,2}\.?\s+[^\W\d]|(?:Appendix|Section|Part)\s", re.I
)
_OPEN_ADDRESS: Final = re.compile(r"\w@[^.]*$|(?://|www\.).*[/._=&?-]$")
"""The first part of an e-mail or web address that a line cuts."""
_OPEN_END: Final = (".", ",", ";", "!", "?")

Placed = tuple[int, Word]
"""A word and where it starts in its paragraph's text."""


@dataclass(slots=True)
class Paragraph:
    """A paragraph of a page, with its words and how it looks."""

    text: str
    words: list[Placed]
    kind: str
    origin: str
    box: Box
    style: Style
    indent: float = 0.0
    gap: float = -1.0
    table: int = -1
    row: int = -1


def paragraph_of(draft: Draft, ordinary: float) -> Paragraph:
    """Make a paragraph of a draft.

    Args:
        draft: its segments.
        ordinary: size of the document's ordinary text, in points.
    """
    text, placed = _joined(draft.parts)
    words = [word for _, word in placed]
    style = main_style(words)
    return Paragraph(
        text,
        placed,
        _kind(draft, text, style, ordinary),
        _origin(words),
        hull([word.box for word in words]),
        style,
        max(0.0, min(segment.near for _, segment in draft.parts) - draft.left),
        table=draft.table,
        row=draft.row,
    )


def limited(paragraphs: list[Paragraph], most: int) -> list[Paragraph]:
    """Return at most so many paragraphs; the last of them holds what is beyond."""
    if len(paragraphs) <= most:
        return paragraphs
    *kept, last = paragraphs[:most]
    for other in paragraphs[most:]:
        start = len(last.text) + len(LINE_SEPARATOR)
        last.text = f"{last.text}{LINE_SEPARATOR}{other.text}"
        last.words += [(start + offset, word) for offset, word in other.words]
        last.box = hull([last.box, other.box])
    return [*kept, last]


def _joined(parts: Sequence[tuple[str, Segment]]) -> tuple[str, list[Placed]]:
    """Join words to a text. A word that a hyphen divides at the end of a line stays whole."""
    pieces: list[str] = []
    placed: list[Placed] = []
    length = 0
    for separator, segment in parts:
        first = segment.words[0]
        for word in segment.words:
            if word is not first:
                separator = " "
            elif separator and CELL_SEPARATOR not in separator and placed:
                separator, cut = _after_hyphen(placed[-1][1], word, separator)
                if cut:
                    pieces[-1] = pieces[-1][:-1]
                    placed[-1] = placed[-1][0], _without_hyphen(placed[-1][1])
                    length -= 1
            pieces += (separator, word.text)
            length += len(separator)
            placed.append((length, word))
            length += len(word.text)
    text = "".join(pieces)
    return (_without_soft_hyphens(text, placed), placed) if SOFT_HYPHEN in text else (text, placed)


def _after_hyphen(last: Word, word: Word, separator: str) -> tuple[str, bool]:
    """Return what stands between two lines, and whether the hyphen before it goes."""
    if len(last.text) < 2:
        return separator, False
    if last.text[-1] == SOFT_HYPHEN:
        return "", True
    if _OPEN_ADDRESS.search(last.text) and word.text[0].isalnum():
        return "", False
    if last.text[-1] != "-" or not last.text[-2].isalnum() or not word.text[0].isalnum():
        return separator, False
    return "", last.text[-2].islower() and word.text[0].islower()


def _without_hyphen(word: Word) -> Word:
    """Drop a word's last sign; its room goes to the letter before it, so that a box covers both."""
    edges = [*word.edges[:-2], word.edges[-1]]
    return _replaced(word, word.text[:-1], edges)


def _without_soft_hyphens(text: str, placed: list[Placed]) -> str:
    """Drop soft hyphens inside words: they show only where a line ends."""
    for number, (start, word) in enumerate(placed):
        shift = text.count(SOFT_HYPHEN, 0, start)
        if SOFT_HYPHEN in word.text and word.text != SOFT_HYPHEN:
            kept = [i for i, c in enumerate(word.text) if c != SOFT_HYPHEN]
            edges = [word.edges[i] for i in kept] + word.edges[-1:]
            word = _replaced(word, word.text.replace(SOFT_HYPHEN, ""), edges)
        placed[number] = start - shift, word
    return text.replace(SOFT_HYPHEN, "")


def _replaced(word: Word, text: str, edges: list[float]) -> Word:
    return Word(
        text,
        word.box,
        edges,
        word.direction,
        word.near,
        word.far,
        word.base,
        word.style,
        word.origin,
        word.spaced,
        word.confidence,
    )


def _origin(words: Sequence[Word]) -> str:
    """Return the origin of a paragraph: ``form`` where a field's value stands in it."""
    origins = {word.origin for word in words}
    if len(origins) == 1:
        return origins.pop()
    if "form" in origins:
        return "form"
    return Counter(word.origin for word in words).most_common(1)[0][0]


def _kind(draft: Draft, text: str, style: Style, ordinary: float) -> str:
    if draft.kind == "grid" and (draft.table >= 0 or CELL_SEPARATOR in text):
        return "field" if _is_form_row(text) else "cell"
    if len(text) > HEADING_LENGTH or draft.rows > HEADING_LINES:
        return "body"
    if is_field(text):
        label, _, rest = text.partition(":")
        if LINE_SEPARATOR in text or len(rest) > 1:
            return "field" if len(label) <= LABEL_LENGTH else "body"
    if text.endswith(_OPEN_END) or not any(map(str.isalpha, text)):
        return "body"
    if style.bold or style.size > LARGER * ordinary:
        return "heading"
    if _NUMBERED.match(text) and draft.rows == 1 and (text.istitle() or text.isupper()):
        return "heading"
    capitals = text.isupper() and draft.rows == 1 and not any(map(str.isdigit, text))
    return "heading" if capitals and sum(map(str.isalpha, text)) >= 4 else "body"


def _is_form_row(text: str) -> bool:
    """Say whether a row holds labels with their values rather than cells of a table."""
    cells = [cell.strip() for cell in text.split(CELL_SEPARATOR) if cell.strip()]
    labels = sum(cell.endswith(":") or LINE_SEPARATOR in cell or is_field(cell) for cell in cells)
    return len(text) <= 3 * FIELD_LENGTH and 2 * labels >= len(cells) and labels > 0
