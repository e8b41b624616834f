"""Where a generated document's gold mentions stand in the paragraphs that extraction made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

Characters = frozenset[tuple[int, int]]
"""(paragraph, offset) of letters and digits."""


class Gold(NamedTuple):
    """A mention that the generator drew, and the characters that it became."""

    label: str
    kind: str
    characters: Characters


def gold_of(book: Mapping[str, Any], words: pa.Table, paragraphs: pa.Table) -> list[Gold]:
    """Return the gold mentions that stand on pages.

    Args:
        book: the generator's ``gold()``; boxes are (page, x0, y0, x1, y1) in points.
        words: WORDS of the document.
        paragraphs: PARAGRAPHS of the document.
    """
    texts = dict(
        zip(paragraphs["paragraph"].to_pylist(), paragraphs["text"].to_pylist(), strict=True)
    )
    by_page: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for word in words.to_pylist():
        by_page[word["page"]].append(word)
    found = []
    for mention in book["mentions"]:
        characters: set[tuple[int, int]] = set()
        for page, x0, y0, x1, y1 in mention["boxes"]:
            for word in by_page[page]:
                if word["y0"] < (y0 + y1) / 2 < word["y1"] and word["x0"] < x1 and x0 < word["x1"]:
                    characters |= _inside(word, x0, x1, texts[word["paragraph"]])
        if characters:
            found.append(Gold(mention["label"], mention["kind"], frozenset(characters)))
    return found


def _inside(word: Mapping[str, Any], x0: float, x1: float, text: str) -> set[tuple[int, int]]:
    """Return the letters and digits of a word whose middles lie between two edges."""
    edges = [word["x0"] + edge for edge in word["edges"]]
    return {
        (word["paragraph"], word["start"] + i)
        for i in range(word["end"] - word["start"])
        if x0 < (edges[i] + edges[i + 1]) / 2 < x1 and text[word["start"] + i].isalnum()
    }


def covered_by(spans: pa.Table) -> set[tuple[int, int]]:
    """Return the characters that spans cover."""
    return {
        (row["paragraph"], i) for row in spans.to_pylist() for i in range(row["start"], row["end"])
    }


def recall(gold: Iterable[Gold], covered: set[tuple[int, int]]) -> tuple[int, int]:
    """Return how many mentions are covered to the last letter, of how many."""
    mentions = list(gold)
    return sum(mention.characters <= covered for mention in mentions), len(mentions)
