"""segment: paragraphs become blobs, blobs become shards, predictions become a lexicon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.blobs import cut_blobs
from nescio.search import collect_lexicon
from nescio.steps.references import REFERENCE, index_references, list_facts
from nescio.steps.telemetry import step

REFERENCE_NOTE: Final = "reference.json"
"""File of a shard's folder: document -> URI of its reference index; none for those without."""


def run(
    gathered: Path,
    entities: Path,
    context: Path,
    outbox: str,
    run: str,
    reference: str,
    reference_mapping: str,
    folder: Path,
    uri: str,
) -> list[str]:
    """Write one folder a shard: its paragraphs with all that is known of them.

    Args:
        gathered: the artifact folder of gather.
        entities: the artifact folder of predict_entities.
        context: the artifact folder of predict_context.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        reference: URI of the reference table, or of a list of them; empty for none.
        reference_mapping: URI of the file that says which of its columns hold which entity.
        folder: where the artifact is written.
        uri: the artifact's URI, from which loop items are made.

    Returns:
        The URI of each shard's own folder; at least one.
    """
    with step(outbox, run, "segment") as record:
        paragraphs = tables.read(gathered, "paragraphs")
        contexts = tables.read(context, "context")
        predictions = pa.concat_tables(
            [tables.read(entities, "entities"), tables.read(context, "patterns")]
        )
        lexicon = collect_lexicon(paragraphs, predictions)
        blobs = cut_blobs(paragraphs, contexts)
        tables.write(folder, "blobs", blobs)
        tables.write(folder, "lexicon", lexicon)
        found = set(pc.unique(blobs["doc"]).to_pylist())
        indexes: dict[str, str] = {}
        if reference:
            rows = tables.read(gathered, "documents").to_pylist()
            searched = [row for row in rows if row["doc"] in found]
            indexes = index_references(reference, reference_mapping, searched, folder / REFERENCE)
            record["references"] = list_facts(reference, rows)
        shards = sorted(pc.unique(blobs["shard"]).to_pylist()) or ["s000"]
        for shard in shards:
            own = blobs.filter(pc.field("shard") == shard)
            at = folder / f"shard={shard}"
            tables.write(at, "blobs", own)
            tables.write(at, "paragraphs", _rows_of(paragraphs, own))
            tables.write(at, "context", _rows_of(contexts, own))
            tables.write(at, "spans", _rows_of(predictions, own))
            docs = pc.unique(own["doc"])
            tables.write(at, "lexicon", lexicon.filter(pc.is_in(lexicon["doc"], docs)))
            own_indexes = {
                doc: f"{uri}/{REFERENCE}/{indexes[doc]}"
                for doc in docs.to_pylist()
                if doc in indexes
            }
            (at / REFERENCE_NOTE).write_text(json.dumps(own_indexes), encoding="utf-8")
        record |= {
            "blobs": len(pc.unique(blobs["blob"])),
            "shards": len(shards),
            "lexicon": len(lexicon),
        }
        return [f"{uri}/shard={shard}" for shard in shards]


def _rows_of(table: pa.Table, blobs: pa.Table) -> pa.Table:
    """Return the table's rows that belong to the paragraphs of ``blobs``, order unchanged."""
    numbered = table.append_column("_row", pa.array(range(len(table)), pa.int64()))
    kept = numbered.select(["doc", "paragraph", "_row"]).join(
        blobs.select(["doc", "paragraph"]), ["doc", "paragraph"], join_type="left semi"
    )
    return table.take(kept.sort_by("_row")["_row"])
