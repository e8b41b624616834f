"""The decision log: one line for each thing a reader did, on the disk before it is answered."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Final

from nescio.errors import ConfigurationError
from nescio.store import PRIVATE, Store, is_remote, open_store

LARGEST: Final = 256 << 20
"""Bytes of a log at most: a few million decisions."""


class DecisionLog:
    """An append-only file of JSON lines that one server at a time writes.

    What :meth:`append` returned from is on the disk, whatever happens to the server. A line that
    a crash cut off was never answered; it is dropped when the log is opened again.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the log.

        Raises:
            ConfigurationError: another server has it open, or it was damaged.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise ConfigurationError(
                "another `nescio review` has this document open under the same name.",
                "Close it, or give this reader another name with --reader.",
            ) from None
        _sync_folder(path.parent)
        self.events = self._read()

    def _read(self) -> list[dict[str, Any]]:
        size = os.fstat(self._file).st_size
        if size > LARGEST:
            raise ConfigurationError("the decision log is larger than 256 MiB.")
        data = os.pread(self._file, size, 0)
        whole = data.rfind(b"\n") + 1
        if whole < size:
            os.ftruncate(self._file, whole)
        return _events(data[:whole])

    def append(self, event: dict[str, Any]) -> None:
        """Write one event and wait until the disk has it."""
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        size = os.fstat(self._file).st_size
        if os.write(self._file, line) != len(line):
            os.ftruncate(self._file, size)
            raise OSError("the disk is full")
        os.fsync(self._file)
        self.events.append(event)

    def close(self) -> None:
        """Let others open the log."""
        os.close(self._file)


class ConflictError(ConfigurationError):
    """Somebody else wrote to a log that this server holds: what it shows is out of date."""


class StoreLog:
    """The same for a bucket: one object for each event, made only where there is none.

    So two servers under one reader's name cannot overwrite each other: the slower one is told.
    """

    def __init__(self, store: Store, prefix: str) -> None:
        """Read the log.

        Raises:
            ConfigurationError: it was damaged.
        """
        self._store, self._prefix = store, prefix
        self.events = _stored(store, prefix)

    def append(self, event: dict[str, Any]) -> None:
        """Write one event.

        Raises:
            ConflictError: another server has written one in the meantime.
        """
        key = f"{self._prefix}/{len(self.events) + 1:06d}.json"
        if not self._store.create(key, json.dumps(event, separators=(",", ":")).encode()):
            raise ConflictError(
                "another `nescio review` has decided under the same name in the meantime.",
                "Load the page again.",
            )
        self.events.append(event)

    def close(self) -> None:
        """Nothing is held."""


Log = DecisionLog | StoreLog


def _prefix(doc: str, token: str, reader: str) -> str:
    return f"{PRIVATE}/review/{doc}/{token}.{reader}"


def open_log(output: str, doc: str, token: str, reader: str) -> Log:
    """Open or create the log of a reader on one proposal.

    Args:
        output: URI of the outbox.
        doc: opaque id of the document.
        token: of the proposal.
        reader: name of the reader.

    Raises:
        ConfigurationError: another server has it open, or it was damaged.
    """
    prefix = _prefix(doc, token, reader)
    if is_remote(output):
        return StoreLog(open_store(output), prefix)
    return DecisionLog(local_root(output) / f"{prefix}.jsonl")


def read_events(output: str, doc: str, token: str, reader: str) -> list[dict[str, Any]]:
    """Return the events of a log that a server may be writing; none if there is no such log.

    Raises:
        ConfigurationError: it was damaged.
    """
    prefix = _prefix(doc, token, reader)
    if is_remote(output):
        return _stored(open_store(output), prefix)
    return read_log(local_root(output) / f"{prefix}.jsonl")


def _stored(store: Store, prefix: str) -> list[dict[str, Any]]:
    keys = [entry.key for entry in store.list(prefix)]
    return _events(b"\n".join(store.read(key) for key in keys))


def local_root(output: str) -> Path:
    """Return the folder of a local outbox."""
    return Path(output.removeprefix("file://"))


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the events of a log that a server may be writing; none if there is no such file.

    Raises:
        ConfigurationError: it was damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return _events(data[: data.rfind(b"\n") + 1])


def _events(data: bytes) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in data.splitlines()]
    except ValueError:
        raise ConfigurationError(
            "the decision log is damaged.", "Restore private/review from a backup."
        ) from None


def _sync_folder(folder: Path) -> None:
    """Make the file's name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
