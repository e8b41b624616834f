"""Removes what finished runs left in the outbox's private folder, and proves that it is gone."""

from __future__ import annotations

import fcntl
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from minio.deleteobjects import DeleteObject

from nescio.errors import ConfigurationError, NescioError
from nescio.s3 import S3Store
from nescio.store import PRIVATE, LocalStore, open_store

RUNS: Final = f"{PRIVATE}/runs"
DAY_SECONDS: Final = 86_400


class Item(NamedTuple):
    """One file, or one version of an object, delete markers included."""

    key: str
    version: str
    modified: float
    """Seconds since 1970."""


class Cleaned(NamedTuple):
    """What was removed, and what stays because it is younger."""

    runs: int
    items: int
    kept: int


def clean(outbox: str, older_than_days: float) -> Cleaned:
    """Remove the folders of runs whose last change is older; list again to prove it.

    Each holds the steps' records, the manifest, and verified files that were never released. In a
    bucket all versions go, those that earlier deletions hid included.

    Raises:
        ConfigurationError: a run is writing to this output folder.
        NescioError: something is still there afterwards.
    """
    store = open_store(outbox)
    with _alone(store):
        runs = _by_run(store)
        limit = time.time() - older_than_days * DAY_SECONDS
        doomed = {run for run, items in runs.items() if max(i.modified for i in items) <= limit}
        removed = [item for run in sorted(doomed) for item in runs[run]]
        failed = _delete(store, removed)
        left = sum(len(items) for run, items in _by_run(store).items() if run in doomed)
    if failed or left:
        raise NescioError(
            f"{left or failed} objects or versions could not be removed.",
            "Check the right to delete versions (s3:DeleteObjectVersion) and object locks.",
        )
    return Cleaned(len(doomed), len(removed), len(runs) - len(doomed))


@contextmanager
def _alone(store: Any) -> Iterator[None]:
    """Hold the lock of local runs, where there is one."""
    lock = store.root / PRIVATE / ".lock" if isinstance(store, LocalStore) else None
    if lock is None or not lock.is_file():
        yield
        return
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError("a run is writing to this folder.", "Wait for it.") from None
        yield


def _by_run(store: Any) -> dict[str, list[Item]]:
    runs: dict[str, list[Item]] = defaultdict(list)
    for item in _versions(store) if isinstance(store, S3Store) else _files(store):
        runs[item.key.removeprefix(f"{RUNS}/").split("/")[0]].append(item)
    return dict(runs)


def _files(store: LocalStore) -> Iterator[Item]:
    for entry in store.list(RUNS):
        yield Item(entry.key, "", (store.root / entry.key).stat().st_mtime)


def _versions(store: S3Store) -> list[Item]:
    start = f"{store.prefix}/" if store.prefix else ""
    found = store._try(
        lambda: list(
            store.client.list_objects(
                store.bucket, prefix=f"{start}{RUNS}/", recursive=True, include_version=True
            )
        )
    )
    return [
        Item(
            str(item.object_name).removeprefix(start),
            item.version_id or "",
            item.last_modified.timestamp() if item.last_modified else 0.0,
        )
        for item in found
    ]


def _delete(store: Any, items: list[Item]) -> int:
    """Delete the items and return how many the store refused."""
    if isinstance(store, S3Store):
        start = f"{store.prefix}/" if store.prefix else ""
        doomed = [DeleteObject(start + item.key, item.version or None) for item in items]
        return len(store._try(lambda: list(store.client.remove_objects(store.bucket, doomed))))
    for run in {item.key.removeprefix(f"{RUNS}/").split("/")[0] for item in items}:
        store.delete(f"{RUNS}/{run}")
    return 0
