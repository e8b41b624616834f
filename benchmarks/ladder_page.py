"""The ladder as a page and as a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import described

STEPS = ("set-up", "tagger", "context and patterns", "segment", "search")

INTRODUCTION = """## The ladder

`make bench` (a report of a few hundred paragraphs) or `make bench-full` (about 9,000). A study
report is drawn and extracted, and a reference table drawn beside it; then every rung finds
identifiers in it, each on its own from the extracted paragraphs to the spans of hybrid search, with
the same models. One run, one machine, one after another.
"""

RUNGS = """
* **0** is the story's first figure: a loop over paragraphs; for each the tagger on one text, the
  dependency flag from one row, the patterns on one paragraph (a table is read whole, for its
  head), then hybrid search with one `df.where` on the frame with all its columns for each
  predicted value.
* **1** predicts in batches. **2** also searches blobs in parallel processes, each with its own
  copy of the frame; starting them is in the time. **3** predicts nothing where expert rules
  ([scopes.yaml](../benchmarks/scopes.yaml)) say that nobody is named, so it finds less.
* **4** keeps the mapped columns only, with a dictionary from value to rows in place of `df.where`.
* **5** is Nescio: the functions that the DAG's steps call, one after another, with artifacts on
  disk; set-up (loading the tagger, building the reference's index) is inside its steps. With
  scopes, a shadow sample watches the rules, and what a rule that is breached skipped is read
  after all.

What flatters the lower rungs, never the higher ones: values that stand in a text without being
predicted are looked up through Nescio's index on every rung (the story's first figure does not
look for them); the misreadings and misspellings of a name are looked for in the columns of names
and numbers only; the mapped columns are brought into comparable form once, not for every look-up.
Not in any rung: extraction, start of pods, redaction. A larger document gains more, because what
is paid once (processes, index, model) does not grow with it.
"""


def section(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the ladder's part of the page."""
    yield INTRODUCTION
    yield (
        f"{report['paragraphs']:,} paragraphs on {report['pages']} pages; reference table of "
        f"{report['rows']:,} rows and {report['columns']} columns; {report['workers']} workers; "
        f"{report['tagger']}."
    )
    yield ""
    yield from described(report["machine"])
    yield "| rung | " + " | ".join(STEPS) + " | all, s | CPU, s | speed-up | spans as rung 0 |"
    yield "|---|" + "---:|" * (len(STEPS) + 3) + "---|"
    yield from map(_row, report["rungs"])
    yield ""
    yield "![Seconds of each rung by step](images/ladder.svg)"
    yield RUNGS
    yield from _by_component(report["rungs"])
    if "dag" in report:
        dag = report["dag"]
        yield (
            "The steps of rung 5 as tasks of `nescio run`, each a process of its own and the two "
            f"predictions one after the other: {dag['seconds']:.1f} s from the end of gather to "
            f"the end of search, {dag['start_seconds']:.1f} s of it interpreters and imports; the "
            f"whole run, with extraction and redaction, took {dag['whole_seconds']:.1f} s."
        )
        yield ""
    yield from _scopes(report)
    yield from _limits(report)


PARTS = {
    "tagger": ("tagger",),
    "context and patterns": ("context and patterns",),
    "segment and search": ("segment", "search"),
    "all": ("all",),
}


def _by_component(rungs: list[dict[str, Any]]) -> Iterator[str]:
    yield "How many times faster than on rung 0 each component is, by wall clock, and all by CPU:"
    yield ""
    yield "| rung | " + " | ".join(PARTS) + " | all, CPU |"
    yield "|---|" + "---:|" * (len(PARTS) + 1)
    for rung in rungs[1:]:
        cells = [f"{times(rungs[0], rung, steps):.1f}x" for steps in PARTS.values()]
        cells.append(f"{rungs[0]['cpu_seconds'] / max(rung['cpu_seconds'], 0.01):.1f}x")
        yield f"| {rung['name']} | {' | '.join(cells)} |"
    yield ""


