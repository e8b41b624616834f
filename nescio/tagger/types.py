"""What a tagger is and what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """One mention: half-open offsets in code points, label, kind, score calibrated to [0, 1]."""

    start: int
    end: int
    label: str
    kind: str
    score: float


class Tagger(Protocol):
    """A token classifier that finds identifiers.

    Attributes:
        name: short name for records.
        version: SHA-256 of the weights.
    """

    name: str
    version: str

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text, sorted; the same whatever texts stand beside it."""
        ...
