"""The whole run: pages a second from PDF to verified PDF, and where the time goes, step by step."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pymupdf

from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from benchmarks.runs import Watched, watched_run
from training.synthetic.report import make_report

REAL: Final = Path(__file__).parents[2] / "shared" / "data" / "pdf"
LONG: Final = "study_report_gene_therapy_284p.pdf"
TARGET: Final = 20.0
"""Pages a second that a study report should go through from end to end (docs/design.md)."""


def measure(pdf: Path, name: str, scratch: Path) -> dict[str, Any]:
    """Run twice: plain, for the seconds; then profiled, for the lines.

    Args:
        pdf: the document.
        name: what the page calls it.
        scratch: an empty folder.
    """
    plain = watched_run(pdf, scratch / "plain", "--keep-intermediates")
    watched_run(pdf, scratch / "profiled", "--profile")
    profile = scratch / "profiled" / "private" / "profile" / "profile.json"
    lines = {row["step"]: row["lines"] for row in json.loads(profile.read_text())["steps"]}
    with pymupdf.open(pdf) as document:
        pages = document.page_count
    return {
        "name": name,
        "pages": pages,
        "megabytes": round(pdf.stat().st_size / 1e6, 2),
        "seconds": round(plain.seconds, 2),
        "pages_per_second": round(pages / plain.seconds, 2),
        "after_extraction_seconds": after_extraction(plain),
        "peak_bytes": plain.peak_bytes,
        "outcomes": plain.result["outcomes"],
        "artifact_bytes": artifact_bytes(scratch / "plain" / "private" / "work" / "artifacts"),
        "steps": steps_of(plain, lines),
    }


def artifact_bytes(root: Path) -> dict[str, int]:
    """Return the bytes of the artifacts that each component wrote below the pipeline root."""
    sizes: dict[str, int] = {}
    for path in root.rglob("*"):
        # <run>/[for-loop-2-iteration-0/]<component>/<artifact>/...
        parts = [p for p in path.relative_to(root).parts[1:] if not p.startswith("for-loop")]
        if path.is_file() and parts:
            name = parts[0].rstrip("-0123456789").replace("-", "_")
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    return sizes


def after_extraction(run: Watched) -> float:
    """Return the seconds from the end of gather to the end of the last search, starts included."""
    ends = {
        name: max(r["started"] + r["seconds"] for r in run.records if r["step"] == name)
        for name in ("gather", "hybrid_search")
    }
    return float(round(ends["hybrid_search"] - ends["gather"], 2))


def steps_of(run: Watched, lines: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Return each step's seconds: from the start of its first task to the end of its last."""
    steps = []
    for name in dict.fromkeys(record["step"] for record in run.records):
        own = [record for record in run.records if record["step"] == name]
        first = min(record["started"] - record["start_seconds"] for record in own)
        last = max(record["started"] + record["seconds"] for record in own)
        steps.append(
            {
                "step": name,
                "tasks": len(own),
                "seconds": round(last - first, 2),
                "start_seconds": round(sum(record["start_seconds"] for record in own), 2),
                "start_cpu_seconds": round(sum(r["start_cpu_seconds"] for r in own), 3),
                "cpu_seconds": round(sum(record["cpu_seconds"] for record in own), 2),
                "peak_bytes": max(record["peak_bytes"] for record in own),
                "lines": dict(list(lines.get(name, {}).items())[:5]),
            }
        )
    return steps


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield "## From PDF to verified PDF"
    yield ""
    yield (
        "`make bench-whole`: `nescio run` as a person calls it, the DAG under `kfp.local`, two "
        "tasks of a loop at a time. A step's seconds reach from the start of its first task's "
        "process to the end of its last, so start-up is in them. The lines come from a second, "
        "profiled run: seconds in a line of Nescio with all that it calls elsewhere."
    )
    yield ""
    yield from described(part["machine"])
    for run in part["runs"]:
        yield (
            f"**{run['name']}**: {run['pages']} pages, {run['megabytes']} MB, in "
            f"{run['seconds']} s: **{run['pages_per_second']} pages/s** (target {TARGET:.0f}); "
            f"from the end of extraction to the end of search {run['after_extraction_seconds']} s; "
            f"all processes together {run['peak_bytes'] / 1e9:.2f} GB at most; "
            + ", ".join(f"{count} {name}" for name, count in run["outcomes"].items())
            + "."
        )
        yield ""
        yield "| step | tasks | seconds | of it start-up | CPU, s | peak, MB | top lines |"
        yield "|---|---:|---:|---:|---:|---:|---|"
        for step in run["steps"]:
            top = [f"`{line}` {seconds:.2f}" for line, seconds in list(step["lines"].items())[:2]]
            yield (
                f"| {step['step']} | {step['tasks']} | {step['seconds']:.2f} "
                f"| {step['start_seconds']:.2f} | {step['cpu_seconds']:.2f} "
                f"| {step['peak_bytes'] / 1e6:.0f} | {'; '.join(top)} |"
            )
        yield ""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300, help="of the generated study report")
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    start = facts()
    runs = []
    with tempfile.TemporaryDirectory() as name:
        drawn = Path(name) / "report.pdf"
        make_report("whole", pages=chosen.pages).save(drawn)
        documents = [(drawn, "A generated study report"), (REAL / LONG, "A real study report")]
        for number, (pdf, title) in enumerate(documents):
            if not pdf.exists():
                print(f"{title} is not on this machine and left out", flush=True)
                continue
            scratch = Path(name) / str(number)
            scratch.mkdir()
            runs.append(measure(pdf, title, scratch))
            print(f"{title}: {runs[-1]['pages_per_second']} pages/s", flush=True)
    publish(chosen.output, {"whole_run": {"machine": with_load_after(start), "runs": runs}})


if __name__ == "__main__":
    main()
