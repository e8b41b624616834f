"""collect: list the inbox, skip what is done, refuse what is bad, pack pages into shards."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio import tables
from nescio.apart import count_pages
from nescio.code_version import code_version
from nescio.errors import ConfigurationError, DocumentError, RefusedError
from nescio.isolation import Limits, run_isolated
from nescio.passwords import Passwords, load_passwords
from nescio.policy import load_policy
from nescio.registry import Registry
from nescio.steps.keys import released_record_key
from nescio.steps.telemetry import run_year, step
from nescio.store import Entry, Store, open_store
from nescio.tagger import model_version

MAX_SHARDS: Final = 100
MOST_DOCUMENTS: Final = 20_000
"""PDFs in the inbox of one run; each is fetched to be counted, and stands in every table."""

LARGEST_BYTES: Final = 4 << 30
"""Of one document: it has to fit on the disk of a pod, more than once."""

PAGES_WORTH_TWO_SHARDS: Final = 40
"""From this many pages on there are at least two shards: two cores are found everywhere."""

OPENING: Final = Limits(seconds=120, megabytes=2048)
"""What a document may use until its pages are counted."""


class Piece(NamedTuple):
    """Pages ``first`` to ``last`` (half-open) of one document."""

    doc: str
    first: int
    last: int


def run(
    inbox: str,
    outbox: str,
    run: str,
    policy: str,
    model: str,
    passwords: str,
    pages_per_shard: int,
    propose: bool,
    folder: Path,
    uri: str,
) -> list[str]:
    """Write the documents and their shards below ``folder``.

    Args:
        inbox: URI of the folder or bucket prefix with the PDFs.
        outbox: URI of the folder or bucket prefix that receives the results.
        run: id of the run.
        policy: name of a built-in policy, or URI of a policy file.
        model: folder or hub id of the tagger; empty for the shipped one.
        passwords: URI of the password file; empty for none.
        pages_per_shard: pages that one extraction task is meant to hold.
        propose: whether documents are proposed to a person: then only those whose release a
            person has reviewed are done.
        folder: where the artifact is written.
        uri: the artifact's URI, from which loop items are made.

    Returns:
        The URI of each shard's own folder; at least one.
    """
    with step(outbox, run, "collect") as record:
        source, target = open_store(inbox), open_store(outbox)
        version = _version(policy, model, run_year(outbox, run))
        rows = _inspect_all(source, target, version, load_passwords(passwords), propose)
        pending = [row for row in rows if not row["outcome"]]
        pages = sum(row["pages"] for row in pending)
        shards = cut(
            [Piece(row["doc"], 0, row["pages"]) for row in pending],
            number_of_shards(pages, pages_per_shard),
        )
        _write(folder, rows, shards)
        record |= {"documents": len(rows), "pages": pages, "shards": len(shards)}
        return [f"{uri}/shard={_shard_id(number)}" for number in range(len(shards))]


def _version(policy: str, model: str, year: int) -> tuple[str, ...]:
    """Return what decides how a file comes out; the year only if the policy judges by it."""
    rules = load_policy(policy)
    versions = rules.hash, model_version(model), code_version()
    return (*versions, str(year)) if rules.reads_years else versions


def number_of_shards(pages: int, pages_per_shard: int) -> int:
    """Return how many shards the work is worth: even where there are several, at most 100."""
    if pages_per_shard < 1:
        raise ConfigurationError("pages_per_shard is below 1.", "Give a positive number.")
    if pages < PAGES_WORTH_TWO_SHARDS:
        return 1
    wanted = max(2, math.ceil(pages / pages_per_shard))
    return min(MAX_SHARDS, wanted + wanted % 2)


def cut(pieces: Sequence[Piece], shards: int) -> list[list[Piece]]:
    """Lay the documents' pages end to end and cut the tape into equal lengths.

    Returns:
        One list of page ranges a shard; together every page once, empty shards left out unless
        there is nothing at all.
    """
    total = sum(piece.last - piece.first for piece in pieces)
    bounds = [round(total * number / shards) for number in range(1, shards + 1)]
    result: list[list[Piece]] = [[] for _ in range(shards)]
    position, shard = 0, 0
    for piece in pieces:
        first = piece.first
        while first < piece.last:
            while position >= bounds[shard]:
                shard += 1
            length = min(piece.last - first, bounds[shard] - position)
            result[shard].append(Piece(piece.doc, first, first + length))
            first += length
            position += length
    return [part for part in result if part] or [[]]


def _shard_id(number: int) -> str:
    return f"s{number:03d}"


def _write(folder: Path, rows: list[dict[str, Any]], shards: list[list[Piece]]) -> None:
    by_doc = {row["doc"]: row for row in rows if not row["outcome"]}
    everything = []
    for number, pieces in enumerate(shards):
        name = _shard_id(number)
        part = [
            {"shard": name, "doc": piece.doc, "first_page": piece.first, "last_page": piece.last}
            for piece in pieces
        ]
        everything += part
        docs = dict.fromkeys(piece.doc for piece in pieces)
        own = folder / f"shard={name}"
        tables.write(own, "documents", tables.from_rows("documents", map(by_doc.get, docs)))  # type: ignore[arg-type]
        tables.write(own, "shards", tables.from_rows("shards", part))
    tables.write(folder, "documents", tables.from_rows("documents", rows))
    tables.write(folder, "shards", tables.from_rows("shards", everything))
    (folder / "shards.json").write_text(json.dumps([_shard_id(n) for n in range(len(shards))]))


def _inspect_all(
    source: Store, target: Store, version: tuple[str, ...], passwords: Passwords, propose: bool
) -> list[dict[str, Any]]:
    registry = Registry(target)
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        for entry in _listed(source):
            if entry.bytes > LARGEST_BYTES:
                rows.append(_unread_row(entry, source, registry))
                continue
            path = source.fetch(entry.key, Path(name), entry.etag)
            row = _document_row(entry, path, registry, version)
            if row["doc"] in seen:
                continue  # the same bytes under a second name are the same document
            seen.add(row["doc"])
            if _is_released(target, row["doc"], row["outbox_key"], propose):
                row |= {"outcome": "unchanged"}
            else:
                row |= _facts(path, row["doc"], passwords.of(row["path"], entry.key))
            rows.append(row)
            if path.is_relative_to(name):
                path.unlink()
    registry.save()
    return rows


def _listed(source: Store) -> list[Entry]:
    """Return the PDFs of the inbox.

    Raises:
        ConfigurationError: there are more than one run should take on.
    """
    found = [entry for entry in source.list() if entry.key.lower().endswith(".pdf")]
    if len(found) > MOST_DOCUMENTS:
        raise ConfigurationError(
            f"the inbox holds {len(found)} PDFs, more than {MOST_DOCUMENTS}.",
            "Give a prefix of it, part after part.",
        )
    return found


def _unread_row(entry: Entry, source: Store, registry: Registry) -> dict[str, Any]:
    """Return the row of a document that is too large to be fetched: known by name and size."""
    content = registry.outbox_key("unread", entry.key, entry.etag, str(entry.bytes))
    return {
        "doc": registry.document_id(content),
        "path": entry.key if entry.etag else str(Path(source.uri).resolve() / entry.key),
        "key": entry.key,
        "etag": entry.etag,
        "bytes": entry.bytes,
        "pages": 0,
        "content_key": content,
        "outbox_key": content,
        "outcome": "refused",
        "reason": "too_large",
        "remedy": f"Split it: no file may have more than {LARGEST_BYTES >> 20} MB.",
    }


def _document_row(
    entry: Entry, path: Path, registry: Registry, version: tuple[str, ...]
) -> dict[str, Any]:
    content = registry.content_key(path)
    return {
        "doc": registry.document_id(content),
        "path": str(path.resolve()) if not entry.etag else entry.key,
        "key": entry.key,
        "etag": entry.etag,
        "bytes": entry.bytes,
        "pages": 0,
        "content_key": content,
        "outbox_key": registry.outbox_key(content, *version),
        "outcome": "",
        "reason": "",
        "remedy": "",
    }


def _facts(path: Path, doc: str, password: str | None) -> dict[str, Any]:
    try:
        return {"pages": run_isolated(OPENING, count_pages, path, password)}
    except DocumentError as error:
        outcome = "refused" if isinstance(error, RefusedError) else "quarantined"
        return {"outcome": outcome, "reason": error.reason, "remedy": error.remedy}


def _is_released(target: Store, doc: str, outbox_key: str, reviewed: bool) -> bool:
    try:
        record = json.loads(target.read(released_record_key(doc)))
    except FileNotFoundError:
        return False
    if reviewed and not record.get("reviewed", False):
        return False
    return bool(record["outbox_key"] == outbox_key and target.exists(record["file"]))