def times(first: dict[str, Any], rung: dict[str, Any], steps: Sequence[str]) -> float:
    """Return how many times faster some steps are together than on the first rung."""
    before, now = (sum(r["seconds"].get(step, 0.0) for step in steps) for r in (first, rung))
    return float(before / max(now, 0.001))


def _row(rung: dict[str, Any]) -> str:
    seconds = rung["seconds"]
    cells = [f"{seconds[step]:.2f}" if step in seconds else "" for step in STEPS]
    equal = "identical" if rung["spans_equal"] else f"{rung['missed']:,} missed"
    cells += [f"{seconds['all']:.2f}", f"{rung['cpu_seconds']:.1f}", f"{rung['speedup']:.1f}x"]
    return f"| {rung['name']} | {' | '.join(cells)} | {equal} |"


def _scopes(report: dict[str, Any]) -> Iterator[str]:
    yield "## What the scopes cost"
    yield ""
    total = report["rungs"][0]["spans"]
    skipped = sum(report["skipped"].values())
    missed = next(rung["missed"] for rung in report["rungs"] if rung["name"].startswith("3"))
    yield (
        f"The rules skip {skipped:,} of {report['paragraphs']:,} paragraphs ("
        + ", ".join(f"`{name}` {count:,}" for name, count in sorted(report["skipped"].items()))
        + f"). Rung 3 misses {missed:,} of {total:,} spans of rung 0."
    )
    for rule in report["watched"]:
        state = "switched off" if rule["switched_off"] else "left on"
        yield (
            f"On rung 5 the shadow sample read {rule['sampled']} paragraphs that `{rule['rule']}` "
            f"skips, found identifiers in {rule['identifiers_missed']} of them, and the rule was "
            f"{state}."
        )
    yield ""


def _limits(report: dict[str, Any]) -> Iterator[str]:
    last = next(r for r in report["rungs"] if r["name"] == "5 Nescio's steps")
    machine = report["machine"]
    share = 100 * last["seconds"]["tagger"] / last["seconds"]["all"]
    yield "## What is left"
    yield ""
    yield (
        f"On Nescio's rung the tagger is {share:.0f} % of the time. The machine multiplies fp32 "
        f"matrices at {machine['gemm_fp32_gflops']:,.0f} GFLOP/s and copies memory at "
        f"{machine['copy_gb_per_second']:.0f} GB/s (numpy, just before the first rung)."
    )


def write_chart(folder: Path, report: dict[str, Any]) -> None:
    """Draw the seconds of each rung by step, as ``ladder.png`` and ``ladder.svg``."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "ladder"  # the same numbers give the same file
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    rungs = report["rungs"]
    longest = max(rung["seconds"]["all"] for rung in rungs)
    short = [rung for rung in rungs if rung["seconds"]["all"] < longest / 2]
    heights = [len(rungs), max(1, len(short))]
    figure, both = plt.subplots(
        2, figsize=(9, 1.6 + 0.42 * sum(heights)), height_ratios=heights, squeeze=True
    )
    _bars(both[0], rungs)
    both[0].legend(frameon=False)
    both[0].set_title(f"{report['paragraphs']:,} paragraphs, seconds of wall clock", loc="left")
    _bars(both[1], short)
    both[1].set_title("The fast rungs, enlarged", loc="left")
    both[1].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(folder / "ladder.png", dpi=150)
    figure.savefig(folder / "ladder.svg", metadata={"Date": None})
    plt.close(figure)


def _bars(axes: Any, rungs: list[dict[str, Any]]) -> None:
    left = [0.0] * len(rungs)
    for step in STEPS:
        widths = [rung["seconds"].get(step, 0.0) for rung in rungs]
        axes.barh([rung["name"] for rung in rungs], widths, left=left, label=step)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for number, rung in enumerate(rungs):
        axes.text(left[number], number, f"  {rung['speedup']:.1f}x", va="center")
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12 * max(left, default=1.0))
    axes.spines[["top", "right"]].set_visible(False)
