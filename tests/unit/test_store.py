"""Stores: keys stay inside, writes are whole, private files are private."""

from __future__ import annotations

from pathlib import Path

import pytest

from nescio.errors import ConfigurationError
from nescio.store import LocalStore, open_store, read_uri


def test_what_was_written_is_read_and_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("a/b.json", b"1")
    store.write("a/c.json", b"22")
    assert store.read("a/b.json") == b"1"
    assert [(entry.key, entry.bytes) for entry in store.list("a")] == [
        ("a/b.json", 1),
        ("a/c.json", 2),
    ]


def test_private_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("private/runs/x.json", b"")
    store.write("released/x.pdf", b"")
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "private/runs/x.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "released/x.pdf").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../../x", ""])
def test_a_key_cannot_leave_its_store(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        LocalStore(tmp_path / "store").write(key, b"")


def test_a_write_that_fails_leaves_the_old_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("x", b"old")
    with pytest.raises(FileNotFoundError):
        store.upload(tmp_path / "missing", "x")
    assert store.read("x") == b"old"
    assert [entry.key for entry in store.list()] == ["x"]


def test_moving_out_of_private_opens_the_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.write("private/p.pdf", b"pdf")
    store.move("private/p.pdf", "released/p.pdf")
    assert not store.exists("private/p.pdf")
    assert (tmp_path / "released/p.pdf").stat().st_mode & 0o777 == 0o644


def test_an_unknown_scheme_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError):
        open_store("ftp://host/folder")


def test_a_missing_file_is_not_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_uri(str(tmp_path / "anna-smith.csv"))
    assert "anna" not in str(caught.value)
