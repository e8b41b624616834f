"""What each part of hybrid search adds to recall, on generated medical records."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from benchmarks.cases import Case, case_of, mapping
from benchmarks.gold import covered_by, recall
from nescio import tables
from nescio.blobs import cut_blobs
from nescio.search import (
    ReferenceIndex,
    build_index,
    collect_lexicon,
    hybrid_search,
    settle_people,
)
from training.synthetic.record import make_record
from training.synthetic.reference import write_reference


class Arm(NamedTuple):
    """One way to run the search."""

    name: str
    carry: bool = True
    lexicon: bool = True
    reference: bool = False
    people: bool = False


ARMS = (
    Arm("predictions alone", carry=False, lexicon=False),
    Arm("+ carry-over", lexicon=False),
    Arm("+ lexicon, without carry-over", carry=False),
    Arm("+ carry-over and lexicon"),
    Arm("+ lexicon and reference, without carry-over", carry=False, reference=True),
    Arm("+ carry-over, lexicon and reference", reference=True),
    Arm("+ last pass over people", reference=True, people=True),
)


def spans_of(
    case: Case, arm: Arm, detectors: Sequence[str], reference: ReferenceIndex | None
) -> pa.Table:
    """Run one arm on one document."""
    context = case.context
    if not arm.carry:
        alone = pa.array([False] * len(context))
        place = context.schema.get_field_index("dep_flag")
        context = context.set_column(place, context.schema.field(place), alone)
    predictions = case.of(*detectors)
    lexicon = (
        collect_lexicon(case.paragraphs, predictions) if arm.lexicon else tables.empty("lexicon")
    )
    spans = hybrid_search(
        case.paragraphs,
        context,
        predictions,
        lexicon,
        cut_blobs(case.paragraphs, context),
        reference if arm.reference else None,
    )
    return settle_people(case.paragraphs, spans, context)[0] if arm.people else spans


def measure_recall(records: int, with_tagger: bool) -> list[str]:
    """Return the table of recall on medical records, each with a reference of its own."""
    detectors = ["pattern", "tagger"] if with_tagger else ["pattern"]
    sets = [["pattern"], detectors] if with_tagger else [detectors]
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for number in range(records):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            book = make_record(f"search benchmark {number}", 4, split="heldout")
            case = case_of(book, folder, with_tagger)
            write_reference(folder / "reference.parquet", book, 2_000, 300)
            index = build_index(folder / "reference.parquet", mapping(), folder / "index")
            for used in sets:
                for arm in ARMS:
                    spans = spans_of(case, arm, used, index)
                    for what, (part, whole) in shares(case, spans).items():
                        count = counts[" and ".join(used), arm.name, what]
                        count[0] += part
                        count[1] += whole
    lines = [
        "| predictions | search | recall, all labels | recall, names | letters hidden needlessly |",
        "|---|---|---|---|---|",
    ]
    for used in sets:
        for arm in ARMS:
            every, names, extra = (
                counts[" and ".join(used), arm.name, what] for what in ("all", "NAME", "extra")
            )
            cells = [f"{f / n:.4f} ({n - f} of {n:,} missed)" for f, n in (every, names)]
            cells.append(f"{100 * extra[0] / extra[1]:.2f} %")
            lines.append(f"| {' and '.join(used)} | {arm.name} | {' | '.join(cells)} |")
    return lines


def shares(case: Case, spans: pa.Table) -> dict[str, tuple[int, int]]:
    """Return mentions covered of all, names covered of all, other letters covered of all."""
    covered = covered_by(spans)
    gold = set().union(*(mention.characters for mention in case.gold))
    others = {
        (number, i)
        for number, text in zip(
            case.paragraphs["paragraph"].to_pylist(),
            case.paragraphs["text"].to_pylist(),
            strict=True,
        )
        for i, character in enumerate(text)
        if character.isalnum() and (number, i) not in gold
    }
    names = [mention for mention in case.gold if mention.label == "NAME"]
    return {
        "all": recall(case.gold, covered),
        "NAME": recall(names, covered),
        "extra": (len(others & covered), len(others)),
    }
