"""How the work grows with paragraphs, shards, workers, documents; and what starts cost."""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from nescio import tables
from nescio.blobs import cut_blobs
from nescio.context import predict_context
from nescio.search import (
    collect_lexicon,
    find_entities,
    find_patterns,
    hybrid_search,
    settle_people,
)
from nescio.tagger import load
from training.evaluation.systems import paragraphs as as_paragraphs
from training.tagger.sources import synthetic

HEADING_EVERY: Final = 12
"""Paragraphs under one heading."""

SLOPE: Final = 1.05
"""On logarithmic axes; 1 is linear."""

SHARDS: Final = (1, 2, 4, 8)
COMPONENTS: Final = (
    "collect", "extract", "gather", "predict_entities", "predict_context", "segment",
    "hybrid_search", "decide", "redact", "release",
)  # fmt: skip
STARTS: Final = {name: f"import nescio.steps.{name}" for name in COMPONENTS} | {
    "kfp executor": "import kfp.dsl.executor_main",
    "tagger's model": "from nescio.tagger import load; load(None, 'onnx')",
    "context models": "from nescio.context.model import models; models()",
    "no longer imported so: skops, with all of scikit-learn": "import skops.io",
    "no longer imported: pandas": "import pandas",
    "no longer imported: torch": "import torch",
}
"""What is started -> the code that a fresh interpreter is given."""


