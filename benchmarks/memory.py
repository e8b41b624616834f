"""Memory is bounded by shard, not by document: peak of `nescio run` on short and long documents."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from benchmarks.runs import watched_run

TARGETS: Final = {300: 1.5e9, 5_000: 2.5e9}
"""Pages -> bytes that a run on a document of so many may need (docs/design.md)."""


def measure(pages: int) -> dict[str, Any]:
    """Run on one record of so many pages, in a folder that is removed."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from conftest import write_record

    with tempfile.TemporaryDirectory() as name:
        pdf = write_record(Path(name) / "record.pdf", pages=pages)
        run = watched_run(pdf, Path(name) / "out")
    return {
        "pages": pages,
        "seconds": round(run.seconds, 1),
        "pages_per_second": round(pages / run.seconds, 1),
        "outcomes": run.result["outcomes"],
        "peak_bytes": run.peak_bytes,
        "largest_bytes": run.largest_bytes,
        "target_bytes": TARGETS.get(pages, 0),
        "steps": {
            step: max(r["peak_bytes"] for r in run.records if r["step"] == step)
            for step in dict.fromkeys(record["step"] for record in run.records)
        },
    }


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield "## Memory"
    yield ""
    yield (
        "`make bench-memory`: `nescio run` on one record (a form, prose and a running header on "
        "each page). All processes: resident memory of the command and its descendants at one "
        "moment, at its highest, looked at every 0.1 s; shared pages count for each process."
    )
    yield ""
    yield from described(part["machine"])
    yield "| pages | seconds | pages/s | all processes, GB | target, GB | largest process, GB |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for run in part["runs"]:
        target = f"{run['target_bytes'] / 1e9:.1f}" if run["target_bytes"] else ""
        yield (
            f"| {run['pages']:,} | {run['seconds']} | {run['pages_per_second']} "
            f"| {run['peak_bytes'] / 1e9:.2f} | {target} | {run['largest_bytes'] / 1e9:.2f} |"
        )
    yield ""
    yield "Peak of a process, by step, MB:"
    yield ""
    steps = list(part["runs"][0]["steps"])
    yield "| pages | " + " | ".join(step.replace("_", " ") for step in steps) + " |"
    yield "|---:|" + "---:|" * len(steps)
    for run in part["runs"]:
        cells = (f"{run['steps'].get(step, 0) / 1e6:.0f}" for step in steps)
        yield f"| {run['pages']:,} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[300, 5_000])
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    start = facts()
    runs = []
    for pages in chosen.pages:
        runs.append(measure(pages))
        print(f"{pages} pages: {runs[-1]['peak_bytes'] / 1e9:.2f} GB", flush=True)
    publish(chosen.output, {"memory": {"machine": with_load_after(start), "runs": runs}})
    over = [run["pages"] for run in runs if 0 < run["target_bytes"] < run["peak_bytes"]]
    if over:
        raise SystemExit(f"more memory than the target, for pages: {over}")


if __name__ == "__main__":
    main()
