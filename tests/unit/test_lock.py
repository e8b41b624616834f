"""The lock in a store: one holder at a time, the dead are waited for no longer than their lease."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nescio.errors import NescioError
from nescio.lock import StoreLock
from nescio.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def test_an_object_is_created_once(store: Store) -> None:
    assert store.create("private/x", b"1")
    assert not store.create("private/x", b"2")
    assert store.read("private/x") == b"1"
    assert [entry.key for entry in store.list()] == ["private/x"]


def test_of_many_who_create_one_does(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.create("k", str(n).encode()), range(40)))
    assert sum(made) == 1 and store.read("k") == str(made.index(True)).encode()


def test_a_second_holder_waits_and_then_gives_up(store: Store) -> None:
    first = StoreLock(store, "k.lock", "the thing")
    first.acquire()
    with pytest.raises(NescioError, match="another run is writing to the thing"):
        StoreLock(store, "k.lock", "the thing", patience=0.0).acquire()
    first.release()
    StoreLock(store, "k.lock", "the thing", patience=0.0).acquire()


def test_a_lock_whose_time_ran_out_is_taken_and_its_holder_finds_out(store: Store) -> None:
    dead = StoreLock(store, "k.lock", "the thing", lease=-1.0)
    dead.acquire()
    heir = StoreLock(store, "k.lock", "the thing", patience=0.0)
    heir.acquire()
    with pytest.raises(NescioError, match="took over"):
        dead.check()
    dead.release()
    heir.check()
