"""hybrid_search: the blobs of one shard, each in order, none knowing of another."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.search import ReferenceIndex, hybrid_search
from nescio.steps.segment import REFERENCE_NOTE
from nescio.steps.telemetry import step
from nescio.store import local_folder


def run(shard: str, outbox: str, run: str, folder: Path) -> None:
    """Write the spans of one shard, and which paragraphs it was asked about.

    Args:
        shard: URI of the shard's folder, written by segment.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        folder: where the artifact is written.
    """
    with step(outbox, run, "hybrid_search", shard.rpartition("=")[2]) as record:
        with local_folder(shard) as own:
            blobs = tables.read(own, "blobs")
            spans = tables.concat("spans", list(_search(own, blobs)))
            tables.write(folder, "blobs", blobs)
        tables.write(folder, "spans", spans)
        record |= {"paragraphs": len(blobs), "spans": len(spans)}


def _search(shard: Path, blobs: pa.Table) -> Iterator[pa.Table]:
    """Yield the spans of the documents that share a reference index, or have none."""
    known: dict[str, str] = json.loads((shard / REFERENCE_NOTE).read_text(encoding="utf-8"))
    inputs = [tables.read(shard, name) for name in ("paragraphs", "context", "spans", "lexicon")]
    inputs.append(blobs)
    groups: dict[str, list[str]] = defaultdict(list)
    for doc in pc.unique(blobs["doc"]).to_pylist():
        groups[known.get(doc, "")].append(doc)
    for uri, docs in sorted(groups.items()):
        those = pa.array(docs, pa.string())
        mine = [table.filter(pc.is_in(table["doc"], those)) for table in inputs]
        paragraphs, context, predictions, lexicon, own = mine
        with _reference(uri) as reference:
            yield hybrid_search(paragraphs, context, predictions, lexicon, own, reference)


@contextmanager
def _reference(uri: str) -> Iterator[ReferenceIndex | None]:
    if not uri:
        yield None
        return
    with local_folder(uri) as folder:
        yield ReferenceIndex(folder)
