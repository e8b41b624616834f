"""Collects, from the predictions over a whole document, the identifiers that are certain."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.search.words import is_ordinary

CONFIDENT: Final = 0.9
LEAST_LETTERS: Final = 4
LABELS: Final = frozenset({"NAME", "ID", "EMAIL", "PHONE", "ADDRESS", "URL", "IP"})


def collect_lexicon(paragraphs: pa.Table, predictions: pa.Table) -> pa.Table:
    """Return each document's confident identifiers.

    Args:
        paragraphs: PARAGRAPHS of whole documents.
        predictions: SPANS of the same paragraphs.

    Returns:
        LEXICON, each text once a document, with the best score it had.
    """
    texts = {
        (row["doc"], row["paragraph"]): row["text"]
        for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    }
    best: dict[tuple[str, str, str], dict[str, Any]] = {}
    for span in predictions.to_pylist():
        if span["score"] < CONFIDENT or span["label"] not in LABELS:
            continue
        text = texts[span["doc"], span["paragraph"]][span["start"] : span["end"]].strip()
        if sum(map(str.isalnum, text)) < LEAST_LETTERS or is_ordinary(text):
            continue
        key = span["doc"], text, span["label"]
        if key not in best or best[key]["score"] < span["score"]:
            names = ("doc", "label", "kind", "score")
            best[key] = {name: span[name] for name in names} | {"text": text}
    return tables.from_rows("lexicon", best.values())
