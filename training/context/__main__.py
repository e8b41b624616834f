"""``python -m training.context --data DIR``: train, measure, and write card and docs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Final

import skops.io
import typer

from nescio.context.features import NAMES
from nescio.context.model import models
from training.context import embedding
from training.context.documents import Gold, generated, section_texts, visit_notes
from training.context.learn import (
    choose_threshold,
    learn_same_heading,
    learn_sections,
    pairs_to_learn,
)
from training.context.measure import held_out_sets, measure, write_docs

SECTION_THRESHOLD: Final = 0.9
"""Set by hand: a section that is guessed wrong is worse than none."""

AGAINST_RULE: Final = 0.95
"""Set by hand: a join where the rule cuts must be sure, for it is the worse error."""

MODELS: Final = Path("nescio/models/context")


def to_learn(data: Path, there: bool) -> tuple[list[Gold], list[Gold], int]:
    """Return generated documents, visit notes, and how many headings of the former were lost."""
    documents, missed = [], 0
    for document, unmatched in generated(held_out=False):
        documents.append(document)
        missed += unmatched
    return documents, visit_notes(data, held_out=False) if there else [], missed


def train(data: Path, there: bool) -> None:
    """Fit both models, choose the threshold, and store all under ``nescio/models/context``."""
    documents, notes, missed = to_learn(data, there)
    pairs = pairs_to_learn([*documents, *(d.plain() for d in documents), *notes])
    threshold, found = choose_threshold(pairs)
    typer.echo(f"{len(pairs.same)} pairs, {missed} headings lost, threshold {threshold}: {found}")
    MODELS.mkdir(parents=True, exist_ok=True)
    skops.io.dump(learn_same_heading(pairs), MODELS / "same_heading.skops")
    texts = section_texts(data, held_out=False) if there else {}
    skops.io.dump(learn_sections([*documents, *notes], texts), MODELS / "section.skops")
    facts = {
        "threshold": threshold,
        "against_rule": AGAINST_RULE,
        "section_threshold": SECTION_THRESHOLD,
        "chosen_on": found,
        "features": list(NAMES),
    }
    (MODELS / "config.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    models.cache_clear()


def main(
    data: Annotated[Path, typer.Option(help="Folder with sections/ (see docs).")] = Path(
        "../shared/data"
    ),
    only_measure: Annotated[bool, typer.Option(help="Measure the models that are there.")] = False,
    try_embedding: Annotated[
        bool, typer.Option(help="Only learn and measure dep_flag with embeddings, beside without.")
    ] = False,
) -> None:
    """Train the context models and measure them on held-out documents beside the rule."""
    started = time.process_time()
    there = (data / "sections").is_dir()
    if not there:
        typer.echo(f"{data}/sections is not there: generated documents alone")
    if try_embedding:
        documents, notes, _ = to_learn(data, there)
        learned = [*documents, *(d.plain() for d in documents), *notes]
        lines = embedding.compare(learned, held_out_sets(data if there else None), AGAINST_RULE)
        embedding.RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo("\n".join(lines))
        return
    if not only_measure:
        train(data, there)
    facts = json.loads((MODELS / "config.json").read_text(encoding="utf-8"))
    write_docs(measure(data if there else None), facts)
    typer.echo(f"{time.process_time() - started:.0f} s of CPU")


if __name__ == "__main__":
    typer.run(main)
