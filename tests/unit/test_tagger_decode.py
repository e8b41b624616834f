"""Decoding: scores of tokens become spans that keep words whole."""

import dataclasses

import numpy as np
import pytest

from nescio.tagger import thresholds
from nescio.tagger.decode import decode
from nescio.tagger.encoding import Encoded
from nescio.tagger.labels import KINDS, LABEL_NAMES, OUTPUTS, TAGS, mapped_head, shipped_head
from nescio.tagger.shapes import character_classes, word_ids, word_starts
from nescio.tagger.types import Span


def encoded(text: str) -> Encoded:
    """One token a word."""
    ids = word_ids(character_classes(text))
    starts = word_starts(ids)
    ends = np.array([int(np.flatnonzero(ids == number)[-1]) + 1 for number in range(len(starts))])
    zeros = np.zeros(len(starts), np.int64)
    return Encoded(text, zeros, zeros, np.arange(len(starts)), starts, ends)


def found(text: str, tags: str, **changes: object) -> list[Span]:
    limits = dataclasses.replace(thresholds.default(), **changes)
    logits = np.zeros((len(tags.split()), len(OUTPUTS)), np.float32)
    for row, tag in enumerate(tags.split()):
        logits[row, TAGS.index(tag)] = 12.0
    return decode(encoded(text), logits, shipped_head(), limits)


def hidden(text: str, tags: str) -> list[str]:
    return [text[s.start : s.end] for s in found(text, tags)]


def test_words_of_one_mention_join_over_their_punctuation() -> None:
    assert hidden("SMITH, JOHN seen", "B-NAME I-NAME I-NAME O") == ["SMITH, JOHN"]


def test_one_mark_without_a_label_does_not_part_a_mention() -> None:
    assert hidden("12/03/1954", "B-DATE O I-DATE O I-DATE") == ["12/03/1954"]


def test_a_new_mention_of_the_same_label_stands_apart() -> None:
    assert hidden("Ann Bob", "B-NAME B-NAME") == ["Ann", "Bob"]


def test_ends_are_trimmed_to_letters_and_digits() -> None:
    assert hidden("( Ann ) ,", "B-NAME I-NAME I-NAME I-NAME") == ["Ann"]


def test_a_phone_number_keeps_its_opening_sign() -> None:
    assert hidden("(651) 555", "B-PHONE I-PHONE I-PHONE I-PHONE") == ["(651) 555"]


@pytest.mark.parametrize(
    ("text", "tags", "name"),
    [("O'Brien came", "O O B-NAME O", "O'Brien"), ("Smith-Jones", "B-NAME O O", "Smith-Jones"),
     ("Smith's dog", "B-NAME O O O", "Smith"), ("Smith-related", "B-NAME O O", "Smith")],
)  # fmt: skip
def test_a_name_grows_over_its_own_parts_only(text: str, tags: str, name: str) -> None:
    assert hidden(text, tags) == [name]


def test_punctuation_alone_is_no_mention() -> None:
    assert hidden("- -", "B-NAME I-NAME") == []


def test_a_lower_threshold_finds_more_and_scores_are_calibrated() -> None:
    logits = np.zeros((1, len(OUTPUTS)), np.float32)
    logits[0, TAGS.index("O")], logits[0, TAGS.index("B-NAME")] = 4.0, 3.0
    limits = thresholds.default()
    assert decode(encoded("Ann"), logits, shipped_head(), limits) == []
    lower = np.full(len(LABEL_NAMES), 0.2, np.float32)
    generous = thresholds.Thresholds(lower, {"NAME": ([0.0, 1.0], [0.5, 0.5])})
    (span,) = decode(encoded("Ann"), logits, shipped_head(), generous)
    assert (span.label, span.score) == ("NAME", 0.5)


def test_the_kind_comes_from_the_second_head() -> None:
    logits = np.zeros((1, len(OUTPUTS)), np.float32)
    logits[0, TAGS.index("B-NAME")] = 12.0
    logits[0, len(TAGS) + KINDS.index(("NAME", "staff"))] = 5.0
    (span,) = decode(encoded("Ann"), logits, shipped_head(), thresholds.default())
    assert span.kind == "staff"


def test_foreign_tags_map_to_labels_and_kinds() -> None:
    head = mapped_head(["O", "B-PATIENT", "L-DATE"], {"PATIENT": "NAME/patient", "DATE": "DATE"})
    logits = np.array([[0, 9, 0], [0, 0, 9]], np.float32)
    spans = decode(encoded("Ann 1954"), logits, head, thresholds.default())
    assert [(s.label, s.kind) for s in spans] == [("NAME", "patient"), ("DATE", "")]
