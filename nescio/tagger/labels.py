"""The tags a model gives to tokens, and what each of them means in Nescio's labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nescio.tables import LABELS

LABEL_NAMES: Final[tuple[str, ...]] = tuple(LABELS)

TAGS: Final[tuple[str, ...]] = (
    "O",
    *(f"B-{label}" for label in LABELS),
    *(f"I-{label}" for label in LABELS),
)
"""Tags of the shipped model: BIO over Nescio's labels."""

KINDS: Final[tuple[tuple[str, str], ...]] = tuple(
    (label, kind)
    for label, kinds in LABELS.items()
    if kinds and label != "OTHER"
    for kind in ("", *kinds)
)
"""Kinds of the shipped model's second head, ``""`` where the text does not show which."""

OUTPUTS: Final[tuple[str, ...]] = (*TAGS, *(f"{label}/{kind}" for label, kind in KINDS))
"""Names of the shipped model's outputs, tags first: the ``id2label`` of its configuration."""


@dataclass(frozen=True)
class Head:
    """How a model's outputs become labels and kinds.

    Attributes:
        label_of: (tags, labels) 0/1 matrix: tag -> Nescio label; rows of zeros mean "no entity".
        begins: (tags,) 1 where the tag opens an entity (``B-``, ``S-``, ``U-``).
        kinds: (label, kind) of each kind column.
        kind_of: (tags, kinds) matrix, where kinds follow from the tags; None if the model has
            kind outputs of its own behind its tags.
    """

    label_of: npt.NDArray[np.float32]
    begins: npt.NDArray[np.float32]
    kinds: tuple[tuple[str, str], ...]
    kind_of: npt.NDArray[np.float32] | None

    @property
    def tags(self) -> int:
        """Number of tag outputs."""
        return len(self.begins)


def split_tag(tag: str) -> tuple[str, str]:
    """Split ``"B-PATIENT"`` into ``("B", "PATIENT")``; a tag without prefix gets ``"I"``."""
    prefix, dash, name = tag.partition("-")
    if dash and prefix in {"B", "I", "E", "L", "S", "U"}:
        return prefix, name
    return "I", tag


def shipped_head() -> Head:
    """Return the head of models that this project trains: TAGS, then KINDS."""
    label_of = np.zeros((len(TAGS), len(LABEL_NAMES)), np.float32)
    begins = np.zeros(len(TAGS), np.float32)
    for index, tag in enumerate(TAGS[1:], start=1):
        prefix, label = split_tag(tag)
        label_of[index, LABEL_NAMES.index(label)] = 1.0
        begins[index] = prefix == "B"
    return Head(label_of, begins, KINDS, None)


def mapped_head(tags: Sequence[str], label_map: Mapping[str, str]) -> Head:
    """Return the head of a foreign model.

    Args:
        tags: the model's tags, by output index.
        label_map: the model's label (without BIO prefix) -> ``"LABEL"`` or ``"LABEL/kind"`` of
            Nescio. Labels that it does not name are taken as "no entity".
    """
    targets = [label_map.get(split_tag(tag)[1].upper(), "") for tag in tags]
    pairs = sorted({(t.partition("/")[0], t.partition("/")[2]) for t in targets if t})
    label_of = np.zeros((len(tags), len(LABEL_NAMES)), np.float32)
    kind_of = np.zeros((len(tags), len(pairs)), np.float32)
    begins = np.zeros(len(tags), np.float32)
    for index, (tag, target) in enumerate(zip(tags, targets, strict=True)):
        if target:
            label, _, kind = target.partition("/")
            label_of[index, LABEL_NAMES.index(label)] = 1.0
            kind_of[index, pairs.index((label, kind))] = 1.0
            begins[index] = split_tag(tag)[0] in {"B", "S", "U"}
    return Head(label_of, begins, tuple(pairs), kind_of)
