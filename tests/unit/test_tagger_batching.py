"""Batching: every token scored once, little padding, the same result in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nescio.tagger.batching import OVERLAP, WINDOW, assemble, batches, unique, windows


@given(st.lists(st.integers(0, 700), max_size=8))
def test_windows_own_every_token_exactly_once(lengths: list[int]) -> None:
    owners = [np.zeros(length, int) for length in lengths]
    for window in windows(lengths):
        owners[window.text][window.own_start : window.own_end] += 1
        assert window.end - window.start <= WINDOW
    assert all((owner == 1).all() for owner in owners)


def test_a_token_is_read_where_it_stands_farthest_from_an_edge() -> None:
    first, second = windows([WINDOW + 10])
    assert second.start == first.end - OVERLAP
    assert first.own_end == second.own_start == first.end - OVERLAP // 2


def test_assembled_scores_are_those_of_the_owning_window() -> None:
    lengths = [400, 0, 7]
    plan = windows(lengths)
    scores = [np.full((w.end - w.start, 1), number, np.float32) for number, w in enumerate(plan)]
    whole = assemble(lengths, plan, scores, 1)
    assert [len(one) for one in whole] == lengths
    for number, window in enumerate(plan):
        assert (whole[window.text][window.own_start : window.own_end] == number).all()


def test_a_token_that_no_window_scored_is_an_error() -> None:
    plan = windows([300])[:1]
    scores = [np.zeros((plan[0].end, 1), np.float32)]
    with pytest.raises(AssertionError, match="exactly once"):
        assemble([300], plan, scores, 1)


@given(st.lists(st.integers(1, 160), max_size=60), st.integers(160, 2000))
def test_batches_hold_every_window_once_and_keep_the_budget(
    lengths: list[int], budget: int
) -> None:
    grouped = batches(lengths, budget)
    assert sorted(index for batch in grouped for index in batch) == list(range(len(lengths)))
    for batch in grouped:
        assert max(lengths[index] for index in batch) * len(batch) <= budget


def test_batches_of_sorted_lengths_are_padded_little() -> None:
    lengths = np.random.default_rng(1).integers(4, 160, 500).tolist()
    padded = sum(max(lengths[i] for i in b) * len(b) for b in batches(lengths, 2048))
    assert padded < 1.1 * sum(lengths)


def test_identical_items_are_kept_once() -> None:
    assert unique(["b", "a", "b"]) == (["b", "a"], [0, 1, 0])


def test_windows_that_do_not_advance_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows([10], size=4, overlap=4)
