"""Shapes: what lower-casing loses comes back as a number for each token."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nescio.tagger.shapes import (
    GAPS,
    SHAPES,
    TYPES,
    character_classes,
    token_types,
    word_ids,
    word_starts,
)


def name_of(kind: int) -> tuple[str, str]:
    return SHAPES[(kind - 1) // len(GAPS)], GAPS[(kind - 1) % len(GAPS)]


@pytest.mark.parametrize(
    ("word", "shape"),
    [("smith", "lower"), ("Smith", "title"), ("SMITH", "upper"), ("J", "initial"),
     ("McDonald", "mixed"), ("1954", "digits"), ("AB12", "upper_digits"), ("x1b", "mixed_digits"),
     ("李", "uncased"), (",", "symbol"), ("Émile", "title"), ("E\u0301mile", "title")],
)  # fmt: skip
def test_a_word_has_the_shape_that_it_shows(word: str, shape: str) -> None:
    assert name_of(int(token_types(word, np.array([0]))[0])) == (shape, "line")


def test_the_gap_before_a_word_is_told() -> None:
    text = "a b  c\nd-e\tf"
    starts = np.array([text.index(letter) for letter in "abcdef"])
    gaps = [name_of(int(kind))[1] for kind in token_types(text, starts)]
    assert gaps == ["line", "space", "wide", "line", "glued", "space"]


@given(st.text(max_size=60))
def test_every_solid_character_belongs_to_one_word(text: str) -> None:
    classes = character_classes(text)
    ids = word_ids(classes)
    assert ((ids >= 0) == (classes >= 2)).all()
    assert len(word_starts(ids)) == len(set(ids[ids >= 0].tolist()))


@given(st.text(min_size=1, max_size=40))
def test_types_stay_within_the_vocabulary(text: str) -> None:
    solid = np.flatnonzero(character_classes(text) >= 2)
    kinds = token_types(text, solid)
    assert ((kinds >= 1) & (kinds < TYPES)).all()