def document(number: int, documents: int = 1) -> pa.Table:
    """Return so many paragraphs of the generator's text, in order, cut into equal documents."""
    texts = [example.text for example in islice(synthetic(23, "heldout"), number)]
    table = as_paragraphs(texts)
    each = -(-number // documents)
    places = {
        "doc": pa.array([f"d{row // each:05d}" for row in range(number)]),
        "paragraph": pa.array([row % each for row in range(number)], pa.int32()),
        "page": pa.array([row % each // 30 for row in range(number)], pa.int32()),
        "kind": pa.array(["body" if row % HEADING_EVERY else "heading" for row in range(number)]),
    }
    for name, column in places.items():
        index = table.schema.get_field_index(name)
        field = table.schema.field(name)
        table = table.set_column(index, field, column.cast(field.type))
    return table


def timed_steps(table: pa.Table) -> tuple[dict[str, float], list[pa.Table]]:
    """Run the steps after extraction on a table; return their seconds and what a search reads."""
    seconds: dict[str, float] = {}
    tagger = load(None, "onnx")
    assert tagger is not None

    def clocked(name: str, work: Any) -> Any:
        started = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - started
        return result

    entities = clocked("tagger", lambda: find_entities(table, tagger))
    context = clocked("context", lambda: predict_context(table))
    patterns = clocked("patterns", lambda: find_patterns(table))
    found = pa.concat_tables([entities, patterns])
    lexicon = clocked("lexicon", lambda: collect_lexicon(table, found))
    blobs = clocked("blobs", lambda: cut_blobs(table, context))
    shares = [table, context, found, lexicon, blobs]
    spans = clocked("search", lambda: hybrid_search(*shares))
    clocked("people", lambda: settle_people(table, spans, context))
    seconds["all"] = sum(seconds.values())
    return {name: round(value, 3) for name, value in seconds.items()}, shares


def slope(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the slope of a straight line through the points on logarithmic axes."""
    return float(round(np.polyfit(np.log(sizes), np.log(seconds), 1)[0], 3))


def by_paragraphs(sizes: Sequence[int]) -> dict[str, Any]:
    """Time the steps on one document of each size."""
    runs = []
    timed_steps(document(100))  # imports and models are nobody's
    for size in sizes:
        seconds, _ = timed_steps(document(size))
        runs.append({"paragraphs": size, "seconds": seconds})
        print(f"{size:,} paragraphs: {seconds['all']:.1f} s", flush=True)
    names = list(runs[0]["seconds"])
    slopes = {n: slope(sizes, [max(r["seconds"][n], 1e-3) for r in runs]) for n in names}
    return {"runs": runs, "slopes": slopes}


def by_documents(number: int, counts: Sequence[int]) -> list[dict[str, Any]]:
    """Time the steps on the same number of paragraphs in more and more documents."""
    rows: list[dict[str, Any]] = []
    for count in counts:
        seconds, _ = timed_steps(document(number, count))
        rows.append({"documents": count, "paragraphs": number, "seconds": seconds})
    return rows


def _search(folder: str) -> int:
    names = ("paragraphs", "context", "spans", "lexicon", "blobs")
    return len(hybrid_search(*(tables.read(Path(folder), name) for name in names)))


def by_shards(number: int, counts: Sequence[int], workers: Sequence[int]) -> list[dict[str, Any]]:
    """Time the search of the same blobs in more and more shards, on one worker and on more.

    Workers are processes; their start, imports included, is in the time, as in the DAG.
    """
    table = document(number)
    shares = timed_steps(table)[1]
    characters = pc.sum(pc.utf8_length(table["text"])).as_py() + 200 * number
    results = []
    for count in counts:
        cost = math.ceil(characters / count)
        blobs = cut_blobs(table, shares[1], shard_cost=cost, max_shards=count)
        with tempfile.TemporaryDirectory() as name:
            folders = _write(Path(name), shares, blobs)
            for most in workers:
                started = time.perf_counter()
                with ProcessPoolExecutor(most, get_context("spawn"), max_tasks_per_child=1) as pool:
                    spans = sum(pool.map(_search, folders))
                seconds = round(time.perf_counter() - started, 2)
                row = {"shards": len(folders), "workers": most, "seconds": seconds, "spans": spans}
                results.append(row)
                print(row, flush=True)
    return results


def _write(folder: Path, shares: list[pa.Table], blobs: pa.Table) -> list[str]:
    paragraphs, context, predictions, lexicon, _ = shares
    folders = []
    for shard in sorted(set(blobs["shard"].to_pylist())):
        own = blobs.filter(pc.field("shard") == shard)
        at = folder / shard
        whole = {"paragraphs": paragraphs, "context": context, "spans": predictions}
        for name, table in whole.items():
            tables.write(at, name, table.filter(pc.is_in(table["paragraph"], own["paragraph"])))
        tables.write(at, "lexicon", lexicon)
        tables.write(at, "blobs", own)
        folders.append(str(at))
    return folders


def starts(names: Sequence[str] = tuple(STARTS), repeats: int = 3) -> list[dict[str, Any]]:
    """Time the start of each component's process: interpreter and imports, the best of some."""
    rows = []
    for name in names:
        measured = [_start(STARTS[name]) for _ in range(repeats)]
        wall, cpu = (min(values) for values in zip(*measured, strict=True))
        rows.append({"what": name, "seconds": wall, "cpu_seconds": cpu})
    return rows


def _start(code: str) -> tuple[float, float]:
    ending = "\nimport time; print(time.process_time())"
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + ending], capture_output=True, check=True, text=True
    )
    return round(time.perf_counter() - started, 3), round(float(done.stdout.split()[-1]), 3)


def measure(
    sizes: Sequence[int],
    paragraphs: int,
    shards: Sequence[int] = SHARDS,
    started: Sequence[str] = tuple(STARTS),
) -> dict[str, Any]:
    """Measure all of it; ``paragraphs`` is the size where documents and shards vary."""
    most = os.cpu_count() or 1
    return {
        "by_paragraphs": by_paragraphs(sizes),
        "by_documents": by_documents(paragraphs, (1, 10, 100)),
        "by_shards": by_shards(paragraphs, shards, sorted({1, most})),
        "starts": starts(started),
    }


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    grown = part["by_paragraphs"]
    names = list(grown["slopes"])
    yield "## How it scales"
    yield ""
    yield (
        "`make bench-scaling`: the functions of the steps after extraction, on one document of "
        "more and more paragraphs of the generator's text, seconds. The slope is that of a line on "
        f"logarithmic axes: 1 is linear, and {SLOPE} the target."
    )
    yield ""
    yield from described(part["machine"])
    yield "| paragraphs | " + " | ".join(names) + " |"
    yield "|---:|" + "---:|" * len(names)
    for run in grown["runs"]:
        cells = (f"{run['seconds'][name]:.2f}" for name in names)
        yield f"| {run['paragraphs']:,} | {' | '.join(cells)} |"
    yield "| **slope** | " + " | ".join(f"**{grown['slopes'][name]:.2f}**" for name in names) + " |"
    yield ""
    yield "The same paragraphs in more documents, seconds:"
    yield ""
    yield "| documents | paragraphs | " + " | ".join(names) + " |"
    yield "|---:|---:|" + "---:|" * len(names)
    for run in part["by_documents"]:
        cells = (f"{run['seconds'][name]:.2f}" for name in names)
        yield f"| {run['documents']} | {run['paragraphs']:,} | {' | '.join(cells)} |"
    yield ""
    yield (
        "The search of the same blobs in more shards, each shard a process of its own, start "
        "included, as a task of the DAG is. A shard that is worth less than its start only costs:"
    )
    yield ""
    yield "| shards | workers | seconds | spans |"
    yield "|---:|---:|---:|---:|"
    for row in part["by_shards"]:
        yield f"| {row['shards']} | {row['workers']} | {row['seconds']:.2f} | {row['spans']:,} |"
    yield ""
    yield (
        "What a component's start costs (fresh process, interpreter, imports; the best of three). "
        "The last rows are what tasks paid before and no longer do: steps do not import pandas, "
        "which pyarrow did for them only to look for it; the context models load without all of "
        "scikit-learn's estimators; `runtime: auto` asks torch for a GPU only where a GPU's "
        "driver is. The tagger's workers are single-threaded, one a core; scikit-learn runs on one "
        "thread; tasks of a loop run two at a time."
    )
    yield ""
    yield "| start of | seconds | CPU, s |"
    yield "|---|---:|---:|"
    for row in part["starts"]:
        yield f"| {row['what']} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} |"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 3_000, 10_000])
    parser.add_argument("--full", action="store_true", help="up to 100,000 paragraphs")
    parser.add_argument("--paragraphs", type=int, default=4_000, help="where documents vary")
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    sizes = [1_000, 3_000, 10_000, 30_000, 100_000] if chosen.full else chosen.sizes
    start = facts()
    part = measure(sizes, chosen.paragraphs)
    print(json.dumps(part["by_paragraphs"]["slopes"], indent=2))
    publish(chosen.output, {"scaling": part | {"machine": with_load_after(start)}})


if __name__ == "__main__":
    main()
