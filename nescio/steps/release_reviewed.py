"""release_reviewed: what a person has decided on proposals is redacted, verified and published."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nescio.errors import ConfigurationError, DocumentError, NescioError
from nescio.passwords import Passwords, load_passwords
from nescio.review.apply import (
    How,
    OthersError,
    Reviewed,
    Unseen,
    UnseenError,
    find_record,
    reader_name,
    release_marks,
)
from nescio.review.confidential import read_confidential
from nescio.review.desk import Desk, items_of
from nescio.review.edited import check_original
from nescio.review.log import read_events
from nescio.review.proposal import read_proposed, read_redactions
from nescio.review.publish import LISTING, released_fingerprint
from nescio.review.work import Others
from nescio.steps.telemetry import run_prefix, step
from nescio.store import PRIVATE, Store, open_store

WAITING: Final = "A person has to decide on it in `nescio review`."


def run(
    inbox: str,
    outbox: str,
    run: str,
    reader: str,
    passwords: str,
    others: Others,
    unseen: Unseen,
    confidential: str,
) -> dict[str, int]:
    """Release each document whose review one reader has finished, and that is not out as decided.

    A document waits (outcome ``proposed``) while one of its marks is open, a flagged page was not
    looked at, or it has to be said what is done where the text of new marks stands elsewhere, or
    where detectors find on the output what nobody decided on.

    Args:
        inbox: URI of the originals.
        outbox: URI of the outbox with proposals and decisions.
        run: id of the run.
        reader: whose decisions count.
        passwords: URI of the password file; empty for none.
        others: what is done where the text of new marks stands elsewhere, too.
        unseen: what is done where detectors find on the output what nobody decided on.
        confidential: URI of a CSV list of texts that are removed, too; empty for none.

    Returns:
        Documents by outcome.
    """
    with step(outbox, run, "release_reviewed") as record:
        if not reader:
            raise ConfigurationError(
                "nobody is named whose decisions count.", "Give the parameter reader."
            )
        store, who, known = open_store(outbox), reader_name(reader), load_passwords(passwords)
        how = How(others, unseen, read_confidential(confidential))
        rows = [
            {"id": doc} | _settle(store, inbox, outbox, doc, path, who, known, how)
            for doc, path in _proposed(store)
        ]
        outcomes = dict(Counter(row["outcome"] for row in rows))
        manifest = {
            "run": run,
            "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "outcomes": outcomes,
            "documents": rows,
        }
        key = f"{run_prefix(run)}/manifest.json"
        store.write(key, json.dumps(manifest, indent=2).encode())
        record |= {"documents": len(rows)} | outcomes
        return outcomes


def _proposed(store: Store) -> Iterator[tuple[str, str]]:
    """Yield id and path of each document with a proposal."""
    try:
        text = store.read(LISTING).decode()
    except FileNotFoundError:
        return
    paths = {row["id"]: row["path"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    for entry in store.list(f"{PRIVATE}/proposal"):
        name = entry.key.rpartition("/")[2]
        if name.endswith(".json") and name.removesuffix(".json") in paths:
            doc = name.removesuffix(".json")
            yield doc, paths[doc]


def _settle(
    store: Store,
    inbox: str,
    outbox: str,
    doc: str,
    path: str,
    who: str,
    passwords: Passwords,
    how: How,
) -> dict[str, str]:
    try:
        record = find_record(store, doc)
        items = items_of(record, read_redactions(store, doc), read_proposed(store, doc))
        desk = Desk.decided(doc, record, items, read_events(outbox, doc, record.token, who))
        if why := _unfinished(desk):
            return _row("proposed", why, WAITING)
        fingerprint = desk.fingerprint(how.confidential)
        if released_fingerprint(store, doc) == fingerprint:
            return _row("unchanged")
        with tempfile.TemporaryDirectory(prefix="nescio-") as name:
            source = Path(path) if Path(path).is_absolute() else None
            original = source or open_store(inbox).fetch(path, Path(name))
            check_original(original, record)
            password = passwords.of(path)
            job = Reviewed(outbox, doc, record, original, password, who, frozenset())
            release_marks(
                job,
                desk.entries(),
                how,
                also={"undecided": 0, "pages_checked": len(desk.state.checked)},
                fingerprint=fingerprint,
            )
    except OthersError:
        return _row("proposed", "others_undecided", WAITING)
    except UnseenError:
        return _row("proposed", "finds_undecided", WAITING)
    except DocumentError as error:
        return _row("quarantined", error.reason, error.remedy)
    except FileNotFoundError:
        return _row("refused", "not_there", "Put the original back into the inbox.")
    except NescioError as error:
        return _row("quarantined", "not_released", error.remedy)
    return _row("released")


def _unfinished(desk: Desk) -> str:
    if not desk.log.events:
        return "not_reviewed"
    if desk.undecided():
        return "marks_open"
    unseen = {int(page) for page in desk.record.flags} - desk.state.checked
    return "flagged_pages_open" if unseen else ""


def _row(outcome: str, reason: str = "", remedy: str = "") -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "remedy": remedy}
