"""Blobs and shards: cut where a new heading begins, packed evenly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_inputs import paragraphs_of

from nescio import blobs
from nescio.blobs import cut_blobs, number_of_shards, pack
from nescio.context import predict_context


def cut(texts: list[str | dict[str, Any]], **options: int) -> Any:
    paragraphs = paragraphs_of(texts)
    return cut_blobs(paragraphs, predict_context(paragraphs), **options)


def blob_of(table: Any) -> dict[int, int]:
    return {row["paragraph"]: row["blob"] for row in table.to_pylist()}


def test_every_paragraph_is_in_exactly_one_blob() -> None:
    table = cut(["# One", "a", "b", "# Two", "c"])
    assert blob_of(table) == {0: 0, 1: 0, 2: 0, 3: 1, 4: 1}


def test_running_header_is_a_blob_of_its_own_and_does_not_cut_the_text() -> None:
    header = {"text": "Jane Doe", "kind": "header", "page": 1}
    table = blob_of(cut(["# One", "a", header, {"text": "b", "page": 1}]))
    assert table[0] == table[1] == table[3]
    assert table[2] != table[0]


def test_no_paragraphs_make_no_blobs() -> None:
    assert len(cut([])) == 0


def test_a_little_work_is_one_shard() -> None:
    assert set(cut(["# One", "a", "# Two", "b"])["shard"].to_pylist()) == {"000"}


def test_work_decides_the_number_of_shards_up_to_the_most() -> None:
    texts: list[str | dict[str, Any]] = [f"# Part {i}" for i in range(150)]
    assert len(set(cut(texts, shard_cost=250)["shard"].to_pylist())) == 100
    assert len(set(cut(texts, shard_cost=250, max_shards=7)["shard"].to_pylist())) == 7


def test_a_blob_is_never_split() -> None:
    table = cut(["# One", *["text " * 50] * 20, "# Two", "b"], shard_cost=500)
    shards: dict[int, set[str]] = {}
    for row in table.to_pylist():
        shards.setdefault(row["blob"], set()).add(row["shard"])
    assert all(len(found) == 1 for found in shards.values())
    assert len(set().union(*shards.values())) == 2


def test_tables_that_speak_of_different_paragraphs_are_refused() -> None:
    context = predict_context(paragraphs_of(["a", "b"]))
    with pytest.raises(ValueError, match="same paragraphs"):
        cut_blobs(paragraphs_of(["a"]), context)


def test_there_is_at_least_one_shard() -> None:
    assert number_of_shards([]) == 1
    assert number_of_shards([blobs.SHARD_COST * 1_000] * 3) == 3


@given(st.lists(st.integers(0, 1_000), max_size=60), st.integers(1, 12))
def test_packing_places_every_item_once_and_no_bin_far_above_its_share(
    costs: list[int], bins: int
) -> None:
    packed = pack(costs, bins)
    assert len(packed) == bins
    assert sorted(item for items in packed for item in items) == list(range(len(costs)))
    fullest = max(sum(costs[item] for item in items) for items in packed)
    share = sum(costs) / bins
    assert fullest <= share + (1 - 1 / bins) * max(costs, default=0) + 1e-9


def test_packing_is_deterministic_and_even() -> None:
    assert pack([5, 5, 4, 4, 3, 3], 2) == [[0, 2, 4], [1, 3, 5]]
    with pytest.raises(ValueError, match="bin"):
        pack([1], 0)
