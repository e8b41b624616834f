"""A feature that was tried for ``dep_flag`` and is not shipped: how alike two paragraphs mean.

``python -m training.context --try-embedding`` learns and measures with and without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from nescio.context.predict import pairs_of
from nescio.tagger import manifest
from nescio.tagger.loading import TORCH
from training.context.documents import Gold
from training.context.learn import Pairs, choose_threshold, learn_same_heading, pairs_to_learn
from training.context.measure import with_intervals

TABLE: Final = "bert.embeddings.word_embeddings.weight"
FIRST_WORD: Final = 1996
"""Word pieces from here on are words, the most frequent first; before it stand signs."""

SMOOTHING: Final = 1e-3
MOST_CHARACTERS: Final = 400

RESULTS: Final = Path(__file__).parent / "data" / "embedding.md"


class Pieces(NamedTuple):
    """The shipped tagger's input embeddings, and what each word piece weighs."""

    tokenizer: Any
    table: npt.NDArray[np.float32]  # (pieces, 384), without their mean
    weights: npt.NDArray[np.float32]  # (pieces,)


@cache
def pieces() -> Pieces:
    """Load them; the weights are those of smooth inverse frequency (Arora et al. 2017).

    The vocabulary is sorted by frequency, which therefore follows from the rank (Zipf).
    """
    from safetensors import safe_open
    from tokenizers import Tokenizer

    with safe_open(manifest.SHIPPED / TORCH, "np") as file:
        table = file.get_tensor(TABLE).astype(np.float32)
    table -= table[FIRST_WORD:].mean(axis=0)
    rank = np.maximum(np.arange(len(table)) - FIRST_WORD + 1, 1)
    frequency = 1 / (rank * np.log(len(table)))
    weights = SMOOTHING / (SMOOTHING + frequency)
    weights[:FIRST_WORD] = 0
    tokenizer = Tokenizer.from_file(str(manifest.SHIPPED / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Pieces(tokenizer, table, weights.astype(np.float32))


def vectors(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the weighted mean of the embeddings of each text's word pieces, of length 1.

    Returns:
        (texts, 384); NaN where a text has no words.
    """
    tokenizer, table, weights = pieces()
    cut = [text[:MOST_CHARACTERS] for text in texts]
    ids = [one.ids for one in tokenizer.encode_batch(cut, add_special_tokens=False)]
    rows = np.repeat(np.arange(len(ids)), [len(one) for one in ids])
    flat = np.concatenate([np.array(one, np.int64) for one in ids])
    known, columns = np.unique(flat, return_inverse=True)
    counts = csr_array((weights[flat], (rows, columns)), shape=(len(ids), len(known)))
    sums: npt.NDArray[np.float32] = counts @ table[known]
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = np.divide(
        sums, length, out=np.full_like(sums, np.nan), where=length > 0
    )
    return unit


def similarities(pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
    """Return the cosine of the vectors of two texts; NaN where one has no words."""
    one, other = (vectors(list(side)) for side in zip(*pairs, strict=True))
    cosine: npt.NDArray[np.float64] = (one * other).sum(axis=1).astype(float)
    return cosine


def with_embedding(documents: Sequence[Gold]) -> Pairs:
    """Return what there is to learn from, with the similarity of the texts as a last column."""
    pairs = pairs_to_learn(documents)
    texts = [
        (pair.paragraph["text"], (pair.before or pair.paragraph)["text"])
        for document in documents
        for pair, gold in zip(pairs_of(document.paragraphs), document.same, strict=True)
        if gold is not None and not pair.settled
    ]
    columns = np.column_stack([pairs.features, similarities(texts)])
    return pairs._replace(features=columns)


def without(pairs: Pairs) -> Pairs:
    """Return the same without the last column."""
    return pairs._replace(features=pairs.features[:, :-1])


def compare(
    learned: Sequence[Gold], held_out: dict[str, list[Gold]], against_rule: float
) -> list[str]:
    """Learn with and without the similarity and measure both on the same held-out pairs.

    Args:
        learned: documents to learn from.
        held_out: set -> its documents.
        against_rule: score from which a model may join where the rule cuts.

    Returns:
        Lines of a table in Markdown.
    """
    lines = [
        "| set | pairs | embedding | threshold | accuracy | cuts too many | joins too many |",
        "|---|---|---|---|---|---|---|",
    ]
    pairs = with_embedding(learned)
    tests = {name: [with_embedding([one]) for one in group] for name, group in held_out.items()}
    for name, take in (("without", without), ("with", lambda pairs: pairs)):
        chosen, found = choose_threshold(take(pairs))
        model = learn_same_heading(take(pairs))
        lines.append(
            f"| training, each layout by a fit without it | {found['pairs']:,} | {name} "
            f"| {chosen:.2f} | | {found['cuts']:,} | {found['joins']:,} |"
        )
        for title, group in tests.items():
            scores = [model.predict_proba(take(one).features)[:, 1] for one in group]
            said = [
                score >= np.where(one.rule, chosen, against_rule)
                for score, one in zip(scores, group, strict=True)
            ]
            lines.append(_row(title, name, chosen, [one.same for one in group], said))
    return lines


def _row(
    title: str,
    name: str,
    threshold: float,
    gold: Sequence[npt.NDArray[np.bool_]],
    said: Sequence[npt.NDArray[np.bool_]],
) -> str:
    accuracy, _ = with_intervals(_words(gold), _words(said))
    flat, heard = np.concatenate(gold), np.concatenate(said)
    share, low, high = accuracy
    cuts, joins = int((~heard & flat).sum()), int((heard & ~flat).sum())
    return (
        f"| {title} | {len(flat):,} | {name} | {threshold:.2f} "
        f"| {share:.4f} ({low:.4f}–{high:.4f}) | {cuts:,} | {joins:,} |"
    )


def _words(answers: Sequence[npt.NDArray[np.bool_]]) -> list[npt.NDArray[np.object_]]:
    return [np.array([str(one) for one in part], object) for part in answers]
