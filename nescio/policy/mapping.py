"""The private mapping: every random draw, written down before it is used.

A draw is a surrogate, a shift or a code. It comes from the operating system's randomness and is
never computed from the data: 45 CFR 164.514(c) forbids codes derived from the individual. The
mapping is what a retry reads to make the same draws again, and, kept in a vault, what later runs
read for returning patients. It leads back to the individuals: it is as private as the originals.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from nescio.errors import NescioError
from nescio.lock import StoreLock
from nescio.store import Store

Key = tuple[str, ...]


class Ledger(Protocol):
    """Where the mapping is kept: lines that are added and never changed."""

    def read(self) -> bytes:
        """Return all lines, nothing where there are none yet."""
        ...

    def append(self, lines: bytes) -> None:
        """Add whole lines, durably: when it returns they are there."""
        ...

    def close(self) -> None:
        """Let others write."""
        ...


class MemoryLedger:
    """A ledger that ends with the process, for policies that draw nothing and for trials."""

    def __init__(self) -> None:
        self.lines = b""

    def read(self) -> bytes:
        """Return all lines."""
        return self.lines

    def append(self, lines: bytes) -> None:
        """Add lines."""
        self.lines += lines

    def close(self) -> None:
        """Nothing to do."""


class FileLedger:
    """A ledger in a local file of mode 0600, locked against a second writer until closed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        content = self.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            # A crash in the middle of an append: what was not written whole was never used.
            os.ftruncate(self._handle, whole)

    def read(self) -> bytes:
        """Return all lines."""
        size = os.fstat(self._handle).st_size
        return os.pread(self._handle, size, 0)

    def append(self, lines: bytes) -> None:
        """Add lines in one write, and wait until the disk has them."""
        size = os.fstat(self._handle).st_size
        if os.write(self._handle, lines) != len(lines):
            os.ftruncate(self._handle, size)
            raise NescioError("the private mapping could not be written.", "Is the disk full?")
        os.fsync(self._handle)

    def close(self) -> None:
        """Release the file."""
        os.close(self._handle)


class ObjectLedger:
    """A ledger in one object of a store, written whole at each append, locked until closed."""

    def __init__(self, store: Store, key: str) -> None:
        """Lock the object against other runs.

        Raises:
            NescioError: another run has kept it locked for too long.
        """
        self._store, self._key = store, key
        self._lock = StoreLock(store, f"{key}.lock", "the private mapping")
        self._lock.acquire()

    def read(self) -> bytes:
        """Return all lines."""
        try:
            return self._store.read(self._key)
        except FileNotFoundError:
            return b""

    def append(self, lines: bytes) -> None:
        """Add lines.

        Raises:
            NescioError: the lock was lost meanwhile; nothing is written.
        """
        self._lock.check()
        self._store.write(self._key, self.read() + lines)

    def close(self) -> None:
        """Let other runs write."""
        self._lock.release()


class Mapping:
    """Draws by key. Use as a context manager, or close it."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        """Read what the ledger holds; without one, draws end with the process.

        Raises:
            NescioError: the ledger's content cannot be read.
        """
        self._ledger = ledger or MemoryLedger()
        self._values: dict[Key, str] = {}
        self._new: list[Key] = []
        try:
            for line in self._ledger.read().splitlines():
                *key, value = json.loads(line)
                self._values.setdefault(tuple(key), value)
        except ValueError:
            raise NescioError(
                "the private mapping is damaged.", "Restore it, or start with a new one."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[tuple[Key, str]]:
        """Yield key and value of every draw, in the order in which they were made."""
        return iter(self._values.items())

    def get(self, key: Sequence[str]) -> str | None:
        """Return the value drawn for a key, if it was."""
        return self._values.get(tuple(key))

    def draw(self, key: Sequence[str], make: Callable[[], str]) -> str:
        """Return the value of a key, drawn now if it is new. Call ``flush`` before using it."""
        known = self._values.get(tuple(key))
        if known is not None:
            return known
        return self.note(key, make())

    def note(self, key: Sequence[str], value: str) -> str:
        """Take a value for a key that has none yet."""
        if tuple(key) in self._values:
            raise ValueError("a draw is never changed")
        self._values[tuple(key)] = value
        self._new.append(tuple(key))
        return value

    def flush(self) -> None:
        """Write the new draws down; when it returns they may be used."""
        if not self._new:
            return
        lines = [json.dumps([*key, self._values[key]]) for key in self._new]
        self._ledger.append(("\n".join(lines) + "\n").encode())
        self._new.clear()

    def close(self) -> None:
        """Let others use the ledger; draws that were not flushed are forgotten."""
        self._ledger.close()
