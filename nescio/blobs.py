"""Blobs: paragraphs under one heading, and the balanced shards that they are packed into."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.context import stream_of

MAX_SHARDS: Final = 100
"""Shards of a run at most: a workflow that fans out further is slow to schedule."""

PARAGRAPH_COST: Final = 200
"""What a paragraph costs beside its characters, in characters: look-ups, rows read and written."""

SHARD_COST: Final = 1_000_000
"""Work that is worth a shard of its own, in characters.

A shard costs about one second to start as a local process and 20 s as a pod, whatever it holds,
and hybrid search does about a million characters a second (docs/search.md): below this a shard
would spend more time on starting than on searching.
"""


def pack(costs: Sequence[int], bins: int) -> list[list[int]]:
    """Spread items over bins so that the fullest bin is small: longest processing time first.

    Deterministic: equal costs go in the order given, equal bins are filled from the first. The
    fullest bin holds at most 4/3 - 1/(3 bins) of the least possible.
    Source: R. L. Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17 (1969).

    Args:
        costs: cost of every item, not negative.
        bins: number of bins, at least 1.

    Returns:
        For every bin the indices of its items, ascending; a bin can be empty.
    """
    if bins < 1:
        raise ValueError("at least one bin is needed")
    loads = [(0, number) for number in range(bins)]
    packed: list[list[int]] = [[] for _ in range(bins)]
    for item in sorted(range(len(costs)), key=lambda index: (-costs[index], index)):
        load, number = loads[0]
        packed[number].append(item)
        heapq.heapreplace(loads, (load + costs[item], number))
    return [sorted(items) for items in packed]


def number_of_shards(
    costs: Sequence[int], shard_cost: int = SHARD_COST, max_shards: int = MAX_SHARDS
) -> int:
    """Return how many shards the work is worth: at least one, no more than there are blobs."""
    wanted = -(-sum(costs) // shard_cost)
    return max(1, min(wanted, len(costs), max_shards))


def cut_blobs(
    paragraphs: pa.Table,
    context: pa.Table,
    *,
    shard_cost: int = SHARD_COST,
    max_shards: int = MAX_SHARDS,
) -> pa.Table:
    """Cut every stream of paragraphs where ``dep_flag`` is false, and pack the blobs into shards.

    A blob holds paragraphs of one document and one stream (running text; the headers, footers or
    notes of one page), so its paragraphs need not be neighbours.

    Args:
        paragraphs: table ``paragraphs``, n rows; doc, page, paragraph, text, kind, origin are read.
        context: table ``context`` for the same paragraphs.
        shard_cost: characters that make a shard (see ``SHARD_COST``).
        max_shards: shards at most.

    Returns:
        Table ``blobs``, n rows, sorted by blob, document and paragraph; blobs are numbered from 0
        in order of their first paragraph.

    Raises:
        ValueError: the two tables do not speak of the same paragraphs.
    """
    rows = _ordered_rows(paragraphs)
    depends = {
        (row["doc"], row["paragraph"]): row["dep_flag"]
        for row in context.select(["doc", "paragraph", "dep_flag"]).to_pylist()
    }
    if depends.keys() != {(row["doc"], row["paragraph"]) for row in rows}:
        raise ValueError("context and paragraphs do not hold the same paragraphs")
    current: dict[tuple[str, str, int], int] = {}
    members: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        stream = (row["doc"], *stream_of(row))
        if stream not in current or not depends[row["doc"], row["paragraph"]]:
            current[stream] = len(members)
        members[current[stream]].append(row)
    costs = [_cost(blob) for blob in members.values()]
    shards = pack(costs, number_of_shards(costs, shard_cost, max_shards))
    shard_of = {blob: f"{number:03d}" for number, blobs in enumerate(shards) for blob in blobs}
    return tables.from_rows(
        "blobs",
        (
            {
                "doc": row["doc"],
                "paragraph": row["paragraph"],
                "blob": blob,
                "shard": shard_of[blob],
            }
            for blob, blob_rows in members.items()
            for row in blob_rows
        ),
    )


def _cost(blob: Sequence[dict[str, Any]]) -> int:
    """Work in a blob, in characters."""
    return sum(PARAGRAPH_COST + int(row["length"]) for row in blob)


def _ordered_rows(paragraphs: pa.Table) -> list[dict[str, Any]]:
    """Return the columns that cutting needs, with the text's length in place of the text."""
    import pyarrow.compute as pc

    columns = ["doc", "page", "paragraph", "kind", "origin"]
    slim = paragraphs.select(columns).append_column(
        "length", pc.utf8_length(paragraphs.column("text"))
    )
    rows: list[dict[str, Any]] = slim.sort_by(
        [("doc", "ascending"), ("paragraph", "ascending")]
    ).to_pylist()
    if any((a["doc"], a["paragraph"]) == (b["doc"], b["paragraph"]) for a, b in pairwise(rows)):
        raise ValueError("a paragraph stands twice in the table")
    return rows
