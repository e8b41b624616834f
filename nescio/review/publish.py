"""Publishes what a reviewer released, and keeps in private what was decided and what is learnt."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf

from nescio.review.compare import Changes
from nescio.review.corrections import corrections_key, corrections_of
from nescio.review.marks import CCI
from nescio.review.proposal import Record, mark_name, reviewed_key
from nescio.steps.keys import released_record_key
from nescio.store import PRIVATE, Store

LISTING: Final = f"{PRIVATE}/documents.csv"


class Learnt(NamedTuple):
    """What a review teaches. Private.

    Attributes:
        corrections: labelled texts, as JSON lines.
        texts: text, label and verdict (accepted, rejected, added) of each mark.
    """

    corrections: bytes
    texts: list[dict[str, str]]


def learn(
    document: pymupdf.Document,
    doc: str,
    changes: Changes,
    proposed: pa.Table,
    token: str,
    undecided: Set[str],
    kept_pages: Set[int],
) -> Learnt:
    """Gather what the decisions on a document teach.

    Args:
        document: the original, flattened.
        doc: its opaque id.
        changes: what a person decided.
        proposed: REDACTIONS as proposed.
        token: of the proposal.
        undecided: names of the marks that were left open.
        kept_pages: pages with a mention that the policy lets stand: it has no mark, and its text
            would teach that it is none.
    """
    rows = proposed.to_pylist()
    left = {
        (row["mention"], row["page"])
        for row in rows
        if mark_name(token, row["mention"], row["page"]) in undecided
    }
    final, before = (
        [row for row in found if row["page"] not in kept_pages and row["label"] != CCI]
        for found in (changes.rows, rows)
    )
    corrections = corrections_of(document, doc, final, before, left)
    return Learnt(corrections, list(_texts(changes, rows, token, undecided)))


def _texts(
    changes: Changes, rows: list[dict[str, Any]], token: str, undecided: Set[str]
) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for row in rows:
        name = mark_name(token, row["mention"], row["page"])
        verdict = changes.verdicts.get(name, "moved")
        if verdict != "moved" and name not in undecided and name not in seen:
            seen.add(name)
            yield {"text": row["secret"], "label": row["label"], "verdict": verdict}
    added = {row["mention"]: row for row in changes.rows if row["mention"] in changes.added}
    for row in added.values():
        if row["label"] == CCI:  # a matter of this document, not of people
            continue
        yield {"text": row["secret"], "label": row["label"], "verdict": "added"}


def publish(
    store: Store,
    doc: str,
    record: Record,
    out: Path,
    facts: dict[str, Any],
    changes: Changes,
    learnt: Learnt,
    fingerprint: str = "",
) -> str:
    """Publish the file, its certificate before it, and the private notes; return its key."""
    try:  # a file that was released before under its own name keeps it
        file: str = json.loads(store.read(released_record_key(doc)))["file"]
    except FileNotFoundError:
        file = f"released/{doc}.pdf"
    decisions = {
        "token": record.token,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "counts": facts["review"],
        "marks": changes.verdicts,
        "added": [row for row in changes.rows if row["mention"] in changes.added],
        "texts": learnt.texts,
        "fingerprint": fingerprint,
    }
    _write_json(store, f"{PRIVATE}/review/{doc}.json", decisions)
    store.write(corrections_key(doc), learnt.corrections)
    buffer = io.BytesIO()
    pq.write_table(changes.table(), buffer, compression="zstd")
    store.write(reviewed_key(doc), buffer.getvalue())
    _write_json(store, file.removesuffix(".pdf") + ".certificate.json", facts)
    store.upload(out, file)
    note = {"outbox_key": record.outbox_key, "file": file, "reviewed": True}
    _write_json(store, released_record_key(doc), note)
    store.delete(f"quarantine/{doc}.json")
    store.delete(f"quarantine/{doc}.certificate.json")
    _update_listing(store, doc, file)
    return file


def released_fingerprint(store: Store, doc: str) -> str:
    """Return the fingerprint of the decisions by which a document was released last, or ""."""
    try:
        review = json.loads(store.read(f"{PRIVATE}/review/{doc}.json"))
        note = json.loads(store.read(released_record_key(doc)))
    except FileNotFoundError:
        return ""
    return str(review.get("fingerprint", "")) if note.get("reviewed") else ""


def _write_json(store: Store, key: str, value: dict[str, Any]) -> None:
    store.write(key, json.dumps(value, indent=2).encode())


def _update_listing(store: Store, doc: str, file: str) -> None:
    if not store.exists(LISTING):
        return
    rows = list(csv.DictReader(io.StringIO(store.read(LISTING).decode(), newline="")))
    if not rows:
        return
    for row in rows:
        if row["id"] == doc:
            row |= {"outcome": "released", "reason": "", "released_as": file}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    store.write(LISTING, text.getvalue().encode())
