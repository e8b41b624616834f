"""gather: all extraction shards, checked to be complete, become the run's tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.errors import NescioError
from nescio.policy import load_policy, mark_scope
from nescio.steps.telemetry import step


def run(
    shards: Sequence[Path], documents: Path, outbox: str, run: str, policy: str, folder: Path
) -> None:
    """Write documents, paragraphs, pages and parts of the whole run.

    Args:
        shards: the artifact folders that the extraction tasks wrote.
        documents: the artifact folder of collect.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        policy: name or URI of the policy, whose scopes are marked here.
        folder: where the artifact is written.

    Raises:
        NescioError: a shard is missing or doubled: its pages would stay unread.
    """
    with step(outbox, run, "gather") as record:
        expected = tables.read(documents, "shards")
        parts = tables.concat("parts", [tables.read(shard, "parts") for shard in shards])
        check_complete(expected, parts.drop_columns(["words_uri"]))
        outcomes = _first_outcomes([tables.read(shard, "outcomes") for shard in shards])
        rows = tables.read(documents, "documents").to_pylist()
        for row in rows:
            row |= outcomes.get(row["doc"], {})
        going = pa.array([row["doc"] for row in rows if not row["outcome"]], pa.string())
        tables.write(folder, "documents", tables.from_rows("documents", rows))
        tables.write(folder, "parts", _only(parts, going))
        for name in ("paragraphs", "pages"):
            whole = tables.concat(name, [tables.read(shard, name) for shard in shards])
            kept = _only(whole, going)
            order = [("doc", "ascending"), ("page" if name == "pages" else name[:-1], "ascending")]
            ordered = kept.sort_by(order)
            if name == "paragraphs":
                ordered = mark_scope(ordered, load_policy(policy))
            tables.write(folder, name, ordered)
            record[name] = len(kept)


def check_complete(expected: pa.Table, got: pa.Table) -> None:
    """Compare the page ranges that were asked for with those that came back."""
    key = [(name, "ascending") for name in ("shard", "doc", "first_page")]
    if not expected.sort_by(key).equals(got.sort_by(key)):
        raise NescioError(
            f"{len(got)} of {len(expected)} page ranges came back from the shards.",
            "Run again: a lost shard would be a leak.",
        )


def _only(table: pa.Table, docs: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["doc"], docs))


def _first_outcomes(failures: Sequence[pa.Table]) -> dict[str, dict[str, Any]]:
    """Return outcome, reason and remedy of each document that failed."""
    result: dict[str, dict[str, Any]] = {}
    for table in failures:
        for row in table.to_pylist():
            kept = {name: row[name] for name in ("outcome", "reason", "remedy")}
            result.setdefault(row["doc"], kept)
    return result
