"""decide: all spans, linked into people and judged by the policy, packed for redaction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.blobs import pack
from nescio.errors import NescioError
from nescio.policy import decide, load_policy
from nescio.steps.telemetry import step

PAGES_PER_SHARD: Final = 200
MAX_SHARDS: Final = 100


def run(
    shards: Sequence[Path],
    segmented: Path,
    gathered: Path,
    context: Path,
    outbox: str,
    run: str,
    policy: str,
    folder: Path,
    uri: str,
) -> list[str]:
    """Write the decisions of the run, and for each redaction shard its documents' share.

    Args:
        shards: the artifact folders that the search tasks wrote.
        segmented: the artifact folder of segment.
        gathered: the artifact folder of gather.
        context: the artifact folder of predict_context.
        outbox: URI of the outbox.
        run: id of the run.
        policy: name or URI of the policy.
        folder: where the artifact is written.
        uri: the artifact's URI, from which loop items are made.

    Returns:
        The URI of each redaction shard's folder; at least one.

    Raises:
        NescioError: a search shard is missing or doubled.
    """
    with step(outbox, run, "decide") as record:
        _check_complete(
            tables.read(segmented, "blobs"),
            tables.concat("blobs", [tables.read(shard, "blobs") for shard in shards]),
        )
        spans = tables.concat("spans", [tables.read(shard, "spans") for shard in shards])
        paragraphs = tables.read(gathered, "paragraphs")
        decisions = decide(paragraphs, tables.read(context, "context"), spans, load_policy(policy))
        tables.write(folder, "decisions", decisions)
        documents = tables.read(gathered, "documents")
        pending = documents.filter(pc.field("outcome") == "")
        groups = _groups(pending)
        parts = tables.read(gathered, "parts")
        for number, docs in enumerate(groups):
            own = folder / f"shard=r{number:03d}"
            for name, table in (
                ("documents", pending),
                ("parts", parts),
                ("decisions", decisions),
                ("paragraphs", paragraphs),
            ):
                tables.write(own, name, table.filter(pc.is_in(table["doc"], docs)))
        record |= {"decisions": len(decisions), "shards": len(groups)}
        return [f"{uri}/shard=r{number:03d}" for number in range(len(groups))]


def _groups(documents: pa.Table) -> list[pa.Array]:
    """Pack whole documents into shards of about equal numbers of pages."""
    rows: list[dict[str, Any]] = documents.select(["doc", "pages"]).to_pylist()
    pages = [row["pages"] for row in rows]
    wanted = min(len(rows), MAX_SHARDS, max(2, math.ceil(sum(pages) / PAGES_PER_SHARD)))
    if sum(pages) < PAGES_PER_SHARD // 10:
        wanted = 1
    bins = [members for members in pack(pages, max(1, wanted)) if members] or [[]]
    return [pa.array([rows[i]["doc"] for i in members], pa.string()) for members in bins]


def _check_complete(expected: pa.Table, got: pa.Table) -> None:
    key = [(name, "ascending") for name in ("doc", "paragraph")]
    if not expected.sort_by(key).equals(got.sort_by(key)):
        raise NescioError(
            f"{len(got)} of {len(expected)} paragraphs came back from the search.",
            "Run again: a lost shard would be a leak.",
        )
