"""The CPU runtime: ONNX Runtime, int8 weights, fp32 arithmetic, one window a call, a worker a core.

A window gets a call of its own: its scores cannot depend on neighbours, nothing is padding, and
on two cores two single-threaded workers were faster than batches of 8 or 16.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nescio.tagger.batching import Floats

Ints = npt.NDArray[np.int64]


def cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OnnxScorer:
    """Scores windows with one ONNX Runtime session that several threads call."""

    def __init__(self, model: Path, cls: int, sep: int, workers: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self.outputs = int(self.session.get_outputs()[0].shape[-1])
        self.cls, self.sep = cls, sep
        self.workers = workers or cores()

    def score(self, ids: Sequence[Ints], types: Sequence[Ints]) -> list[Floats]:
        """Return (tokens, outputs) logits of each window; the longest go first."""
        order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
        if self.workers == 1 or len(ids) < 2:
            return [self._one(ids[index], types[index]) for index in range(len(ids))]
        scores: list[Floats] = [np.zeros((0, self.outputs), np.float32)] * len(ids)
        with ThreadPoolExecutor(self.workers) as pool:
            results = pool.map(lambda index: self._one(ids[index], types[index]), order)
            for index, result in zip(order, results, strict=True):
                scores[index] = result
        return scores

    def _one(self, ids: Ints, types: Ints) -> Floats:
        length = len(ids) + 2
        tokens = np.empty((1, length), np.int32)
        tokens[0, 0], tokens[0, 1:-1], tokens[0, -1] = self.cls, ids, self.sep
        shapes = np.zeros((1, length), np.int32)
        shapes[0, 1:-1] = types
        feed = {
            "input_ids": tokens,
            "token_type_ids": shapes,
            "attention_mask": np.ones((1, length), np.int32),
        }
        logits: Floats = self.session.run(None, feed)[0][0, 1:-1]
        return logits
