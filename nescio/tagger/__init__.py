"""The tagger: a token classifier in batches, which finds identifiers in paragraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nescio import tables
from nescio.tagger.loading import load, model_version
from nescio.tagger.types import Span, Tagger

if TYPE_CHECKING:
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
        {"doc": doc, "paragraph": number, **span._asdict(), "sources": ["tagger"]}
        for doc, number, spans in zip(docs, numbers, tagger.predict(texts), strict=True)
        for span in spans
    ]
    return tables.from_rows("entities", rows)
