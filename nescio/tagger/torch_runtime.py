"""The GPU runtime: half precision, batches by token budget, copies that do not wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nescio.errors import ConfigurationError
from nescio.tagger.batching import Floats, batches

Ints = npt.NDArray[np.int64]

GPU_BUDGET: Final = 65_536
CPU_BUDGET: Final = 2_048
"""Padded tokens of one batch."""


def choose_device(wanted: str) -> str:
    """Return ``cuda`` or ``cpu`` for ``auto``, ``cuda`` or ``cpu``.

    Raises:
        ConfigurationError: a GPU was asked for and none can be used.
    """
    import torch

    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ConfigurationError(
            "a GPU was asked for, but PyTorch sees none.",
            "Check the driver and the node, or choose the onnx runtime.",
        )
    return "cuda" if available and wanted in {"auto", "cuda"} else "cpu"


class TorchScorer:
    """Scores windows with a ``transformers`` token classifier.

    Args:
        model: the network.
        device: ``cuda`` or ``cpu``.
        cls, sep, pad: special token ids; None where the tokenizer has none.
        shapes: give the shapes of words as token types.
    """

    def __init__(
        self, model: Any, device: str, cls: int | None, sep: int | None, pad: int, shapes: bool
    ) -> None:
        import torch

        half = (
            torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        )
        self.model = model.to(device=device, dtype=half if device == "cuda" else torch.float32)
        self.model.eval()
        self.device, self.shapes = device, shapes
        self.cls, self.sep, self.pad = cls, sep, pad
        self.outputs = int(model.config.num_labels)
        if next(self.model.parameters()).device.type != device:
            raise ConfigurationError("the model is not on the device that was asked for.")

    def score(self, ids: Sequence[Ints], types: Sequence[Ints]) -> list[Floats]:
        """Return (tokens, outputs) logits of each window.

        Copies are asynchronous from and to pinned memory; the host waits once, at the end.
        """
        import torch

        before, after = int(self.cls is not None), int(self.sep is not None)
        lengths = [len(one) + before + after for one in ids]
        plan = batches(lengths, GPU_BUDGET if self.device == "cuda" else CPU_BUDGET)
        pinned = self.device == "cuda"
        results = []
        with torch.inference_mode():
            for batch in plan:
                arrays = self._padded([ids[i] for i in batch], [types[i] for i in batch])
                inputs = {}
                for name, array in arrays.items():
                    tensor = torch.from_numpy(array)
                    tensor = tensor.pin_memory() if pinned else tensor
                    inputs[name] = tensor.to(self.device, non_blocking=True)
                logits = self.model(**inputs).logits.float()
                host = torch.empty(logits.shape, dtype=logits.dtype, pin_memory=pinned)
                results.append(host.copy_(logits, non_blocking=True))
        if pinned:
            torch.cuda.synchronize()
        scores: list[Floats] = [np.zeros((0, self.outputs), np.float32)] * len(ids)
        for batch, result in zip(plan, results, strict=True):
            logits_of = result.numpy()
            for row, number in enumerate(batch):
                scores[number] = logits_of[row, before : before + len(ids[number])]
        return scores

    def _padded(self, ids: list[Ints], types: list[Ints]) -> dict[str, npt.NDArray[np.int64]]:
        """Return padded input arrays of one batch."""
        before, after = int(self.cls is not None), int(self.sep is not None)
        shape = (len(ids), max(map(len, ids)) + before + after)
        tokens = np.full(shape, self.pad, np.int64)
        mask, shapes = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, (one, shape_types) in enumerate(zip(ids, types, strict=True)):
            end = before + len(one)
            if self.cls is not None:
                tokens[row, 0] = self.cls
            tokens[row, before:end], shapes[row, before:end] = one, shape_types
            if self.sep is not None:
                tokens[row, end] = self.sep
            mask[row, : end + after] = 1
        arrays = {"input_ids": tokens, "attention_mask": mask}
        return arrays | {"token_type_ids": shapes} if self.shapes else arrays
