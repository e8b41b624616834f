"""Reference tables: one for all documents, or one a document by a list; each indexed once."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio.by_path import ByPath
from nescio.errors import ConfigurationError
from nescio.store import is_remote, open_store, read_uri

REFERENCE: Final = "reference"
"""Folder of segment's artifact that holds the indexes, where a reference was given."""

DOCUMENTS: Final = "documents.json"
"""File of that folder: document -> name of its index."""

LIST_COLUMNS: Final = ({"path", "reference"}, {"path", "reference", "mapping"})


class Source(NamedTuple):
    """A reference table and its mapping, by URI."""

    reference: str
    mapping: str


def read_list(uri: str, mapping: str = "") -> dict[str, Source] | None:
    """Return the reference of each document path, or None where the URI is no list but a table.

    A list is a CSV file with the columns path, reference and, if wanted, mapping. What it names
    relatively is relative to the list's own folder.

    Args:
        uri: of the list or table.
        mapping: URI of the mapping for rows without one.

    Raises:
        ConfigurationError: the file is not there, or a row of a list names no reference.
    """
    if not uri.lower().endswith(".csv"):
        return None
    try:
        lines = read_uri(uri).decode("utf-8-sig", "replace")
    except ConfigurationError:
        raise _missing() from None
    reader = csv.DictReader(io.StringIO(lines))
    if set(reader.fieldnames or ()) not in LIST_COLUMNS:
        return None
    # A run stages the list behind a link: what it names stands beside the file itself.
    folder = uri.rpartition("/")[0] if is_remote(uri) else str(Path(uri).resolve().parent)
    found: dict[str, Source] = {}
    for number, row in enumerate(reader, 2):
        if not row["path"] or not row["reference"]:
            raise ConfigurationError(
                f"the list of references, line {number}: path or reference is empty.",
                "Each line names a document and its table.",
            )
        own = row.get("mapping") or ""
        found[row["path"]] = Source(
            _absolute(row["reference"], folder), _absolute(own, folder) if own else mapping
        )
    return found


def _absolute(uri: str, folder: str) -> str:
    return uri if uri.startswith("/") or "://" in uri else f"{folder}/{uri}"


def check_references(reference: str, mapping: str) -> None:
    """Refuse, before any work, tables that lack what their mappings name; buckets are not asked.

    Raises:
        ConfigurationError: a local table or mapping is missing, or they do not fit.
    """
    from nescio.search import load_mapping
    from nescio.search.reference_file import wanted_columns

    listed = read_list(reference, mapping)
    sources = {Source(reference, mapping)} if listed is None else set(listed.values())
    for source in sorted(sources):
        if any("://" in uri for uri in source):
            continue
        _require_mapping(source)
        if not all(Path(uri).is_file() for uri in source):
            raise _missing()
        wanted_columns(Path(source.reference), load_mapping(Path(source.mapping)))


def _require_mapping(source: Source) -> None:
    if not source.mapping:
        raise ConfigurationError(
            "a reference table needs a mapping.", "`nescio reference FILE` proposes one."
        )


def _missing() -> ConfigurationError:
    return ConfigurationError("the reference or its mapping does not exist.")


def index_references(
    reference: str, mapping: str, documents: Iterable[dict[str, Any]], folder: Path
) -> dict[str, str]:
    """Index the tables that the documents call for.

    Args:
        reference: URI of a table, or of a list of them.
        mapping: URI of the mapping; of a list, for the rows without one.
        documents: rows of DOCUMENTS, at least doc, path and key.
        folder: where the indexes are written.

    Returns:
        Document -> name of its index's folder; documents without a reference are not there.

    Raises:
        ConfigurationError: a table or mapping is missing, or they do not fit.
    """
    listed = read_list(reference, mapping)
    names: dict[Source, str] = {}
    found: dict[str, str] = {}
    by_path = ByPath(listed or {})
    for row in documents:
        whole = Source(reference, mapping) if listed is None else None
        source = whole or by_path.of(row["path"], row["key"])
        if source is None:
            continue
        if source not in names:
            names[source] = f"r{len(names):03d}"
            _index(source, folder / names[source])
        found[row["doc"]] = names[source]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DOCUMENTS).write_text(json.dumps(found), encoding="utf-8")
    return found


def list_facts(reference: str, documents: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Count what a list and the documents do not tell of each other; nothing for a single table.

    A list may serve many runs, so a line without a document is no error; a mistyped path looks
    the same, so it is reported.

    Args:
        reference: URI of a table, or of a list of them.
        documents: rows of DOCUMENTS, at least path and key.
    """
    listed = read_list(reference)
    if listed is None:
        return {}
    by_path = ByPath(listed)
    names = [(row["path"], row["key"]) for row in documents]
    return {
        "reference_list_lines_unused": by_path.unused(names),
        "documents_without_reference": sum(by_path.row_of(*name) is None for name in names),
    }


def only_index(folder: Path, docs: Iterable[str]) -> Path | None:
    """Return the index that all the documents share; None where they do not share one."""
    if not (folder / DOCUMENTS).exists():
        return None
    indexes: dict[str, str] = json.loads((folder / DOCUMENTS).read_text(encoding="utf-8"))
    names = {indexes.get(doc, "") for doc in docs}
    return folder / names.pop() if len(names) == 1 and "" not in names else None


def _index(source: Source, folder: Path) -> None:
    from nescio.search import build_index, load_mapping

    _require_mapping(source)
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        # Two folders: table and mapping of two places may have one name.
        table, columns = (_fetched(uri, Path(tempfile.mkdtemp(dir=name))) for uri in source)
        build_index(table, load_mapping(columns), folder)


def _fetched(uri: str, folder: Path) -> Path:
    parent, _, name = uri.rpartition("/")
    try:
        return open_store(parent or ".").fetch(name, folder)
    except FileNotFoundError:
        raise _missing() from None
