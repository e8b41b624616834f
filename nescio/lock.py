"""A lock in a store, for runs on different machines that write one object."""

from __future__ import annotations

import json
import time
import uuid
from typing import Final

from nescio.errors import NescioError
from nescio.store import Store

LEASE_SECONDS: Final = 3600.0
"""After so long the holder counts as dead; nothing that takes a lock works that long."""

PATIENCE_SECONDS: Final = 600.0
"""How long to wait for another holder."""

POLL_SECONDS: Final = 1.0


class StoreLock:
    """A lock: an object that says until when it holds, made where none is.

    The clocks of the machines must agree to a few minutes. Of two who wait for a dead holder's
    lock both may remove it; the slower one may then remove the quicker one's, within the
    moment between its reading and its removing: ``check`` before each write finds that out.
    """

    def __init__(
        self,
        store: Store,
        key: str,
        what: str,
        *,
        patience: float = PATIENCE_SECONDS,
        lease: float = LEASE_SECONDS,
    ) -> None:
        """Name the lock.

        Args:
            store: where it lies.
            key: its object.
            what: what it guards, for messages.
            patience: seconds to wait for another holder.
            lease: seconds until others may take the lock of a holder that died.
        """
        self._store, self._key, self._what = store, key, what
        self._patience, self._lease = patience, lease
        self._token = uuid.uuid4().hex

    def acquire(self) -> None:
        """Take the lock, and wait for it where another has it.

        Raises:
            NescioError: another kept it for longer than ``patience``.
        """
        give_up = time.monotonic() + self._patience
        while not self._store.create(self._key, self._content()):
            _, until = self._holder()
            if until < time.time():
                self._store.delete(self._key)
            elif time.monotonic() > give_up:
                raise NescioError(
                    f"another run is writing to {self._what}.",
                    "Run again when it is over; if it died, its lock ends within an hour.",
                )
            else:
                time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Make sure that the lock is still held.

        Raises:
            NescioError: its time ran out and another took it.
        """
        if self._holder()[0] != self._token:
            raise NescioError(f"another run took over {self._what}.", "Run again.")

    def release(self) -> None:
        """Give the lock back, unless another took it."""
        if self._holder()[0] == self._token:
            self._store.delete(self._key)

    def _content(self) -> bytes:
        return json.dumps({"holder": self._token, "until": time.time() + self._lease}).encode()

    def _holder(self) -> tuple[str, float]:
        """Return who holds the lock and until when; nobody, for ever ago, where it is free."""
        try:
            found = json.loads(self._store.read(self._key))
            return str(found["holder"]), float(found["until"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return "", 0.0
