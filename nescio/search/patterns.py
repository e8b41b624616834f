"""Find identifiers by how they are written: labels, shapes, checksums, context words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from nescio import tables
from nescio.search.folding import fold
from nescio.search.matching.columns import Row, find_in_columns
from nescio.search.matching.scan import Candidate, scan

CHARACTERS_AT_ONCE: Final = 1_000_000
"""Texts are scanned in batches of about this size, which bounds memory."""

_COMPOSITE: Final = frozenset({"EMAIL", "URL", "ADDRESS"})
_COMPOSITE_BONUS: Final = 0.1
"""What is made of parts goes before a part of it that a pattern is a little surer of."""

_INSIDE: Final = {("ADDRESS", "LOCATION")}
"""Labels (outer, inner) of spans that may stand inside one another."""


def find_patterns(paragraphs: pa.Table) -> pa.Table:
    """Return the spans that patterns find in each paragraph.

    A paragraph is read by itself, but for rows of tables, which the headings of their columns
    explain; so give whole documents, in reading order.

    The rules are data, ``data/patterns/*.yaml``. A span's score is its rule's, raised by context
    words and checksums, lowered where word lists doubt it. Where candidates of one label overlap,
    they become one span; of two labels the better score holds, then the longer span. An ADDRESS
    keeps the LOCATION spans inside it.

    Args:
        paragraphs: PARAGRAPHS; doc, paragraph, kind, text and bold are read.

    Returns:
        SPANS with the source ``pattern``, in the order of the paragraphs.
    """
    texts: list[str] = paragraphs["text"].to_pylist()
    docs: list[str] = paragraphs["doc"].to_pylist()
    numbers: list[int] = paragraphs["paragraph"].to_pylist()
    in_cells = _find_in_cells(paragraphs)
    distinct = dict.fromkeys(texts)
    found = dict(zip(distinct, _find(list(distinct)), strict=True))
    rows: list[tuple[str, int, Candidate]] = []
    for index, text in enumerate(texts):
        spans = found[text]
        if index in in_cells:
            spans = settle([*spans, *in_cells[index]])
        rows += [(docs[index], numbers[index], span) for span in spans]
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


def settle(candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates without conflicts, sorted; what find_patterns promises."""
    settled: list[Candidate] = []
    for candidate in sorted(candidates, key=_strongest_first):
        for index, other in enumerate(settled):
            if candidate.start >= other.end or other.start >= candidate.end:
                continue
            if other.label == candidate.label:
                if (other.label, other.kind) != ("LOCATION", candidate.kind):
                    settled[index] = _union(other, candidate)
                break
            if (other.label, candidate.label) not in _INSIDE:
                break
        else:
            settled.append(candidate)
    return sorted(settled, key=lambda span: (span.start, -span.end))


def _strongest_first(candidate: Candidate) -> tuple[float, int, int, str]:
    bonus = _COMPOSITE_BONUS if candidate.label in _COMPOSITE else 0.0
    return (
        -candidate.score - bonus,
        candidate.start - candidate.end,
        candidate.start,
        candidate.rule,
    )


def _union(stronger: Candidate, weaker: Candidate) -> Candidate:
    return stronger._replace(
        start=min(stronger.start, weaker.start),
        end=max(stronger.end, weaker.end),
        kind=stronger.kind or weaker.kind,
    )
