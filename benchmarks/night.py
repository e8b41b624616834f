"""A model on paper: a million pages a night on a cluster, from what was measured on one machine.

It takes CPU a page and memory a page from ``whole_run`` and ``memory`` of performance.json, what a
step costs on a real backend from the constants below, and shard sizes and limits from the pipeline
itself.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from kubernetes.utils import parse_quantity

from benchmarks.page import DOCS, publish, read
from nescio.blobs import SHARD_COST
from nescio.blobs import number_of_shards as search_shards
from nescio.steps.collect import MAX_SHARDS, number_of_shards
from nescio.steps.decide import PAGES_PER_SHARD as REDACT_PAGES
from nescio_pipelines.deidentify import PARALLELISM
from nescio_pipelines.resources import TASKS

PAGES: Final = 1_000_000
NIGHT_SECONDS: Final = 8 * 3600
TASK_SECONDS: Final = 20.0
"""Of a trivial task on a stock KFP 2.17 backend, measured there (two pods, Argo's 10 s requeue)."""

WAVE_SECONDS: Final = 31.0
"""Of one round of a loop there: 100 trivial items at parallelism 4 took 13 minutes."""

PAGES_PER_SHARD: Final = 100
CHARACTERS_A_PAGE: Final = 2_500
LOOPS: Final = ("extract", "hybrid_search", "redact")
SINGLE: Final = (
    "collect", "gather", "predict_entities", "predict_context", "segment", "decide", "release",
)  # fmt: skip
THREADED: Final = ("predict_entities",)
READERS: Final = {
    "collect": 2, "extract": 2, "gather": 5, "predict_entities": 1, "predict_context": 2,
    "segment": 2, "hybrid_search": 1, "decide": 2, "redact": 1,
}  # fmt: skip
"""How many later steps read what a component writes."""

OVERHEAD: Final = 0.1
"""Share of a shard's time that its start may take."""


class Costs(NamedTuple):
    """What was measured on one machine."""

    page_seconds: dict[str, float]  # CPU of each step for one page, without its start
    start_seconds: dict[str, float]  # CPU of each step's process before it works
    page_bytes: float  # moved through the object store for one page
    memory: dict[str, tuple[float, float]]  # bytes: of a step without pages, and for each page


def costs(report: dict[str, Any]) -> Costs:
    """Read the measured costs out of performance.json's numbers."""
    run = report["whole_run"]["runs"][0]
    pages = run["pages"]
    start = {s["step"]: s["start_cpu_seconds"] for s in run["steps"]}
    work = {s["step"]: max(0.0, s["cpu_seconds"] - start[s["step"]]) / pages for s in run["steps"]}
    artifacts = sum(
        size * (1 + READERS.get(name, 0)) for name, size in run["artifact_bytes"].items()
    )
    moved = (artifacts + 4e6 * run["megabytes"]) / pages  # the PDF: collect, extract, redact, out
    few, many = (
        min(report["memory"]["runs"], key=_pages),
        max(report["memory"]["runs"], key=_pages),
    )
    memory = {}
    for step, most in many["steps"].items():
        least = few["steps"].get(step, most)
        each = max(0.0, (most - least) / max(1, many["pages"] - few["pages"]))
        memory[step] = (least - each * few["pages"], each)
    each_start = {step: value / _tasks(run, step) for step, value in start.items()}
    return Costs(work, each_start, moved, memory)


def _pages(run: dict[str, Any]) -> int:
    return int(run["pages"])


def _tasks(run: dict[str, Any], step: str) -> int:
    return next(int(row["tasks"]) for row in run["steps"] if row["step"] == step)


def shards(step: str, pages: int, pages_per_shard: int) -> int:
    """Return into how many shards the pipeline cuts a loop's work."""
    if step == "extract":
        return number_of_shards(pages, pages_per_shard)
    if step == "hybrid_search":
        blobs = [SHARD_COST // 100] * math.ceil(pages * CHARACTERS_A_PAGE * 100 / SHARD_COST)
        return search_shards(blobs)
    return min(MAX_SHARDS, max(1, math.ceil(pages / REDACT_PAGES)))


def night(measured: Costs, pages: int, pages_per_shard: int = PAGES_PER_SHARD) -> dict[str, Any]:
    """Return how a night of runs of so many pages each would go.

    Returns:
        run_seconds, fixed_share (of it that pays for starting tasks), runs, runs_at_once, cores
        (CPU seconds of the night by its length), pods, and ``over``: steps whose memory passes
        their limit.
    """
    fixed = work = 0.0
    pods = 0
    for step in SINGLE:
        cores = float(parse_quantity(TASKS[step.replace("_", "-")].cpu_request))
        wide = cores if step in THREADED else 1.0
        fixed += TASK_SECONDS
        work += measured.page_seconds.get(step, 0.0) * pages / wide
        pods += 2
    for step in LOOPS:
        parts = shards(step, pages, pages_per_shard)
        waves = math.ceil(parts / PARALLELISM)
        fixed += WAVE_SECONDS * waves
        work += measured.page_seconds.get(step, 0.0) * pages / parts * waves
        pods += 3 * parts + 1
    seconds = fixed + work
    runs = math.ceil(PAGES / pages)
    cpu = sum(measured.page_seconds.values()) * PAGES
    return {
        "pages": pages,
        "pages_per_shard": pages_per_shard,
        "run_seconds": round(seconds),
        "fixed_share": round(fixed / seconds, 2),
        "runs": runs,
        "runs_at_once": math.ceil(runs * seconds / NIGHT_SECONDS),
        "cores": round(cpu / NIGHT_SECONDS, 1),
        "pods": pods * runs,
        "over": over(measured, pages, pages_per_shard),
    }


def over(measured: Costs, pages: int, pages_per_shard: int) -> list[str]:
    """Return the steps that would need more memory than their pod may have."""
    found = []
    for step, (base, each) in measured.memory.items():
        own = pages / shards(step, pages, pages_per_shard) if step in LOOPS else pages
        if base + each * own > float(parse_quantity(TASKS[step.replace("_", "-")].memory_limit)):
            found.append(step)
    return found


def most_pages(measured: Costs) -> tuple[str, int]:
    """Return the step outside of loops that passes its memory limit first, and at what pages."""
    found = []
    for step in SINGLE:
        base, each = measured.memory.get(step, (0.0, 0.0))
        limit = float(parse_quantity(TASKS[step.replace("_", "-")].memory_limit))
        if each > 0:
            found.append((math.floor((limit - base) / each), step))
    if not found:
        return "", 0
    pages, step = min(found)
    return step, pages


def implied_shard(measured: Costs) -> int:
    """Return the pages that an extraction shard needs so that its start is a tenth of its time."""
    each = max(measured.page_seconds["extract"], 1e-6)
    return math.ceil(WAVE_SECONDS * (1 - OVERHEAD) / OVERHEAD / each)


def measure(report: dict[str, Any], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Model runs of several sizes."""
    known = costs(report)
    step, pages = most_pages(known)
    return {
        "page_cpu_seconds": {name: round(value, 5) for name, value in known.page_seconds.items()},
        "page_bytes": round(known.page_bytes),
        "nights": [night(known, size) for size in sizes],
        "breaks_first": step,
        "breaks_at_pages": pages,
        "implied_pages_per_shard": implied_shard(known),
    }


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    each = part["page_cpu_seconds"]
    total = sum(each.values())
    gigabytes = part["page_bytes"] * PAGES / 1e9
    yield "## A million pages a night, on paper"
    yield ""
    yield (
        f"`make bench-night`: computed, not run. From the generated study report above, a page "
        f"costs {total:.3f} CPU seconds ("
        + ", ".join(f"{name} {value:.4f}" for name, value in each.items())
        + f"); the object store moves {part['page_bytes'] / 1000:.0f} kB for it, so "
        f"{gigabytes:,.0f} GB a night, {8 * gigabytes / NIGHT_SECONDS:.2f} Gbit/s on average over "
        f"{NIGHT_SECONDS // 3600} hours. A trivial task costs {TASK_SECONDS:.0f} s on a stock "
        f"backend and a round of a loop {WAVE_SECONDS:.0f} s; loops run {PARALLELISM} tasks at a "
        "time; the tagger has the CPUs that its pod requests. Seconds of a GPU are not known: none "
        "was measured."
    )
    yield ""
    yield (
        "| pages a run | seconds a run | of it starts | runs | at once | cores busy | pods "
        "| memory over its limit |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---|"
    for row in part["nights"]:
        yield (
            f"| {row['pages']:,} | {row['run_seconds']:,} | {100 * row['fixed_share']:.0f} % "
            f"| {row['runs']:,} | {row['runs_at_once']} | {row['cores']} | {row['pods']:,} "
            f"| {', '.join(row['over']) or 'none'} |"
        )
    yield ""
    if part["breaks_first"]:
        yield (
            f"It breaks first at `{part['breaks_first']}`, which holds the tables of a whole run: "
            f"at some {part['breaks_at_pages']:,} pages a run it passes its memory limit."
        )
    yield (
        "For a start to be a tenth of an extraction shard's time, a shard on a cluster would "
        f"hold {part['implied_pages_per_shard']:,} pages; the pipeline's default is "
        f"{PAGES_PER_SHARD}, made for one machine, where a start costs half a second. At most "
        f"{MAX_SHARDS} shards make a loop, so larger runs have larger shards by themselves; for "
        "smaller runs on a cluster `--param pages_per_shard=...` gives fewer rounds."
    )


def main() -> None:
    """Compute, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = [1_000, 5_000, 10_000, 20_000, 50_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes, help="pages a run")
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    report = read(chosen.output)
    if missing := [name for name in ("whole_run", "memory") if name not in report]:
        raise SystemExit(f"measure first: make bench-{missing[0].replace('_run', '')}")
    part = measure(report, tuple(chosen.sizes))
    for row in part["nights"]:
        print(row)
    publish(chosen.output, {"night": part})


if __name__ == "__main__":
    main()
