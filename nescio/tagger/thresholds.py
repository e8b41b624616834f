"""When a probability is a hit, and what score a hit gets: calibrated, stored with the model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nescio.tagger.labels import LABEL_NAMES

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True)
class Thresholds:
    """Per label: the probability from which a word is a hit, and knots of the calibration.

    Attributes:
        thresholds: (labels,) in the order of ``LABEL_NAMES``.
        knots: label -> (probabilities, scores), both rising; scores between are interpolated.
    """

    thresholds: npt.NDArray[np.float32]
    knots: dict[str, tuple[list[float], list[float]]]

    def calibrated(self, label: int, probability: float) -> float:
        """Return the share of held-out hits with this probability that were right."""
        knots = self.knots.get(LABEL_NAMES[label])
        return float(np.interp(probability, *knots)) if knots else min(probability, 1.0)


def default() -> Thresholds:
    """Return the thresholds of a model that was not calibrated."""
    return Thresholds(np.full(len(LABEL_NAMES), DEFAULT_THRESHOLD, np.float32), {})


def read(path: Path) -> Thresholds:
    """Read ``{"LABEL": {"threshold": t, "probability": [...], "score": [...]}}``."""
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    values = [stored.get(name, {}).get("threshold", DEFAULT_THRESHOLD) for name in LABEL_NAMES]
    knots = {
        name: (entry["probability"], entry["score"])
        for name, entry in stored.items()
        if entry.get("probability")
    }
    return Thresholds(np.array(values, np.float32), knots)
