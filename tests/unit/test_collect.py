"""collect: page ranges cover every page once; ids are random and kept; done work is skipped."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nescio.registry import Registry
from nescio.steps.collect import MAX_SHARDS, Piece, cut, number_of_shards
from nescio.store import LocalStore


@given(st.lists(st.integers(1, 400), max_size=30), st.integers(1, 100))
def test_shards_hold_every_page_once_and_are_balanced(pages: list[int], shards: int) -> None:
    pieces = [Piece(f"d{number}", 0, count) for number, count in enumerate(pages)]
    parts = cut(pieces, shards)
    found = [(p.doc, page) for part in parts for p in part for page in range(p.first, p.last)]
    assert found == [(p.doc, page) for p in pieces for page in range(p.last)]
    lengths = [sum(piece.last - piece.first for piece in part) for part in parts]
    assert len(parts) >= 1 and max(lengths) <= sum(pages) / shards + 1


@given(st.integers(0, 1_000_000), st.integers(1, 1000))
def test_the_number_of_shards_follows_from_the_work(pages: int, per_shard: int) -> None:
    shards = number_of_shards(pages, per_shard)
    assert 1 <= shards <= MAX_SHARDS
    assert shards == 1 or pages >= 40


def test_the_same_content_keeps_its_random_id(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"content")
    first = Registry(LocalStore(tmp_path / "one"))
    doc = first.document_id(first.content_key(path))
    first.save()
    again = Registry(LocalStore(tmp_path / "one"))
    assert again.document_id(again.content_key(path)) == doc
    other = Registry(LocalStore(tmp_path / "two"))
    assert other.content_key(path) != first.content_key(path)
    assert other.document_id(other.content_key(path)) != doc
