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
from nescio.tagger.labels import KINDS, TAGS
from training.tagger import noise, sources
from training.tagger.sources import EVERY_LABEL, Example, Span
from training.text.sources import mapping

MAX_TOKENS = 158
MIX = {"synthetic": 0.46, "noise": 0.11, "outis": 0.19, "news": 0.16, "sections": 0.08}
"""Shares of the examples, by source."""

CORRECTED = 0.15
"""Weight of reviewers' corrections, where there are any, beside the others, which make 1."""


class Item(NamedTuple):
    """One tokenised example; arrays have one entry a token, special tokens not counted."""

    ids: npt.NDArray[np.int64]
    types: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]  # row of rules(), -1 where nothing is known
    kind: npt.NDArray[np.int64]  # index into KINDS, -1 where not known


@lru_cache(maxsize=1)
def rules() -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Return which tags each kind of token may carry, as rows, and the row of each kind.

    Rows: one for each tag ("is exactly this"), then one for "no entity" of each set of annotated
    labels (O, or a label that the source does not annotate), then B and I of each set of labels
    of which the source cannot tell one (news call hospitals and streets locations).
    """
    rows = [np.eye(len(TAGS), dtype=bool)[index] for index in range(len(TAGS))]
    index = {tag: i for i, tag in enumerate(TAGS)}
    sources_ = mapping().values()
    for annotated in {EVERY_LABEL, *(frozenset(source["annotated"]) for source in sources_)}:
        index[no_entity(annotated)] = len(rows)
        rows.append(np.array([tag == "O" or tag[2:] not in annotated for tag in TAGS]))
    entries = [entry for source in sources_ for entry in source["labels"].values()]
    for names in {(entry["label"], *sorted(entry["also"])) for entry in entries if "also" in entry}:
        for prefix in "BI":
            index[f"{prefix}-{'/'.join(names)}"] = len(rows)
            rows.append(np.array([tag[:1] == prefix and tag[2:] in names for tag in TAGS]))
    return np.array(rows), index


def no_entity(annotated: frozenset[str]) -> str:
    """Return the key in ``rules()`` of unmarked text where these labels are annotated."""
    return "O of " + "/".join(sorted(annotated))


def _tag(span: Span) -> str:
    return "/".join((span.label, *span.also))


def items(tokenizer: Any, examples: list[Example]) -> list[Item]:
    """Tokenise examples and say what each token may be."""
    _, index = rules()
    inner_of = {row: index["I" + name[1:]] for name, row in index.items() if name[:2] == "B-"}
    found = []
    encodings = encode(tokenizer, [e.text for e in examples])
    for example, encoded in zip(examples, encodings, strict=True):
        rule = np.full(len(encoded.word_start), index[no_entity(example.annotated)])
        kind = np.full(len(encoded.word_start), -1)
        for start, end in example.ignore:
            rule[(encoded.word_start < end) & (encoded.word_end > start)] = -1
        for span in example.spans:
            first = int(np.searchsorted(encoded.word_end, span.start, side="right"))
            last = int(np.searchsorted(encoded.word_start, span.end, side="left"))
            if last <= first:
                continue
            rule[first:last] = index[f"I-{_tag(span)}"]
            rule[first] = index[f"B-{_tag(span)}"]
            if span.kind is not None and (span.label, span.kind) in KINDS:
                kind[first:last] = KINDS.index((span.label, span.kind))
        words = encoded.words
        token_rule = rule[words] if len(words) else np.zeros(0, np.int64)
        # B- stands on a span's first token only, also where its first word has many tokens.
        begins = (np.diff(words, prepend=-1) == 0) & np.isin(token_rule, list(inner_of))
        token_rule = token_rule.copy()
        token_rule[begins] = [inner_of[r] for r in token_rule[begins]]
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
            self.sets = sources.published(data, "train")
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
        return sources.vary(rng.choice(self.sets[name]), rng)

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
