"""Text to tokens: ids, shapes and words, with offsets into the text as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nescio.tagger import shapes

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """One text as a model sees it.

    Attributes:
        text: the text as it stands.
        ids: (tokens,) vocabulary ids, without special tokens.
        types: (tokens,) shape of each token's word (``nescio.tagger.shapes``).
        words: (tokens,) number of each token's word, never decreasing.
        word_start, word_end: half-open offsets of each numbered word, in code points.
    """

    text: str
    ids: Ints
    types: Ints
    words: Ints
    word_start: Ints
    word_end: Ints

    def __len__(self) -> int:
        return len(self.ids)


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
    """Encode texts without special tokens, truncation or padding.

    Tokenizers may drop characters (control characters, lone marks). Whatever they keep, every
    character that is not white space belongs to exactly one word of the result, and every word
    to at least one token, or to the token before it.
    """
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [_encoded(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]


def _encoded(text: str, encoding: Encoding) -> Encoded:
    """Align one tokenizer's result with the words of its text."""
    ids = np.array(encoding.ids, np.int64)
    none = np.zeros(0, np.int64)
    if not len(ids) or not text:
        return Encoded(text, none, none, none, none, none)
    offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
    classes = shapes.character_classes(text)
    solid = classes >= 2  # not white space
    # A token's offsets may open with the white space before it (SentencePiece): skip that.
    following = np.concatenate((np.flatnonzero(solid), [len(text)]))
    before = np.concatenate(([0], np.cumsum(solid)))
    starts = following[before[np.minimum(offsets[:, 0], len(text))]]
    starts = np.maximum.accumulate(np.minimum(starts, len(text) - 1))
    types = shapes.token_types(text, starts)
    character_words = shapes.word_ids(classes)
    # Words without a token of their own go to the word before them: renumber by tokens.
    raw = np.maximum(character_words[starts], 0)
    _, words = np.unique(raw, return_inverse=True)
    first_token = np.flatnonzero(np.diff(raw, prepend=-1))
    firsts = shapes.word_starts(character_words)
    bounds = firsts[raw[first_token]]
    bounds[0] = firsts[0]
    ends = _last_solid(solid, np.concatenate((bounds[1:], [len(text)])))
    return Encoded(text, ids, types, words.astype(np.int64), bounds, ends)


def _last_solid(solid: npt.NDArray[np.bool_], limits: Ints) -> Ints:
    """Return the end of the last character before each limit that is not white space."""
    position = np.where(solid, np.arange(1, len(solid) + 1), 0)
    return np.maximum.accumulate(position)[limits - 1]
