"""collect: page ranges cover every page once; ids are random and kept; done work is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import write_record
from hypothesis import given
from hypothesis import strategies as st

from nescio import tables
from nescio.errors import ConfigurationError
from nescio.registry import Registry
from nescio.steps import collect
from nescio.steps.collect import LARGEST_BYTES, MAX_SHARDS, Piece, cut, number_of_shards
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


def test_a_file_that_is_too_large_is_refused_unread_and_the_others_go_on(tmp_path: Path) -> None:
    inbox, outbox, out = tmp_path / "in", tmp_path / "out", tmp_path / "artifact"
    inbox.mkdir()
    write_record(inbox / "a.pdf")
    with (inbox / "huge.pdf").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)  # of holes: it takes no place on the disk
    ids = []
    for run in ("r1", "r2"):
        collect.run(
            str(inbox), str(outbox), run, "everything", "", "", 100, False, out / run, "uri"
        )
        rows = {
            Path(row["path"]).name: row for row in tables.read(out / run, "documents").to_pylist()
        }
        assert (rows["huge.pdf"]["outcome"], rows["huge.pdf"]["reason"]) == ("refused", "too_large")
        assert "Split it" in rows["huge.pdf"]["remedy"]
        assert rows["a.pdf"]["outcome"] == "" and rows["a.pdf"]["pages"] == 1
        ids.append(rows["huge.pdf"]["doc"])
    assert ids[0] == ids[1]


def test_an_inbox_that_is_too_full_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "MOST_DOCUMENTS", 2)
    for name in ("a.pdf", "b.PDF", "notes.txt"):
        (tmp_path / name).touch()
    assert len(collect._listed(LocalStore(tmp_path))) == 2
    (tmp_path / "c.pdf").touch()
    with pytest.raises(ConfigurationError, match=r"3 PDFs, more than 2\. Give a prefix"):
        collect._listed(LocalStore(tmp_path))
