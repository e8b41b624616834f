"""Find identifiers by how they are written: labels, shapes, checksums, context words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from nescio import tables
from nescio.search.collector import collector_paused
from nescio.search.folding import fold
from nescio.search.matching.columns import Row, find_in_columns
from nescio.search.matching.scan import Candidate, scan
from nescio.search.matching.settle import settle

CHARACTERS_AT_ONCE: Final = 1_000_000
"""Texts are scanned in batches of about this size, which bounds memory."""


def find_patterns(paragraphs: pa.Table) -> pa.Table:
    """Return the spans that patterns find in each paragraph.

    A paragraph is read by itself, but for rows of tables, which the headings of their columns
    explain; so give whole documents, in reading order.

    The rules are data, ``data/patterns/*.yaml``. A span's score is its rule's, raised by context
    words and checksums, lowered where word lists doubt it. Spans do not overlap, but for the
    LOCATION spans inside an ADDRESS (``matching/settle.py``).

    Args:
        paragraphs: PARAGRAPHS; doc, paragraph, kind, text and bold are read.

    Returns:
        SPANS with the source ``pattern``, in the order of the paragraphs.
    """
    with collector_paused():
        rows = list(_rows(paragraphs))
    flat = [span for _, _, span in rows]
    return pa.table(
        {
            "doc": [doc for doc, _, _ in rows],
            "paragraph": [number for _, number, _ in rows],
            "start": [span.start for span in flat],
            "end": [span.end for span in flat],
            "label": [span.label for span in flat],
            "kind": [span.kind for span in flat],
            "score": [span.score for span in flat],
            "sources": [["pattern"]] * len(rows),
        },
        schema=tables.SPANS,
    )


def _rows(paragraphs: pa.Table) -> Iterator[tuple[str, int, Candidate]]:
    """Yield document, paragraph and span; equal texts are scanned once."""
    texts: list[str] = paragraphs["text"].to_pylist()
    docs: list[str] = paragraphs["doc"].to_pylist()
    numbers: list[int] = paragraphs["paragraph"].to_pylist()
    in_cells = _find_in_cells(paragraphs)
    distinct = dict.fromkeys(texts)
    found = dict(zip(distinct, _find(list(distinct)), strict=True))
    for index, text in enumerate(texts):
        spans = found[text]
        if index in in_cells:
            spans = settle([*spans, *in_cells[index]])
        for span in spans:
            yield docs[index], numbers[index], span


def _find(texts: Sequence[str]) -> Iterator[list[Candidate]]:
    """Yield for each text its spans, in offsets of the text as it came."""
    folded = [fold(text) for text in texts]
    for first, last in _batches([len(text) for text in texts]):
        batch = folded[first:last]
        for item, candidates in zip(batch, scan([item.text for item in batch]), strict=True):
            spans = settle(candidates)
            if item.offsets is not None:
                for index, span in enumerate(spans):
                    start, end = item.original(span.start, span.end)
                    spans[index] = span._replace(start=start, end=end)
            yield spans


def _find_in_cells(paragraphs: pa.Table) -> dict[int, list[Candidate]]:
    columns = [paragraphs[name].to_pylist() for name in ("doc", "kind", "text", "bold")]
    rows = (Row(index, *values) for index, values in enumerate(zip(*columns, strict=True)))
    found: dict[int, list[Candidate]] = {}
    for index, candidate in find_in_columns(rows):
        found.setdefault(index, []).append(candidate)
    return found


def _batches(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = total = 0
    for index, size in enumerate(sizes):
        if total and total + size > CHARACTERS_AT_ONCE:
            yield first, index
            first, total = index, 0
        total += size
    if first < len(sizes):
        yield first, len(sizes)
