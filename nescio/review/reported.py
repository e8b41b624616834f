"""What the report says of reviews, and the report brought up to date after one."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.errors import NescioError
from nescio.report import kept, render_report
from nescio.review.desk import State, items_of, replay
from nescio.review.log import read_events
from nescio.review.proposal import read_record, read_redactions
from nescio.review.readers import compare_readers
from nescio.store import PRIVATE, Store, open_store

REVIEWS: Final = f"{PRIVATE}/review"


def reviews_of(output: str) -> list[dict[str, Any]]:
    """Return what was decided on each document that somebody has reviewed: numbers, no names.

    Of each: ``doc``, ``released`` (what the certificate says of the review, or None), ``readers``
    (for each in the order of their names how many of ``total`` marks they decided and how many
    they added), and ``pairs`` of readers who worked without seeing each other
    (``Comparison.facts`` with the ``numbers`` of the two, and how many disagreements are
    ``to_settle``). A reader who settles between others is counted, and in no pair.
    """
    store = open_store(output)
    return [
        found
        for doc, tokens in sorted(_logs(store).items())
        if (found := _review(store, output, doc, tokens)) is not None
    ]


def _logs(store: Store) -> dict[str, dict[str, set[str]]]:
    """Return the names of readers by document and token of the proposal."""
    found: dict[str, dict[str, set[str]]] = {}
    for entry in store.list(REVIEWS):
        parts = entry.key.removeprefix(f"{REVIEWS}/").split("/")
        doc = parts[0].removesuffix(".json")
        if len(parts) == 1 and not parts[0].endswith(".json"):
            continue
        tokens = found.setdefault(doc, {})
        if len(parts) > 1:
            token, _, reader = parts[1].removesuffix(".jsonl").partition(".")
            tokens.setdefault(token, set()).add(reader)
    return found


def _review(
    store: Store, output: str, doc: str, tokens: dict[str, set[str]]
) -> dict[str, Any] | None:
    """Return what is known of one document's review; None if there is none."""
    released = None
    with suppress(FileNotFoundError):
        released = json.loads(store.read(f"{REVIEWS}/{doc}.json"))["counts"]
    record = read_record(store, doc)
    if record is None:
        return None
    logs: dict[str, list[dict[str, Any]]] = {}
    for name in sorted(tokens.get(record.token, ())):
        with suppress(NescioError):  # a damaged log is the reviewer's to repair
            if events := read_events(output, doc, record.token, name):
                logs[name] = events
    if not (logs or released):
        return None
    items = items_of(record, read_redactions(store, doc), tables.empty("decisions"))
    states = [replay(events) for events in logs.values()]
    numbers = {name: number for number, name in enumerate(logs, 1)}
    readers: list[dict[str, Any]] = [
        {
            "number": number,
            "decided": sum(bool(state.verdicts.get(item.id)) for item in items),
            "total": len(items),
            "added": len(state.added),
            "settles": [numbers[name] for name in _settled(events) if name in numbers],
        }
        for (number, events, state) in zip(numbers.values(), logs.values(), states, strict=True)
    ]
    alone = [
        (reader["number"], state)
        for reader, state, events in zip(readers, states, logs.values(), strict=True)
        if not _settled(events)
    ]
    settling = {
        tuple(sorted(reader["settles"])): state
        for reader, state in zip(readers, states, strict=True)
        if reader["settles"]
    }
    pairs = []
    for (one, first), (other, second) in itertools.combinations(alone, 2):
        found = compare_readers(items, first, second)
        settled = settling.get((one, other), State())
        left = [name for name in found.disagreed if not settled.verdicts.get(name)]
        pairs.append({"numbers": [one, other], "to_settle": len(left)} | found.facts())
    return {"doc": doc, "released": released, "readers": readers, "pairs": pairs}


def _settled(events: list[dict[str, Any]]) -> list[str]:
    """Return between whom the reader of a log settles; nobody if they read it on their own."""
    return next((event["from"] for event in events if "from" in event), [])


def update_report(
    output: str,
    doc: str = "",
    certificate: dict[str, Any] | None = None,
    thumbnails: pa.Table | None = None,
) -> None:
    """Write ``report.html`` and ``metrics.json`` of the last run again, with its reviews.

    Args:
        output: URI of the outbox. One of an older version, without what a report is made from,
            is left as it is.
        doc: a document that was just released by review; empty for none.
        certificate: of that release.
        thumbnails: THUMBNAILS of that release.
    """
    store = open_store(output)
    made = kept.read(store)
    if made is None:
        return
    if certificate is not None:
        made = kept.with_release(made, doc, certificate, thumbnails)
    made = kept.with_reviews(made, reviews_of(output))
    kept.write(store, made)
    summary = made.summary
    store.write("report.html", render_report(summary).encode())
    store.write("metrics.json", json.dumps(summary.metrics, indent=2).encode())
