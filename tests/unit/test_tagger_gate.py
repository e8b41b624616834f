"""The early exit: windows in which nobody is named leave, and no other window does."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

from nescio.tagger import load  # noqa: E402
from nescio.tagger.encoding import encode  # noqa: E402
from nescio.tagger.engine import WindowTagger  # noqa: E402
from nescio.tagger.gate import NO_ENTITY, Gate  # noqa: E402

HIDDEN = 4


def opened_by_first() -> Gate:
    """Return a gate that opens where the first hidden value of a token is above 1."""
    gate = Gate(HIDDEN)
    with torch.no_grad():
        for weights in gate.parameters():
            weights.zero_()
        gate.inner.weight[0, 0], gate.outer.weight[0, 0] = 1.0, 1.0
        gate.outer.bias[0] = -torch.nn.functional.gelu(torch.tensor(1.0))
    return gate


def test_a_window_goes_on_for_one_token_and_not_for_its_neighbours_sake() -> None:
    states = torch.zeros(3, 6, HIDDEN)
    states[0, 2, 0] = 1.5
    states[2, :, 0] = 0.5
    logits = torch.ones(3, 6, 5)
    shut = opened_by_first().shut(states, torch.ones(3, 6, dtype=torch.long), logits)
    assert torch.equal(shut[0], logits[0])
    assert shut[1:].tolist() == [[[NO_ENTITY, 0, 0, 0, 0]] * 6] * 2


def test_special_tokens_and_padding_open_nothing() -> None:
    states = torch.zeros(1, 6, HIDDEN)
    states[0, [0, 3, 4, 5], 0] = 9.0  # [CLS], [SEP] and padding
    mask = torch.tensor([[1, 1, 1, 1, 0, 0]])
    assert opened_by_first().shut(states, mask, torch.ones(1, 6, 5)).max() == NO_ENTITY


def test_the_gate_learns_where_mentions_may_be() -> None:
    gates = pytest.importorskip("training.tagger.gate", reason="the train extra is not installed")
    torch.manual_seed(3)
    states = torch.randn(40_000, HIDDEN) * 3 + 5
    gate = gates.learn(states, (states[:, 1] > 6).float())
    fresh = torch.randn(1000, HIDDEN) * 3 + 5
    opens, wanted = gate(fresh) > 0, fresh[:, 1] > 6
    assert opens[wanted].float().mean() > 0.98
    assert opens[~wanted].float().mean() < 0.2


def test_no_window_of_the_calibration_with_a_mention_leaves() -> None:
    gates = pytest.importorskip("training.tagger.gate", reason="the train extra is not installed")
    torch.manual_seed(4)
    windows = [gates.Seen(torch.randn(7, HIDDEN), torch.rand(7) ** 12) for _ in range(200)]
    gate = Gate(HIDDEN)
    gates.set_bias(gate, windows)
    with torch.inference_mode():
        highest = [(float(gate(w.states).max()), float(w.mentions.max())) for w in windows]
    assert 0 < min(score for score, mention in highest if mention >= gates.LOWEST) < 0.01
    assert min(score for score, mention in highest if mention < gates.LOWEST) < 0


@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_prose_leaves_and_a_name_goes_on(runtime: str) -> None:
    tagger = load(None, runtime)
    assert isinstance(tagger, WindowTagger)
    prose = "The study drug was given by mouth once daily with food."
    for text, leaves in ((prose, True), (f"{prose} Mr John Smith was seen.", False)):
        (encoded,) = encode(tagger.tokenizer, [text])
        (logits,) = tagger.scorer.score([encoded.ids], [encoded.types])
        assert bool(np.all(logits[:, 0] == NO_ENTITY)) == leaves
