"""predict_entities: the tagger scores every paragraph in scope once."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from nescio import tables
from nescio.steps.telemetry import step
from nescio.tagger import load, predict_entities


def run(gathered: Path, outbox: str, run: str, model: str, runtime: str, folder: Path) -> None:
    """Write the tagger's spans.

    Args:
        gathered: the artifact folder of gather.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        model: folder or hub id of the tagger; empty for the shipped one.
        runtime: ``auto``, ``onnx`` or ``torch``.
        folder: where the artifact is written.
    """
    with step(outbox, run, "predict_entities") as record:
        paragraphs = tables.read(gathered, "paragraphs", ["doc", "paragraph", "text", "in_scope"])
        scoped = paragraphs.filter(pc.field("in_scope"))
        tagger = load(model or None, runtime)
        spans = predict_entities(scoped, tagger) if tagger else tables.empty("entities")
        tables.write(folder, "entities", spans)
        record |= {
            "paragraphs": len(scoped),
            "skipped": len(paragraphs) - len(scoped),
            "spans": len(spans),
            "model": tagger.name if tagger else "none",
        }
