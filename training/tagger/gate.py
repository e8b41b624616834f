"""Fit the early exit (``nescio.tagger.gate``) to a trained network's own answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from nescio.tagger.gate import LAYERS, Gate
from nescio.tagger.labels import TAGS
from training.tagger import model as network
from training.tagger.batches import Corpus, items, shuffled
from training.tagger.calibrate import LOWEST
from training.tagger.calibrate import examples as calibration_texts
from training.tagger.sources import Example

PER_TEXT: Final = 4
"""Texts that the gate learns from, for each text that thresholds are found on."""

WARY: Final = 0.1
"""Probability of a mention from which the gate shall let a token's window go on: less than half of
the lowest threshold of a hit."""

ENTITY_WEIGHT: Final = 3.0
"""Loss weight of such a token: a window that leaves wrongly is a mention missed."""

EPOCHS: Final = 12
TOKENS: Final = 2048
"""Tokens of one step."""


class Seen(NamedTuple):
    """What the network saw in one window, special tokens left out.

    Attributes:
        states: (tokens, hidden) after the layers below the gate.
        mentions: (tokens,) probability that the token is part of a mention.
    """

    states: Tensor
    mentions: Tensor


def fit(model: Any, tokenizer: Any, data: Path | None, texts: int, seed: int = 11) -> Gate:
    """Return a gate for a trained network.

    Args:
        model: the token classifier.
        tokenizer: its tokenizer.
        data: folder of the published sets, if there is one.
        texts: generated texts that thresholds are found on; the gate learns from PER_TEXT times
            as many, drawn as for training, and its bias is set on those of ``calibrate``.
        seed: of the draws and of the gate's first weights.
    """
    torch.manual_seed(seed)
    corpus = Corpus(data, seed)
    drawn = list(_seen(model, tokenizer, [corpus.example() for _ in range(PER_TEXT * texts)]))
    gate = learn(torch.cat([w.states for w in drawn]), torch.cat([w.mentions for w in drawn]))
    set_bias(gate, list(_seen(model, tokenizer, calibration_texts(data, texts))))
    return gate


@torch.inference_mode()
def _seen(model: Any, tokenizer: Any, examples: list[Example]) -> Iterator[Seen]:
    """Yield what the network sees in the first window of each text."""
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    pool = [item for item in items(tokenizer, examples) if len(item.ids)]
    for batch in shuffled(pool, TOKENS, random.Random(0)):
        tensors = network.collate(batch, cls, sep)
        output = model(
            input_ids=tensors["ids"],
            attention_mask=tensors["mask"],
            token_type_ids=tensors["types"],
            output_hidden_states=True,
        )
        mentions = 1.0 - output.logits[..., : len(TAGS)].softmax(-1)[..., 0]
        for row, item in enumerate(batch):
            inside = slice(1, len(item.ids) + 1)
            states = output.hidden_states[LAYERS][row, inside].half()
            yield Seen(states.clone(), mentions[row, inside].clone())


def learn(states: Tensor, mentions: Tensor) -> Gate:
    """Return a gate that tells tokens where the network may see a mention.

    Args:
        states: (tokens, hidden).
        mentions: (tokens,) probabilities.
    """
    gate = Gate(states.shape[1])
    mean, spread = states.float().mean(0), states.float().std(0) + 1e-5
    wanted = (mentions >= WARY).float()
    weight = torch.tensor(ENTITY_WEIGHT)
    optimiser = torch.optim.AdamW(gate.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = EPOCHS * -(-len(states) // TOKENS)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(states)).split(TOKENS):
            scores = gate((states[chosen].float() - mean) / spread)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                scores, wanted[chosen], pos_weight=weight
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            falling.step()
    with torch.no_grad():  # so that the gate takes states as they are
        gate.inner.weight /= spread
        gate.inner.bias -= gate.inner.weight @ mean
    return gate.eval()


@torch.inference_mode()
def set_bias(gate: Gate, windows: list[Seen]) -> None:
    """Set the bias so that every window goes on in which a threshold could make a hit."""
    highest = torch.stack([gate(window.states.float()).max() for window in windows])
    hits = torch.stack([window.mentions.max() >= LOWEST for window in windows])
    gate.outer.bias -= highest[hits].min() - 1e-3
    left = (highest[~hits] <= highest[hits].min() - 1e-3).float().mean()
    print(f"gate: {float(left):.0%} of {int((~hits).sum())} windows without a mention leave early")
