"""The tagger: a token classifier that finds identifiers, behind one interface.

No weights are shipped yet: ``load`` returns None, and detection goes by patterns and lexicon.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from nescio import tables
from nescio.errors import ConfigurationError


class Span(NamedTuple):
    """A span of one text, in code points, half-open."""

    start: int
    end: int
    label: str
    kind: str
    score: float


class Tagger(Protocol):
    """A loaded model."""

    name: str
    version: str

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text."""
        ...


def model_version(model: str = "") -> str:
    """Return the SHA-256 of the weights, or ``none``."""
    return model or "none"


def load(model: str | Path | None = None, runtime: str = "auto") -> Tagger | None:
    """Load a tagger; None while no weights are shipped.

    Raises:
        ConfigurationError: a model was asked for.
    """
    if model:
        raise ConfigurationError("models cannot be loaded yet.")
    return None


def predict_entities(paragraphs: pa.Table, tagger: Tagger) -> pa.Table:
    """Return the tagger's spans of paragraphs as SPANS."""
    rows: list[dict[str, Any]] = []
    items = paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    for item, spans in zip(items, tagger.predict([i["text"] for i in items]), strict=True):
        place = {"doc": item["doc"], "paragraph": item["paragraph"], "sources": ["tagger"]}
        rows += [place | span._asdict() for span in spans]
    return tables.from_rows("entities", rows)
