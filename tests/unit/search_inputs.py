"""Tables for the tests of context, blobs and search, written as short as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.blobs import cut_blobs
from nescio.context import predict_context
from nescio.search import ReferenceIndex, hybrid_search

DEFAULTS: dict[str, Any] = {
    "doc": "d",
    "page": 0,
    "kind": "body",
    "origin": "page",
    "x0": 0.0,
    "y0": 0.0,
    "x1": 0.0,
    "y1": 0.0,
    "font": "Serif",
    "size": 10.0,
    "bold": False,
    "italic": False,
    "indent": 0.0,
    "gap": 12.0,
    "table": -1,
    "row": -1,
    "in_scope": True,
}


class Given(NamedTuple):
    """A detector's span, named by its text: the first place in the paragraph where it stands."""

    paragraph: int
    text: str
    label: str
    kind: str = ""
    score: float = 0.95
    source: str = "pattern"


def paragraphs_of(texts: Sequence[str | dict[str, Any]], doc: str = "d") -> pa.Table:
    """Return PARAGRAPHS; ``# text`` is a heading, a dictionary sets columns."""
    rows = []
    for number, given in enumerate(texts):
        row = {"text": given} if isinstance(given, str) else dict(given)
        if row["text"].startswith("# "):
            row |= {"text": row["text"][2:], "kind": "heading", "bold": True, "size": 12.0}
        rows.append(DEFAULTS | {"doc": doc, "paragraph": number} | row)
    return tables.from_rows("paragraphs", rows)


def spans_of(paragraphs: pa.Table, given: Iterable[Given], doc: str = "d") -> pa.Table:
    """Return SPANS for what is given."""
    texts = {row["paragraph"]: row["text"] for row in paragraphs.to_pylist() if row["doc"] == doc}
    rows = []
    for span in given:
        start = texts[span.paragraph].index(span.text)
        rows.append(
            {
                "doc": doc,
                "paragraph": span.paragraph,
                "start": start,
                "end": start + len(span.text),
                "label": span.label,
                "kind": span.kind,
                "score": span.score,
                "sources": [span.source],
            }
        )
    return tables.from_rows("spans", rows)


def lexicon_of(*entries: tuple[str, str, str], doc: str = "d") -> pa.Table:
    """Return LEXICON for (text, label, kind)."""
    return tables.from_rows(
        "lexicon",
        (
            {"doc": doc, "text": text, "label": label, "kind": kind, "score": 0.95}
            for text, label, kind in entries
        ),
    )


class Hit(NamedTuple):
    """A span of the result, with its text."""

    paragraph: int
    text: str
    label: str
    kind: str
    sources: tuple[str, ...]


def search(
    texts: Sequence[str | dict[str, Any]],
    *given: Given,
    lexicon: pa.Table | None = None,
    reference: ReferenceIndex | None = None,
) -> list[Hit]:
    """Run hybrid search over one document."""
    paragraphs = paragraphs_of(texts)
    context = predict_context(paragraphs)
    spans = hybrid_search(
        paragraphs,
        context,
        spans_of(paragraphs, given),
        lexicon if lexicon is not None else tables.empty("lexicon"),
        cut_blobs(paragraphs, context),
        reference,
    )
    written = paragraphs["text"].to_pylist()
    return [
        Hit(
            row["paragraph"],
            written[row["paragraph"]][row["start"] : row["end"]],
            row["label"],
            row["kind"],
            tuple(row["sources"]),
        )
        for row in spans.to_pylist()
    ]


def found_in(hits: Iterable[Hit], paragraph: int) -> list[str]:
    """Return the texts found in one paragraph."""
    return [hit.text for hit in hits if hit.paragraph == paragraph]
