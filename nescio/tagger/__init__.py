"""The tagger: a token classifier in batches, which finds identifiers in paragraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nescio import tables
from nescio.tagger.loading import load, model_version
from nescio.tagger.types import Span, Tagger

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["Span", "Tagger", "load", "model_version", "predict_entities"]


def predict_entities(paragraphs: pa.Table, tagger: Tagger) -> pa.Table:
    """Find identifiers in paragraphs.

    Args:
        paragraphs: columns ``doc``, ``paragraph`` and ``text``.
        tagger: what ``load`` returned.

    Returns:
        SPANS, in the order of the paragraphs, with the source ``tagger``.
    """
    columns = (paragraphs.column(name).to_pylist() for name in ("doc", "paragraph", "text"))
    docs, numbers, texts = columns
    rows = [
        {"doc": doc, "paragraph": number, **part._asdict(), "sources": ["tagger"]}
        for doc, number, text, spans in zip(
            docs, numbers, texts, tagger.predict(texts), strict=True
        )
        for span in spans
        for part in _within_cells(span, text)
    ]
    return tables.from_rows("entities", rows)


def _within_cells(span: Span, text: str) -> Iterator[Span]:
    """Cut a span where a table's next cell begins (a tab): nobody's name runs over two cells."""
    start = span.start
    for cell in text[span.start : span.end].split("\t"):
        if cell.strip():
            yield span._replace(start=start, end=start + len(cell))
        start += len(cell) + 1
