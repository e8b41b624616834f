"""Checks of the buckets: are they there, and may this user do with each what a run must do?"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from nescio.doctor.finding import Finding
from nescio.errors import ConfigurationError, NescioError
from nescio.store import PRIVATE, Store, is_remote, open_store

RIGHTS = "Give its user the policies of manifests/base/buckets/policies, or run the bootstrap Job."
ONCE = "The vault and reviews need If-None-Match: take a store, or a version of it, that heeds it."


def examine_buckets(inbox: str, outbox: str, artifacts: str) -> list[Finding]:
    """Read the inbox's list; write, read and delete one small object in the other two.

    In the outbox also see whether an object is created once, however many try.

    Args:
        inbox: URI of the documents.
        outbox: URI of the results.
        artifacts: URI of the pipeline root.

    Returns:
        One finding a bucket; names of objects are not in it.
    """
    return [
        _examine(inbox, "inbox", writes=False),
        _examine(outbox, "outbox", writes=True),
        _examine(artifacts, "artifacts", writes=True),
    ]


def _examine(uri: str, role: str, writes: bool) -> Finding:
    may = "may be listed, written, read and deleted from" if writes else "may be listed"
    subject = f"{role} {uri}"
    if not is_remote(uri):
        return Finding(subject, False, "this is no bucket, which pods could reach.", "Use s3://.")
    try:
        store = open_store(uri)
        # Listing one key that is not there proves the right without walking the bucket.
        probe = f"{PRIVATE}/doctor/{uuid.uuid4().hex}"
        list(store.list(probe))
        once = role != "outbox" or _creates_once(store, probe)
        if writes:
            store.write(probe, b"nescio doctor")
            store.read(probe)
            store.delete(probe)
    except FileNotFoundError:
        return Finding(subject, False, "there is no such bucket.", "Run the bootstrap Job.")
    except ConfigurationError as error:
        return Finding(subject, False, error.what, error.remedy)
    except NescioError as error:
        remedy = RIGHTS if "refused" in error.what else error.remedy
        return Finding(subject, False, error.what, remedy)
    if not once:
        return Finding(subject, False, "two who write at once both succeed.", ONCE)
    return Finding(subject, True, f"{may}.")


def _creates_once(store: Store, probe: str) -> bool:
    """Say whether, of some who create an object at once and one who does later, one succeeds."""
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: store.create(probe, b"nescio doctor"), range(3)))
    made.append(store.create(probe, b"nescio doctor"))
    store.delete(probe)
    return sum(made) == 1
