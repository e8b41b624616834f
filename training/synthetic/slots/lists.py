"""Reads the committed lists of ``data/`` once and draws from them, apart for held-out text."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Split = Literal["train", "heldout"]

DATA = Path(__file__).parent / "data"
HELD_OUT_NAMES = 10  # one name in so many never stands in training text
HELD_OUT_FORMATS = 0.5  # share of draws from held-out formats in held-out text


def is_held_out(name: str) -> bool:
    """Say whether a name belongs to held-out text only, whatever list it stands in."""
    return zlib.crc32(name.casefold().encode()) % HELD_OUT_NAMES == 0


def split_of(names: Sequence[str], split: Split) -> list[str]:
    """Return the names of ``split``; a list too short to be parted is shared."""
    kept = [name for name in names if is_held_out(name) == (split == "heldout")]
    return kept or list(names)


@cache
def read_yaml(name: str) -> Any:
    """Read ``data/<name>.yaml``."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def read_lines(name: str) -> list[str]:
    """Read the lines of ``data/<name>`` that are not comments."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def words(name: str, split: Split = "train") -> list[str]:
    """Return the list ``name`` of ``words.yaml``, without what the other split keeps."""
    return split_of([str(word) for word in read_yaml("words")[name]], split)


@cache
def _formats(path: str) -> tuple[list[str], list[str]]:
    node = read_yaml("formats")
    for part in path.split("."):
        node = node[part]
    return list(map(str, node["train"])), list(map(str, node["heldout"]))


def draw_format(rng: random.Random, path: str, split: Split) -> str:
    """Draw one format of ``formats.yaml``, for example ``dates.full``."""
    train, heldout = _formats(path)
    if split == "heldout" and rng.random() < HELD_OUT_FORMATS:
        return rng.choice(heldout)
    return rng.choice(train)
