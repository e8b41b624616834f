"""predict_context: dependency flags and sections, and what the patterns find, on the CPU."""

from __future__ import annotations

from pathlib import Path

from nescio import tables
from nescio.context import predict_context
from nescio.search import find_patterns
from nescio.steps.telemetry import step


def run(gathered: Path, outbox: str, run: str, folder: Path) -> None:
    """Write the context of every paragraph and the spans of the patterns.

    The patterns run here, beside the tagger and before any fan-out, because segment collects the
    document's lexicon from both.

    Args:
        gathered: the artifact folder of gather.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        folder: where the artifact is written.
    """
    with step(outbox, run, "predict_context") as record:
        paragraphs = tables.read(gathered, "paragraphs")
        tables.write(folder, "context", predict_context(paragraphs))
        patterns = find_patterns(paragraphs)
        tables.write(folder, "patterns", patterns)
        record |= {"paragraphs": len(paragraphs), "spans": len(patterns)}
