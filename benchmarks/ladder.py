"""The ladder: the story's first figure, made faster rung by rung, with the same spans.

``make bench`` (small) or ``make bench-full`` (9,000 paragraphs) writes its part of
docs/performance.md and docs/performance.json, and the chart. The document itself is drawn anew,
from a fixed seed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from benchmarks import rungs
from benchmarks.ladder_page import write_chart
from benchmarks.machine import facts, with_load_after
from benchmarks.page import DOCS, publish
from benchmarks.runs import watched_run
from benchmarks.study import Study, make_study
from benchmarks.whole import after_extraction
from nescio.steps.telemetry import read_records
from nescio.tagger import load

Rung = Callable[[Study], rungs.Outcome]
UNSCOPED: Final[dict[str, Rung]] = {
    "0 one at a time, df.where": rungs.loop,
    "1 batch prediction": rungs.batch,
    "2 blobs in parallel": rungs.parallel,
    "4 trimmed columns, dictionary": rungs.trimmed,
    "5 Nescio's steps": rungs.nescio,
}
SCOPED: Final[dict[str, Rung]] = {
    "3 expert scopes": rungs.scopes,
    "4 with scopes": rungs.trimmed_scopes,
    "5 with watched scopes": rungs.nescio_scopes,
}
ORDER: Final = sorted([*UNSCOPED, *SCOPED], key=lambda name: (name[0], "scopes" in name))


def climb(study: Study) -> list[dict[str, Any]]:
    """Run every rung and compare it with rung 0.

    Returns:
        One dictionary a rung, in order: name, scoped, seconds (of each step and ``all``),
        cpu_seconds (of all its processes), speedup (wall clock), spans, spans_equal, and for
        rungs with scopes how many spans of rung 0 they miss.
    """
    results: list[dict[str, Any]] = []
    first: pa.Table | None = None
    for name in ORDER:
        before = os.times()
        started = time.perf_counter()
        spans, steps = (UNSCOPED | SCOPED)[name](study)
        wall = time.perf_counter() - started
        after = os.times()
        first = spans if first is None else first
        results.append(
            {
                "name": name,
                "scoped": name in SCOPED,
                "seconds": {step: round(value, 3) for step, value in steps.items()}
                | {"all": round(wall, 3)},
                "cpu_seconds": round(sum(after[:4]) - sum(before[:4]), 2),
                "speedup": round(results[0]["seconds"]["all"] / wall, 2) if results else 1.0,
                "spans": len(spans),
                "spans_equal": bool(spans.equals(first)),
                "missed": missed(first, spans),
            }
        )
        print(_line(results[-1]), flush=True)
    return results


def missed(expected: pa.Table, found: pa.Table) -> int:
    """Return how many expected spans no found span overlaps."""
    held: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for row in found.to_pylist():
        held.setdefault((row["doc"], row["paragraph"]), []).append((row["start"], row["end"]))
    return sum(
        not any(
            start < row["end"] and row["start"] < end
            for start, end in held.get((row["doc"], row["paragraph"]), ())
        )
        for row in expected.to_pylist()
    )


def _line(result: dict[str, Any]) -> str:
    equal = "spans equal" if result["spans_equal"] else f"{result['missed']} spans missed"
    seconds = f"{result['seconds']['all']:>9.1f} s {result['speedup']:>8.1f}x"
    return f"{result['name']:<32}{seconds}  {equal}"


def watched_rules(study: Study) -> list[dict[str, Any]]:
    """Return what the last rung's shadow sample found of each expert rule."""
    work = study.folder / "pipeline-scopes"
    records = read_records(str(work / "outbox"), work.name)
    rules: list[dict[str, Any]] = next(r["rules"] for r in records if "rules" in r)
    return rules


SEARCHING: Final = ("predict_entities", "predict_context", "segment", "hybrid_search")


def as_tasks(study: Study) -> dict[str, float]:
    """Run the whole DAG on the report as `nescio run` does, each task a process of its own.

    Returns:
        seconds (from the end of gather to the end of the last search), start_seconds (of it, for
        interpreters and imports), whole_seconds (of the command, extraction and redaction too).
    """
    known = "--reference", study.source, "--reference-mapping", study.mapping
    run = watched_run(study.folder / "report.pdf", study.folder / "dag", *known)
    starts = sum(r["start_seconds"] for r in run.records if r["step"] in SEARCHING)
    return {
        "seconds": after_extraction(run),
        "start_seconds": round(starts, 2),
        "whole_seconds": round(run.seconds, 2),
    }


def main() -> None:
    """Climb, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=120, help="of the report, as drawn")
    parser.add_argument("--rows", type=int, default=2_000, help="of the reference table")
    parser.add_argument("--columns", type=int, default=300, help="of the reference table")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runtime", default="auto", help="of the tagger: auto, onnx, torch")
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        study = make_study(
            Path(name),
            chosen.paragraphs,
            chosen.rows,
            chosen.columns,
            chosen.workers,
            chosen.runtime,
        )
        # Imports and the files' first reading are nobody's: no rung should pay for all.
        tagger = load(None, chosen.runtime)
        if tagger is not None:
            tagger.predict(["warm"])
        start = facts()
        results = climb(study)
        report: dict[str, Any] = {
            "paragraphs": len(study.paragraphs),
            "pages": study.pages,
            "rows": chosen.rows,
            "columns": chosen.columns,
            "workers": chosen.workers,
            "tagger": tagger.name if tagger else "none",
            "machine": with_load_after(start),
            "rungs": results,
            "skipped": rungs.skipped_rules(study),
            "watched": watched_rules(study),
        }
        write_chart(chosen.output / "images", report)
        publish(chosen.output, report)  # before the DAG, whose failure must not lose the rungs
        publish(chosen.output, {"dag": as_tasks(study)})
    unequal = [r["name"] for r in results if not r["scoped"] and not r["spans_equal"]]
    if unequal:
        raise SystemExit(f"spans differ from rung 0's: {', '.join(unequal)}")


if __name__ == "__main__":
    main()
