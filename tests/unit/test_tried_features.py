"""What was tried beside what ships: likeness of meaning for dep_flag, no shapes for the tagger."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the training extra")

from training.context.embedding import similarities, vectors
from training.evaluation import sets, shapes
from training.evaluation.metrics import Counts
from training.tagger.sources import Example, Span


def test_texts_of_one_matter_are_more_alike_and_word_order_is_nothing() -> None:
    near, far, same, none = similarities(
        [
            ("The patient has diabetes.", "Insulin was given for high glucose."),
            ("The patient has diabetes.", "The train leaves the station at noon."),
            ("chest pain", "pain, chest"),
            ("chest pain", "..."),
        ]
    )
    assert near > far
    assert same == pytest.approx(1.0, abs=1e-5)
    assert np.isnan(none)


def test_vector_of_a_text_depends_on_no_other() -> None:
    alone = vectors(["Seen in clinic."])[0]
    among = vectors(["Another text of other words.", "Seen in clinic.", "And a third."])[1]
    assert np.array_equal(alone, among)


def test_names_that_a_set_calls_something_else_too_say_nothing() -> None:
    spans = (Span(0, 3, "NAME", ""), Span(4, 7, "NAME", "", ("ORGANIZATION",)),
             Span(8, 11, "ORGANIZATION", "", ("NAME",)), Span(12, 16, "DATE", ""))  # fmt: skip
    kept = shapes.names_of(Example("Ann Bea Cec 1999", spans))
    assert [span.start for span in kept.spans] == [0, 4]
    assert kept.ignore == ((8, 11),)


def test_difference_of_recall_is_that_of_the_misses_on_the_same_texts() -> None:
    examples = [Example("Ann", (Span(0, 3, "NAME", ""),))] * 40
    all_found = Counts(documents=[(3, 3, 0, 0, 0)] * 40)
    half_found = Counts(documents=[(3, 3, 0, 0, 0), (0, 0, 0, 0, 1)] * 20)
    gain, low, high = shapes.difference(all_found, half_found, examples)
    assert gain == 0.5
    assert 0.3 < low < gain < high < 0.7
    assert shapes.difference(all_found, all_found, examples) == (0.0, 0.0, 0.0)


def test_a_model_is_brought_to_a_precision_by_its_threshold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lowest threshold that reaches it; the most precise one where none does."""

    def measured(scored: object, examples: object, threshold: float) -> Counts:
        right = round(100 * min(threshold, 0.9))
        return Counts(documents=[(right, 100, 0, 0, 0)])

    monkeypatch.setattr(shapes, "measured", measured)
    nothing = shapes.Scored([], [])
    threshold, counts = shapes.brought_to(nothing, [], 0.7)
    assert 0.695 <= threshold < 0.72
    assert shapes.precision(counts) >= 0.7
    assert shapes.precision(shapes.brought_to(nothing, [], 0.95)[1]) == 0.9


def test_a_set_is_read_up_to_so_many_characters() -> None:
    texts = [Example(text, ()) for text in ("four", "four", "four")]
    test = sets.TestSet("set", "", texts, frozenset(), frozenset())
    assert [len(shapes.first_of(test, n).examples) for n in (1, 4, 5, 12, 99)] == [1, 1, 2, 3, 3]
