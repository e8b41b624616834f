"""The GPU runtime: half precision, batches by token budget, copies that do not wait."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from nescio.errors import ConfigurationError
from nescio.tagger.batching import Floats, batches

if TYPE_CHECKING:
    from torch import Tensor

    from nescio.tagger.gate import Gate

Ints = npt.NDArray[np.int64]

GPU_BUDGET: Final = 65_536
CPU_BUDGET: Final = 2_048
"""Padded tokens of one batch."""

COMPILE_VARIABLE: Final = "NESCIO_TORCH_COMPILE"
"""Environment: a backend of ``torch.compile`` (inductor, cudagraphs); empty to run as written."""

WIDTHS: Final = (16, 32, 48, 64, 96, 128, 160)
"""Tokens that a compiled network's windows are padded to: each shape is compiled once."""


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
        gate: early exit of the model; its windows have both special tokens.
    """

    def __init__(
        self,
        model: Any,
        device: str,
        cls: int | None,
        sep: int | None,
        pad: int,
        shapes: bool,
        gate: Gate | None = None,
    ) -> None:
        import torch

        half = (
            torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        )
        self.model = model.to(device=device, dtype=half if device == "cuda" else torch.float32)
        self.model.eval()
        self.gate = gate.to(device=device, dtype=self.model.dtype) if gate is not None else None
        self.device, self.shapes = device, shapes
        self.cls, self.sep, self.pad = cls, sep, pad
        self.compiled = os.environ.get(COMPILE_VARIABLE, "")
        self.network = self.model
        if self.compiled:
            self.network = torch.compile(self.model, backend=self.compiled, dynamic=False)
        self.outputs = int(model.config.num_labels)
        if next(self.model.parameters()).device.type != device:
            raise ConfigurationError("the model is not on the device that was asked for.")

    def score(self, ids: Sequence[Ints], types: Sequence[Ints]) -> list[Floats]:
        """Return (tokens, outputs) logits of each window.

        Copies are asynchronous from and to pinned memory; the host waits once, at the end.
        """
        import torch

        before, after = int(self.cls is not None), int(self.sep is not None)
        plan = list(self.plan([len(one) + before + after for one in ids]))
        pinned = self.device == "cuda"
        results = []
        with torch.inference_mode():
            for batch, *shape in plan:
                arrays = self._padded([ids[i] for i in batch], [types[i] for i in batch], shape)
                inputs = {}
                for name, array in arrays.items():
                    tensor = torch.from_numpy(array)
                    tensor = tensor.pin_memory() if pinned else tensor
                    inputs[name] = tensor.to(self.device, non_blocking=True)
                logits = self._logits(inputs).float()
                host = torch.empty(logits.shape, dtype=logits.dtype, pin_memory=pinned)
                results.append(host.copy_(logits, non_blocking=True))
        if pinned:
            torch.cuda.synchronize()
        scores: list[Floats] = [np.zeros((0, self.outputs), np.float32)] * len(ids)
        for (batch, *_), result in zip(plan, results, strict=True):
            logits_of = result.numpy()
            for row, number in enumerate(batch):
                scores[number] = logits_of[row, before : before + len(ids[number])]
        return scores

    def _logits(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return (windows, tokens, outputs) logits."""
        if self.gate is None:
            logits: Tensor = self.network(**inputs).logits
            return logits
        output = self.network(**inputs, output_hidden_states=True)
        states = output.hidden_states[self.gate.layers]
        return self.gate.shut(states, inputs["attention_mask"], output.logits)

    def plan(self, lengths: Sequence[int]) -> Iterator[tuple[list[int], int, int]]:
        """Yield the windows of each batch, and the rows and tokens that it is padded to.

        Args:
            lengths: tokens of each window, special tokens included.
        """
        budget = GPU_BUDGET if self.device == "cuda" else CPU_BUDGET
        if not self.compiled:
            for batch in batches(lengths, budget):
                yield batch, len(batch), max(lengths[i] for i in batch)
            return
        by_width: dict[int, list[int]] = {}
        for index, length in enumerate(lengths):
            width = next((width for width in WIDTHS if width >= length), length)
            by_width.setdefault(width, []).append(index)
        for width, indices in sorted(by_width.items()):
            rows = max(1, budget // width)
            for start in range(0, len(indices), rows):
                yield indices[start : start + rows], rows, width

    def _padded(
        self, ids: list[Ints], types: list[Ints], shape: Sequence[int]
    ) -> dict[str, npt.NDArray[np.int64]]:
        """Return input arrays of one batch, padded to ``shape`` (rows, tokens)."""
        before, after = int(self.cls is not None), int(self.sep is not None)
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
        mask[len(ids) :, 0] = 1  # a row of padding alone looks at one token, or it would be NaN
        arrays = {"input_ids": tokens, "attention_mask": mask}
        return arrays | {"token_type_ids": shapes} if self.shapes else arrays
