"""hybrid_search: the blobs of one shard, each in order, none knowing of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        with local_folder(shard) as own, _reference(own) as reference:
            blobs = tables.read(own, "blobs")
            spans = hybrid_search(
                tables.read(own, "paragraphs"),
                tables.read(own, "context"),
                tables.read(own, "spans"),
                tables.read(own, "lexicon"),
                blobs,
                reference,
            )
            tables.write(folder, "blobs", blobs)
        tables.write(folder, "spans", spans)
        record |= {"paragraphs": len(blobs), "spans": len(spans)}


@contextmanager
def _reference(shard: Path) -> Iterator[ReferenceIndex | None]:
    note = shard / REFERENCE_NOTE
    if not note.exists():
        yield None
        return
    with local_folder(note.read_text()) as folder:
        yield ReferenceIndex(folder)
