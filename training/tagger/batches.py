"""Examples to tensors: what each token may be, and batches of equal numbers of tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nescio.tagger.encoding import encode
from nescio.tagger.labels import KINDS, LABEL_NAMES, TAGS
from training.tagger import noise, sources
from training.tagger.sources import ANNOTATED, Example

MAX_TOKENS = 158
MIX = {"synthetic": 0.44, "noise": 0.12, "outis": 0.21, "news": 0.20, "sections": 0.03}
CORRECTED = 0.15
"""Weight of reviewers' corrections, where there are any, beside the others, which make 1."""
_PLACES = ("LOCATION", "FACILITY", "ADDRESS")


class Item(NamedTuple):
    """One tokenised example; arrays have one entry a token, special tokens not counted."""

    ids: npt.NDArray[np.int64]
    types: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]  # row of allowed_tags()
    kind: npt.NDArray[np.int64]  # index into KINDS, -1 where not known


@lru_cache(maxsize=1)
def rules() -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Return which tags each kind of token may carry.

    Rows: one for each tag ("is exactly this"), then one for "no entity" of each source (O, or a
    label that the source does not annotate), then B and I of "some place" (news call hospitals
    and streets locations).
    """
    rows = [np.eye(len(TAGS), dtype=bool)[index] for index in range(len(TAGS))]
    index = {tag: i for i, tag in enumerate(TAGS)}
    for source, annotated in ANNOTATED.items():
        index[source] = len(rows)
        rows.append(np.array([tag == "O" or tag[2:] not in annotated for tag in TAGS]))
    for prefix in "BI":
        index[f"{prefix}-place"] = len(rows)
        rows.append(np.array([tag[:1] == prefix and tag[2:] in _PLACES for tag in TAGS]))
    return np.array(rows), index


def items(tokenizer: Any, examples: list[Example]) -> list[Item]:
    """Tokenise examples and say what each token may be."""
    _, index = rules()
    found = []
    encodings = encode(tokenizer, [e.text for e in examples])
    for example, encoded in zip(examples, encodings, strict=True):
        rule = np.full(len(encoded.word_start), index[example.source])
        kind = np.full(len(encoded.word_start), -1)
        for span in example.spans:
            first = int(np.searchsorted(encoded.word_end, span.start, side="right"))
            last = int(np.searchsorted(encoded.word_start, span.end, side="left"))
            if last <= first:
                continue
            place = example.source == "news" and span.label == "LOCATION"
            name = "place" if place else span.label
            rule[first:last] = index[f"I-{name}"]
            rule[first] = index[f"B-{name}"]
            if span.kind is not None and (span.label, span.kind) in KINDS:
                kind[first:last] = KINDS.index((span.label, span.kind))
        words = encoded.words
        token_rule = rule[words] if len(words) else np.zeros(0, np.int64)
        # B- stands on a span's first token only, also where its first word has many tokens.
        inner = np.diff(words, prepend=-1) == 0
        begins = inner & np.isin(token_rule, [index[f"B-{x}"] for x in (*LABEL_NAMES, "place")])
        to_inner = {index[f"B-{x}"]: index[f"I-{x}"] for x in (*LABEL_NAMES, "place")}
        token_rule = token_rule.copy()
        token_rule[begins] = [to_inner[r] for r in token_rule[begins]]
        token_kind = kind[words] if len(words) else np.zeros(0, np.int64)
        n = MAX_TOKENS
        found.append(Item(encoded.ids[:n], encoded.types[:n], token_rule[:n], token_kind[:n]))
    return found


class Corpus:
    """Endless training text, drawn from the generator and, where given, from labelled sets."""

    def __init__(self, data: Path | None, seed: int, corrections: Path | None = None) -> None:
        self.rng = random.Random(seed)
        self.synthetic = sources.synthetic(seed, "train")
        self.sets: dict[str, list[Example]] = {}
        if data and (data / "phi").is_dir():
            for name, family in sources.TRAIN_FILES.items():
                path = data / "phi" / f"{name}.jsonl.gz"
                self.sets.setdefault(family, []).extend(sources.read(path, family))
            self.sets["sections"] = list(
                sources.read_sections(data / "sections" / "mts_dialog.jsonl.gz")
            )
        self.mix = {name: MIX[name] for name in ("synthetic", "noise", *self.sets)}
        corrected = list(sources.read_corrections(corrections, "train")) if corrections else []
        if corrected:
            self.sets["corrections"] = corrected
            self.mix["corrections"] = CORRECTED

    def example(self) -> Example:
        """Draw one example."""
        rng = self.rng
        name = rng.choices(list(self.mix), list(self.mix.values()))[0]
        if name == "noise":
            return noise.compose(rng)
        if name == "synthetic":
            return next(self.synthetic)
        example = sources.cut(rng.choice(self.sets[name]), rng)
        if name == "outis" and rng.random() < 0.6:
            example = sources.real_names(example, rng)
        return sources.vary(example, rng)

    def batches(self, tokenizer: Any, tokens: int) -> Iterator[list[Item]]:
        """Yield batches of about ``tokens`` tokens of similar length, for ever."""
        while True:
            pool = [
                i for i in items(tokenizer, [self.example() for _ in range(1024)]) if len(i.ids)
            ]
            yield from shuffled(pool, tokens, self.rng)


def shuffled(pool: list[Item], tokens: int, rng: random.Random) -> list[list[Item]]:
    """Cut items, sorted by length, into batches and shuffle these."""
    pool.sort(key=lambda item: len(item.ids))
    out: list[list[Item]] = [[]]
    for item in pool:
        if out[-1] and (len(out[-1]) + 1) * (len(item.ids) + 2) > tokens:
            out.append([])
        out[-1].append(item)
    rng.shuffle(out)
    return out
