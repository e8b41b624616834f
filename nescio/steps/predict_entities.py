"""predict_entities: the tagger scores every paragraph in scope once, and a sample of the others."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.policy import (
    Policy,
    breached_places,
    draw_shadow,
    load_policy,
    report_rows,
    skipped_by,
    watch_rules,
)
from nescio.search import find_entities
from nescio.steps.telemetry import step
from nescio.tagger import Tagger, load


def run(
    gathered: Path, outbox: str, run: str, policy: str, model: str, runtime: str, folder: Path
) -> None:
    """Write the tagger's spans.

    Args:
        gathered: the artifact folder of gather.
        outbox: URI of the outbox, for the run's records.
        run: id of the run.
        policy: name or URI of the policy, whose expert rules skip paragraphs.
        model: folder or hub id of the tagger; empty for the shipped one.
        runtime: ``auto``, ``onnx`` or ``torch``.
        folder: where the artifact is written.
    """
    with step(outbox, run, "predict_entities") as record:
        paragraphs = tables.read(gathered, "paragraphs")
        tagger = load(model or None, runtime)
        record |= {"paragraphs": len(paragraphs), "model": tagger.name if tagger else "none"}
        spans = tables.empty("entities")
        if tagger:
            spans, rules = score(paragraphs, tagger, load_policy(policy))
            record["rules"] = rules
        tables.write(folder, "entities", spans)
        record["spans"] = len(spans)


def score(
    paragraphs: pa.Table, tagger: Tagger, policy: Policy
) -> tuple[pa.Table, list[dict[str, str | int | float | bool]]]:
    """Score the paragraphs in scope and a random sample of the others.

    Where the sample shows that an expert rule would have missed identifiers, the rule is switched
    off and what it skipped is scored after all, in this same task.

    Returns:
        SPANS, and what the report says of each rule.
    """
    skipped = skipped_by(paragraphs, policy)
    sample = draw_shadow(skipped, policy.shadow)
    first = [i for i, rule in enumerate(skipped) if not rule]
    started = time.perf_counter()
    chosen = paragraphs.take(pa.array(sorted({*first, *sample}), pa.int64()))
    spans = find_entities(chosen, tagger)
    characters = pc.sum(pc.utf8_length(chosen["text"])).as_py() or 1
    cost = (time.perf_counter() - started) / characters
    watches = watch_rules(paragraphs, skipped, sample, spans, policy, cost)
    rest = sorted(set(breached_places(skipped, watches)) - set(sample))
    if rest:
        more = find_entities(paragraphs.take(pa.array(rest, pa.int64())), tagger)
        spans = tables.concat("entities", [spans, more])
    return spans, report_rows(watches)
