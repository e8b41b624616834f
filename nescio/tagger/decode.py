"""Scores of tokens to spans: words take labels, words of one mention join, ends are trimmed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from nescio.tagger.encoding import Encoded
from nescio.tagger.labels import LABEL_NAMES, Head
from nescio.tagger.thresholds import Thresholds
from nescio.tagger.types import Span

Floats = npt.NDArray[np.float32]

APOSTROPHES: Final = "'’ʼ`"
HYPHENS: Final = "-‐‑"
OPENING: Final = {")": "(", "]": "["}


class Words(NamedTuple):
    """Probabilities of each word: of each label, of opening a mention, of each kind."""

    labels: Floats
    begins: Floats
    kinds: Floats


def softmax(logits: Floats) -> Floats:
    """Return probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def word_scores(encoded: Encoded, logits: Floats, head: Head) -> Words:
    """Average the tokens of each word, so that no span can cut a word in half."""
    firsts = np.flatnonzero(np.diff(encoded.words, prepend=-1))
    counts = np.diff(np.append(firsts, len(encoded.words)))[:, None]
    tags = softmax(logits[:, : head.tags])
    kinds = tags @ head.kind_of if head.kind_of is not None else logits[:, head.tags :]
    opening = (tags * head.begins) @ head.label_of
    return Words(
        (np.add.reduceat(tags @ head.label_of, firsts) / counts).astype(np.float32),
        opening[firsts].astype(np.float32),
        (np.add.reduceat(kinds, firsts) / counts).astype(np.float32),
    )


def decode(encoded: Encoded, logits: Floats, head: Head, limits: Thresholds) -> list[Span]:
    """Return the spans of one text.

    A word takes the label whose probability exceeds its threshold by the largest factor. Words
    of one label join unless the later one opens a mention of its own; one punctuation mark
    between them does not part them.

    Args:
        encoded: the text.
        logits: (tokens, outputs) of the model.
        head: what the outputs mean.
        limits: thresholds and calibration of each label.
    """
    if not len(encoded):
        return []
    words = word_scores(encoded, logits, head)
    margin = words.labels / limits.thresholds
    if margin.max() < 1.0:
        return []
    best = margin.argmax(axis=1)
    best[margin.max(axis=1) < 1.0] = -1
    spans = []
    for first, last, label in _runs(encoded, words, best):
        bounds = _trimmed(encoded, first, last, LABEL_NAMES[label])
        if bounds:
            raw = float(words.labels[first:last, label].max())
            kind = _kind(words.kinds[first:last], label, head)
            score = limits.calibrated(label, raw)
            spans.append(Span(*bounds, LABEL_NAMES[label], kind, score))
    return _disjoint(spans)


def _runs(
    encoded: Encoded, words: Words, best: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    """Yield (first word, end word, label) of each mention."""
    hits = np.flatnonzero(best >= 0)
    solid = [not _is_symbol(encoded, int(word)) for word in hits]
    first = last = label = -1
    for word, has_letters in zip(hits.tolist(), solid, strict=True):
        new = best[word]
        gap = word - last - 1
        joins = label == new and gap <= 1 and (gap == 0 or _is_symbol(encoded, last + 1))
        if joins and has_letters:
            opens = 2 * words.begins[word, new] > words.labels[word, new]
            glued = encoded.word_start[word] == encoded.word_end[word - 1]
            joins = not opens or (glued and gap == 0)
        if not joins:
            if label >= 0:
                yield first, last + 1, label
            first, label = word, int(new)
        last = word
    if label >= 0:
        yield first, last + 1, label


def _is_symbol(encoded: Encoded, word: int) -> bool:
    """True for a word without a letter or a digit."""
    text = encoded.text[encoded.word_start[word] : encoded.word_end[word]]
    return not any(character.isalnum() for character in text)


def _trimmed(encoded: Encoded, first: int, last: int, label: str) -> tuple[int, int] | None:
    """Cut punctuation off the ends; names grow over apostrophes and hyphens.

    Returns:
        Offsets, or None if nothing with a letter or digit is left.
    """
    text = encoded.text
    start, end = int(encoded.word_start[first]), int(encoded.word_end[last - 1])
    while start < end and not text[start].isalnum():
        # "(651) 555-0100" and "+1 ..." keep their first sign.
        if label == "PHONE" and (
            text[start] == "+" or (text[start] == "(" and ")" in text[start:end])
        ):
            break
        start += 1
    while end > start and not (text[end - 1].isalnum() or _is_mark(text[end - 1])):
        if text[end - 1] in OPENING and OPENING[text[end - 1]] in text[start : end - 1]:
            break
        end -= 1
    if start >= end:
        return None
    return _grown(text, start, end) if label == "NAME" else (start, end)


def _is_mark(character: str) -> bool:
    """True for a combining mark, which belongs to the letter before it."""
    return unicodedata.category(character).startswith("M")


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a name over glued parts: O'Brien, Smith-Jones; not over "'s" or "-related"."""
    while start > 1 and text[start - 1] in APOSTROPHES + HYPHENS and text[start - 2].isalpha():
        before = start - 1
        while before > 0 and text[before - 1].isalpha():
            before -= 1
        if not text[before].isupper():
            break
        start = before
    while end < len(text) - 1 and text[end] in APOSTROPHES + HYPHENS and text[end + 1].isupper():
        after = end + 1
        while after < len(text) and text[after].isalpha():
            after += 1
        if text[end + 1 : after] == "S":
            break
        end = after
    return start, end


def _kind(scores: Floats, label: int, head: Head) -> str:
    """Return the most probable kind of a mention."""
    name = LABEL_NAMES[label]
    columns = [index for index, (owner, _) in enumerate(head.kinds) if owner == name]
    if not columns:
        return ""
    return head.kinds[columns[int(scores.mean(axis=0)[columns].argmax())]][1]


def _disjoint(spans: list[Span]) -> list[Span]:
    """Drop what growing names made overlap: the earlier span stays, the later one is cut."""
    kept: list[Span] = []
    for span in sorted(spans):
        if kept and span.start < kept[-1].end:
            if span.end <= kept[-1].end:
                continue
            span = span._replace(start=kept[-1].end)
        kept.append(span)
    return kept
