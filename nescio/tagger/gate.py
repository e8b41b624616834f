"""An early exit: a window in which no token may be part of a mention leaves after two layers.

Most paragraphs of a study report name nobody. A small network reads the hidden states of the lower
layers and says of each token whether the whole network may see a mention there; where it says so
of no token of a window, the upper layers are not run and the window's answer is "no entity".
Training fits it to the whole network's answers, without labels, and sets its bias so that no window
of the calibration texts with a mention leaves (training/tagger/gate.py). After Xin et al. 2020,
DeeBERT: Dynamic Early Exiting for Accelerating BERT Inference.

The ONNX graph holds the gate as an ``If``, so that a window that leaves costs a third. The torch
runtime runs all layers and gives the same answers: on a GPU, waiting for the gate costs more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

LAYERS: Final = 2
"""Layers of the encoder below the gate."""

WIDTH: Final = 64
"""Hidden units of the gate."""

NO_ENTITY: Final = 20.0
"""Logit of "no entity" in a window that left, all others being 0."""


class Gate(nn.Module):
    """Says of hidden states whether the whole network may see a mention there.

    Args:
        hidden: length of a hidden state.
    """

    layers = LAYERS

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(hidden, WIDTH)
        self.outer = nn.Linear(WIDTH, 1)

    def forward(self, states: Tensor) -> Tensor:
        """Return (..., tokens) scores of (..., tokens, hidden) states; above 0: go on."""
        scores: Tensor = self.outer(nn.functional.gelu(self.inner(states)))[..., 0]
        return scores

    def shut(self, states: Tensor, mask: Tensor, logits: Tensor) -> Tensor:
        """Return the logits with "no entity" in the windows that leave.

        Args:
            states: (windows, tokens, hidden) after LAYERS layers, the first and the last token
                of a window being special ones.
            mask: (windows, tokens) 1 for tokens, 0 for padding.
            logits: (windows, tokens, outputs) of the whole network.
        """
        scores = self(states[:, 1:-1]).masked_fill(mask[:, 2:] == 0, -torch.inf)
        nothing = torch.zeros_like(logits[:1, :1])
        nothing[..., 0] = NO_ENTITY
        return torch.where((scores.amax(1) > 0)[:, None, None], logits, nothing)


def read(path: Path) -> Gate:
    """Read a gate's weights.

    Args:
        path: a safetensors file.
    """
    from safetensors.torch import load_file

    weights = load_file(path)
    gate = Gate(weights["inner.weight"].shape[1])
    gate.load_state_dict(weights)
    return gate.eval()
