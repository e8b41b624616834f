"""extract: the page ranges of one shard become words, paragraphs and page facts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from nescio import tables
from nescio.apart import extract_pages
from nescio.errors import DocumentError, QuarantinedError
from nescio.isolation import Limits, run_isolated
from nescio.passwords import load_passwords
from nescio.steps.telemetry import step
from nescio.store import local_folder, open_store


def run(
    shard: str,
    inbox: str,
    outbox: str,
    run: str,
    passwords: str,
    folder: Path,
    words: Path,
    words_uri: str,
) -> None:
    """Extract one shard; a document that fails is noted, the others go on.

    Args:
        shard: URI of the shard's folder of documents and page ranges.
        inbox: URI of the inbox.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        passwords: URI of the password file; empty for none.
        folder: where paragraphs, pages, parts and outcomes are written.
        words: where the words are written.
        words_uri: URI of ``words``, noted in the parts.
    """
    with step(outbox, run, "extract", shard.rpartition("=")[2]) as record:
        with local_folder(shard) as own:
            documents = {row["doc"]: row for row in tables.read(own, "documents").to_pylist()}
            pieces = tables.read(own, "shards").to_pylist()
        known = load_passwords(passwords)
        source = open_store(inbox)
        parts: dict[str, list[pa.Table]] = {"pages": [], "words": [], "paragraphs": []}
        outcomes: dict[str, dict[str, Any]] = {}
        with tempfile.TemporaryDirectory(prefix="nescio-") as scratch:
            for piece in pieces:
                row = documents[piece["doc"]]
                path = source.fetch(row["key"], Path(scratch), row["etag"])
                pages = piece["last_page"] - piece["first_page"]
                try:
                    extraction = run_isolated(
                        Limits.for_pages(pages, pages),  # nobody knows yet which are pictures
                        extract_pages,
                        path,
                        row["doc"],
                        piece["first_page"],
                        piece["last_page"],
                        known.of(row["path"], row["key"]),
                    )
                except DocumentError as error:
                    outcomes[row["doc"]] = failure(error, row)
                    continue
                except Exception as error:  # one bad document never stops the others
                    strange = QuarantinedError(
                        f"{type(error).__name__} while reading its pages.",
                        "Print the document to a new PDF and try again.",
                        row["doc"],
                        "extraction_failed",
                    )
                    outcomes[row["doc"]] = failure(strange, row)
                    continue
                for kept, table in zip(parts.values(), extraction, strict=True):
                    kept.append(table)
        tables.write(words, "words", tables.concat("words", parts["words"]))
        for name in ("paragraphs", "pages"):
            tables.write(folder, name, tables.concat(name, parts[name]))
        tables.write(folder, "outcomes", tables.from_rows("outcomes", outcomes.values()))
        located = [piece | {"words_uri": words_uri} for piece in pieces]
        tables.write(folder, "parts", tables.from_rows("parts", located))
        record |= {"pages": sum(len(table) for table in parts["pages"])}


def failure(error: DocumentError, document: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome row of a document that cannot go on."""
    return {
        "doc": document["doc"],
        "outcome": "quarantined",
        "reason": error.reason,
        "remedy": f"{error.what} {error.remedy}".strip(),
        "pages": document["pages"],
    }
