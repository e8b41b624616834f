"""Thresholds that favour recall, and scores that mean what they say, from held-out text."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from nescio.tagger.batching import assemble, windows
from nescio.tagger.decode import word_scores
from nescio.tagger.encoding import encode
from nescio.tagger.labels import LABEL_NAMES
from training.tagger import noise
from training.tagger.sources import Example, evaluation, published, synthetic

RECALL: Final = 0.997
"""Share of an entity's words that the threshold must let through."""

LOWEST, HIGHEST = 0.25, 0.50
TEXTS: Final = 1500
"""Texts of the generator. Fewer are for trying out: a label with few words gets HIGHEST."""


def examples(data: Path | None, texts: int = TEXTS) -> list[Example]:
    """Return texts of another seed, texts kept apart from training sets, and a set of its own.

    Args:
        data: folder of the published sets, if there is one.
        texts: number of generated texts; a published set adds a third of it, at most.
    """
    rng = random.Random(4321)
    found = list(islice(synthetic(4321, "train"), texts))
    found += [noise.compose(rng) for _ in range(texts * 2 // 15)]
    if data and (data / "phi").is_dir():
        most = max(1, texts // 3)
        validation = evaluation(data, "outis_validation")
        found += validation[:: max(1, len(validation) // most)]
        for kept in published(data, "holdout").values():
            found += rng.sample(kept, min(len(kept), most))
    return found


def calibrate(tagger: Any, data: Path | None, texts: int = TEXTS) -> dict[str, dict[str, Any]]:
    """Return threshold and calibration knots of each label.

    Args:
        tagger: the model whose scores are to be read.
        data: folder of the published sets, if there is one.
        texts: see ``examples``.

    A threshold is the highest probability that keeps RECALL of the label's words, within
    LOWEST and HIGHEST. Scores are fitted by isotonic regression: share of right words among
    those with this probability.
    """
    probabilities: dict[str, list[float]] = {label: [] for label in LABEL_NAMES}
    truths: dict[str, list[bool]] = {label: [] for label in LABEL_NAMES}
    for example, labels in _scored(tagger, examples(data, texts)):
        encoded, scores = labels
        gold = np.full(len(encoded.word_start), -1)
        silent = np.zeros(len(encoded.word_start), bool)
        for start, end in example.ignore:
            silent |= (encoded.word_start < end) & (encoded.word_end > start)
        for span in example.spans:
            inside = (encoded.word_start < span.end) & (encoded.word_end > span.start)
            gold[inside] = LABEL_NAMES.index(span.label)
            silent |= inside & bool(span.also)
        solid = np.array(
            [any(c.isalnum() for c in encoded.text[a:b])
             for a, b in zip(encoded.word_start, encoded.word_end, strict=True)]
        )  # fmt: skip
        for number, label in enumerate(LABEL_NAMES):
            if label in example.annotated:
                keep = solid & ~silent & ((scores[:, number] > 0.02) | (gold == number))
                probabilities[label] += scores[keep, number].tolist()
                truths[label] += (gold[keep] == number).tolist()
    return {
        label: _fit(np.array(probabilities[label]), np.array(truths[label], bool))
        for label in LABEL_NAMES
    }


def _scored(tagger: Any, texts: list[Example]) -> Any:
    """Yield each example with its tokens and the label probabilities of its words."""
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        encoded = encode(tagger.tokenizer, [e.text for e in part])
        lengths = [len(one) for one in encoded]
        plan = windows(lengths)
        scores = tagger.scorer.score(
            [encoded[w.text].ids[w.start : w.end] for w in plan],
            [encoded[w.text].types[w.start : w.end] for w in plan],
        )
        logits = assemble(lengths, plan, scores, tagger.scorer.outputs)
        for example, one, score in zip(part, encoded, logits, strict=True):
            if len(one):
                yield example, (one, word_scores(one, score, tagger.head).labels)


def _fit(probability: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return threshold and knots of one label."""
    from sklearn.isotonic import IsotonicRegression

    if truth.sum() < 50:
        return {"threshold": HIGHEST, "probability": [], "score": []}
    threshold = float(np.clip(np.quantile(probability[truth], 1 - RECALL), LOWEST, HIGHEST))
    fitted = IsotonicRegression(y_min=0.01, y_max=0.999, out_of_bounds="clip")
    fitted.fit(probability, truth)
    knots = np.linspace(0, 1, 21)
    return {
        "threshold": round(threshold, 4),
        "probability": [round(float(x), 3) for x in knots],
        "score": [round(float(x), 4) for x in fitted.predict(knots)],
    }
