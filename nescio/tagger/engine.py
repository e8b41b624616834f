"""The tagger: texts in, spans out, with any scorer of windows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from nescio.tagger.batching import Floats, assemble, unique, windows
from nescio.tagger.decode import decode
from nescio.tagger.encoding import encode
from nescio.tagger.labels import Head
from nescio.tagger.thresholds import Thresholds
from nescio.tagger.types import Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ints = npt.NDArray[np.int64]

CHUNK: Final = 1024
"""Distinct texts whose scores are in memory at a time."""


class Scorer(Protocol):
    """Runs the network."""

    outputs: int

    def score(self, ids: Sequence[Ints], types: Sequence[Ints]) -> list[Floats]:
        """Return (tokens, outputs) logits of each window, special tokens left out."""
        ...


@dataclass
class WindowTagger:
    """A tagger that scores every character of every text exactly once."""

    name: str
    version: str
    tokenizer: Tokenizer
    scorer: Scorer
    head: Head
    limits: Thresholds

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text; identical texts are scored once."""
        distinct, index = unique(texts)
        found: list[list[Span]] = []
        for start in range(0, len(distinct), CHUNK):
            found.extend(self._predict(distinct[start : start + CHUNK]))
        return [found[number] for number in index]

    def _predict(self, texts: list[str]) -> list[list[Span]]:
        encoded = encode(self.tokenizer, texts)
        lengths = [len(one) for one in encoded]
        plan = windows(lengths)
        scores = self.scorer.score(
            [encoded[w.text].ids[w.start : w.end] for w in plan],
            [encoded[w.text].types[w.start : w.end] for w in plan],
        )
        logits = assemble(lengths, plan, scores, self.scorer.outputs)
        return [
            decode(one, score, self.head, self.limits)
            for one, score in zip(encoded, logits, strict=True)
        ]
