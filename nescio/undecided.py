"""Finds, on a redacted file, identifiers that nobody decided to let stand there.

The patterns that the DAG runs on the original run on the output, too, and the policy judges what
they find. Most of what they still find is there by decision: what the policy keeps, labels and
surrogates. Removal itself makes others: with the name gone, ``Patient:`` stands before the next
word. That word was read in the original, where the same patterns saw nothing in it. What is left
was either overlooked on the way, or could not be read in the original at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pymupdf

from nescio import tables
from nescio.extract import extract_pages
from nescio.original import NEEDED, Original
from nescio.policy import Policy, decide
from nescio.redact.boxes import OFF_PAGE, Box, by_page
from nescio.redact.overlay import shown_text
from nescio.redact.secrets import core
from nescio.search import find_patterns


class _Word(NamedTuple):
    """A word of a mention; one of text that stands on no page has an empty box."""

    page: int
    text: str
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


def undecided(pdf: Path, original: Original) -> list[int]:
    """Return the page (from 0, -1 for none) of each word that was not decided to stand.

    Args:
        pdf: the redacted file.
        original: what was known and decided.
    """
    with pymupdf.open(pdf) as document:
        pages = document.page_count
    output = extract_pages(pdf, "", 0, pages)
    found = _hidden_by(original.policy, output.paragraphs, original.this_year)
    boxes = by_page(original.redactions)
    left = [
        word
        for word in _words_of(found, output.words, output.paragraphs)
        if not _is_shown(word, boxes.get(word.page, ()), original.style)
    ]
    if not left:
        return []
    kept = original.decisions.filter(pc.field("action") == "keep").to_pylist()
    seen = _hidden_by(original.policy, original.paragraphs, original.this_year)
    stands = _Places(_words_of(kept, original.words, original.paragraphs))
    overlooked = _Places(_words_of(seen, original.words, original.paragraphs))
    read = _Places(_all_words(original, {word.page for word in left}))
    return [
        word.page
        for word in left
        if not stands.has(word) and (overlooked.has(word) or not read.has(word))
    ]


def _hidden_by(policy: Policy, paragraphs: pa.Table, year: int) -> list[dict[str, Any]]:
    """Return the DECISIONS on what patterns find, those that hide."""
    spans = find_patterns(paragraphs)
    touched = paragraphs.filter(pc.field("paragraph").isin(pc.unique(spans["paragraph"])))
    judged = decide(touched, tables.empty("context"), spans, policy, this_year=year)
    rows: list[dict[str, Any]] = judged.filter(pc.field("action") != "keep").to_pylist()
    return rows


def _words_of(
    mentions: Sequence[Mapping[str, Any]], words: pa.Table, paragraphs: pa.Table
) -> Iterator[_Word]:
    """Yield the words of mentions (rows of DECISIONS); of text off the page the mention whole."""
    touched = pa.array({row["paragraph"] for row in mentions}, pa.int32())
    texts = _texts(paragraphs.filter(pc.field("paragraph").isin(touched)))
    by_paragraph = defaultdict(list)
    for row in _rows(words.filter(pc.field("paragraph").isin(touched))):
        by_paragraph[row["paragraph"]].append(row)
    for mention in mentions:
        text = texts[mention["paragraph"]]
        if mention["page"] == OFF_PAGE:
            yield _Word(OFF_PAGE, text[mention["start"] : mention["end"]])
        for row in by_paragraph[mention["paragraph"]]:
            if mention["start"] < row["end"] and row["start"] < mention["end"]:
                yield _word(row, text)


def _all_words(original: Original, pages: set[int]) -> Iterator[_Word]:
    """Yield all words of some pages."""
    those = pc.field("page").isin(pa.array(pages, pa.int32()))
    paragraphs = original.paragraphs.filter(those)
    texts = _texts(paragraphs)
    for row in _rows(original.words.filter(those)):
        yield _word(row, texts[row["paragraph"]])
    for row in paragraphs.filter(pc.field("page") == OFF_PAGE).to_pylist():
        yield _Word(OFF_PAGE, row["text"])


def _texts(paragraphs: pa.Table) -> dict[int, str]:
    columns = (paragraphs[name].to_pylist() for name in ("paragraph", "text"))
    return dict(zip(*columns, strict=True))


def _rows(words: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = words.select(NEEDED).to_pylist()
    return rows


def _word(row: Mapping[str, Any], text: str) -> _Word:
    box = (row["x0"], row["y0"], row["x1"], row["y1"])
    return _Word(row["page"], text[row["start"] : row["end"]], box)


def _is_shown(word: _Word, boxes: Sequence[Box], style: str) -> bool:
    """Say whether a word is part of the text that replaces another on its line."""
    bare, middle = core(word.text), (word.box[1] + word.box[3]) / 2
    return not bare or any(
        box.y0 <= middle <= box.y1 and bare in core(shown_text(box, style)) for box in boxes
    )


class _Places:
    """Words of the original by page."""

    def __init__(self, words: Iterator[_Word]) -> None:
        self._pages: dict[int, list[_Word]] = defaultdict(list)
        for word in words:
            self._pages[word.page].append(word)

    def has(self, word: _Word) -> bool:
        """Say whether this word, or one that it is part of, stands at its place."""
        bare = core(word.text)
        return any(
            _is_over(other.box, word.box) and bare in core(other.text)
            for other in self._pages[word.page]
        )


def _is_over(box: Sequence[float], other: Sequence[float]) -> bool:
    """Say whether the centre of ``other`` lies in ``box``."""
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
