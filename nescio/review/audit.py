"""The audit trail: who did what to which document and when, each entry sealed with the one before.

An entry holds opaque ids, never text. Its hash covers the entry and the hash of the entry before
it, so that an entry that was changed, taken out or put in between shows. Entries cut off at the
end do not show by themselves: the certificate of each reviewed release names the length of the
trail and its last hash at that time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio.errors import ConfigurationError
from nescio.review.log import local_root
from nescio.store import PRIVATE, Store, is_remote, open_store

AUDIT_KEY: Final = f"{PRIVATE}/audit.jsonl"
"""The trail of a folder, a line for each entry."""

AUDIT_PREFIX: Final = f"{PRIVATE}/audit"
"""The trail of a bucket, an object for each entry."""

ACTIONS: Final = frozenset(
    {
        "opened", "accepted", "rejected", "moved", "reopened", "relabelled", "added", "withdrawn",
        "page_checked", "page_unchecked", "undone", "settled", "released", "not_released",
    }
)  # fmt: skip
"""Everything that an entry can say was done."""

START: Final = "0" * 64
"""What stands for the hash before the first entry."""


class Head(NamedTuple):
    """The end of a trail: how many entries it has, and the hash of the last one."""

    entries: int
    hash: str


def record(output: str, who: str, document: str, action: str, marks: Sequence[str] = ()) -> Head:
    """Add one entry to the trail of an output folder, on the disk when this returns.

    Args:
        output: URI of the outbox.
        who: name of the person at work.
        document: its opaque id.
        action: one of ACTIONS.
        marks: opaque names of the marks that were decided.

    Raises:
        ConfigurationError: the trail ends in something that is no entry.
    """
    if action not in ACTIONS:
        raise ValueError("not an action of the audit trail")
    facts: dict[str, Any] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "who": who,
        "document": document,
        "action": action,
        "marks": list(marks),
    }
    if is_remote(output):
        return _record_remote(output, facts)
    with _opened(local_root(output) / AUDIT_KEY) as file:
        head = _head_of(_last_line(file))
        line, sealed = _seal(facts, head)
        os.write(file, line)
        os.fsync(file)
    return sealed


def check_trail(output: str) -> Head:
    """Verify every entry of a trail.

    Returns:
        Its end; compare it with what certificates say.

    Raises:
        ConfigurationError: an entry was changed, lost or put in; its number is named.
    """
    head = Head(0, START)
    for number, line in enumerate(_lines(output), 1):
        try:
            entry = json.loads(line)
            fine = entry["number"] == number and entry["before"] == head.hash
            sealed = entry.pop("hash")
        except (ValueError, KeyError, TypeError, AttributeError):
            fine, sealed = False, ""
        if not fine or _digest(entry) != sealed:
            raise ConfigurationError(
                f"the audit trail is broken at entry {number}.",
                "It was changed after it was written: ask who can write to the folder.",
            )
        head = Head(number, sealed)
    return head


def entries(output: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a trail, oldest first, unverified."""
    for line in _lines(output):
        yield json.loads(line)


def _lines(output: str) -> Iterable[bytes]:
    store = open_store(output)
    if is_remote(output):
        return [store.read(entry.key) for entry in store.list(AUDIT_PREFIX)]
    try:
        return store.read(AUDIT_KEY).splitlines()
    except FileNotFoundError:
        return []


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a trail for one writer at a time; others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _cut_torn_end(file)
        yield file
    finally:
        os.close(file)


LONGEST: Final = 1 << 20
"""Bytes of the longest entry: one that names all marks of a long document."""


def _cut_torn_end(file: int) -> None:
    """Drop a last line that a crash left without its end; it was reported to nobody."""
    size = os.fstat(file).st_size
    tail = os.pread(file, LONGEST, max(0, size - LONGEST))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(file, size - len(tail) + tail.rfind(b"\n") + 1)


def _last_line(file: int) -> bytes:
    size = os.fstat(file).st_size
    tail = os.pread(file, LONGEST, max(0, size - LONGEST))
    return tail.rstrip(b"\n").rpartition(b"\n")[2]


def _head_of(line: bytes) -> Head:
    if not line:
        return Head(0, START)
    try:
        entry = json.loads(line)
        return Head(int(entry["number"]), str(entry["hash"]))
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            "the audit trail ends in something that is no entry.", "Restore it from a backup."
        ) from None


def _seal(facts: dict[str, Any], head: Head) -> tuple[bytes, Head]:
    entry = {"number": head.entries + 1, **facts, "before": head.hash}
    digest = _digest(entry)
    line = json.dumps(entry | {"hash": digest}, separators=(",", ":")).encode() + b"\n"
    return line, Head(head.entries + 1, digest)


def _digest(entry: dict[str, Any]) -> str:
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _record_remote(output: str, facts: dict[str, Any]) -> Head:
    """Add an entry to a trail in a bucket: an object for each, made only where there is none."""
    store = open_store(output)
    head = _heads.get(output) or _stored_head(store)
    while True:
        line, sealed = _seal(facts, head)
        if store.create(_entry_key(sealed.entries), line):
            _heads[output] = sealed
            return sealed
        head = _head_of(store.read(_entry_key(sealed.entries)))  # somebody was quicker


def _entry_key(number: int) -> str:
    return f"{AUDIT_PREFIX}/{number:08d}.json"


def _stored_head(store: Store) -> Head:
    keys = [entry.key for entry in store.list(AUDIT_PREFIX)]
    return _head_of(store.read(keys[-1]) if keys else b"")


_heads: dict[str, Head] = {}
"""Where each trail in a bucket ended when this process last wrote to it."""
