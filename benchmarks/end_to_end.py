"""Times a PDF from `nescio run` to its verified release: pages a second, by step, and sizes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import pymupdf
import typer

from benchmarks.machine import facts

TARGET_PAGES: Final = 20.0
"""Pages a second that are wanted on 2 idle cores."""

TARGET_SIZE: Final = 1.5
"""Size of the output in sizes of the input that is allowed."""


@dataclass(frozen=True)
class Measured:
    """One run of one file.

    Attributes:
        pages: of the file.
        outcome: ``released``, or why it was not.
        seconds: wall time of the command, start of all processes included.
        steps: of each step its shards, the wall time from its first start to its last end, and
            CPU seconds of all its processes.
        split: seconds of redaction by part: clear, rebuild, verify.
        size_ratio: size of the released file in sizes of the original; 0 where there is none.
    """

    pages: int
    outcome: str
    seconds: float
    steps: dict[str, dict[str, float]]
    split: dict[str, float]
    size_ratio: float

    @property
    def pages_per_second(self) -> float:
        """Pages a second from the command's start to its end."""
        return self.pages / self.seconds

    @property
    def pages_per_second_in_steps(self) -> float:
        """The same without what lies between steps: interpreters, imports, the local runner."""
        return self.pages / sum(step["seconds"] for step in self.steps.values())


def measure(pdf: Path, options: Sequence[str] = ()) -> Measured:
    """Run the whole DAG on one file, in processes of its own, as a person would."""
    with pymupdf.open(pdf) as document:
        pages = document.page_count
    with tempfile.TemporaryDirectory(prefix="nescio-bench-") as name:
        out = Path(name) / "out"
        program = Path(sys.executable).with_name("nescio")
        start = time.perf_counter()
        done = subprocess.run(
            [str(program), "run", str(pdf), "-o", str(out), "--json", *options],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode not in (0, 4):
            raise SystemExit(done.stderr.strip())
        answer = json.loads(done.stdout)
        (item,) = answer["documents"]
        folder = out / "private" / "runs" / answer["run"] / "steps"
        records = [json.loads(path.read_text()) for path in folder.glob("*.json")]
        released = list((out / "released").glob("*.pdf"))
        ratio = released[0].stat().st_size / pdf.stat().st_size if released else 0.0
    split = next((r["split"] for r in records if r["step"] == "redact"), {})
    outcome = item["reason"] or item["outcome"]
    return Measured(pages, outcome, seconds, dict(_steps(records)), split, ratio)


def _steps(records: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the steps in order of their start; shards of a loop may run at the same time."""
    for name in dict.fromkeys(r["step"] for r in sorted(records, key=lambda r: r["started"])):
        own = [record for record in records if record["step"] == name]
        ends = max(record["started"] + record["seconds"] for record in own)
        yield (
            name,
            {
                "shards": len(own),
                "seconds": ends - min(record["started"] for record in own),
                "cpu_seconds": sum(record["cpu_seconds"] for record in own),
            },
        )


def lines_of(found: Measured) -> Iterator[str]:
    """Yield what a person wants to read of a measurement."""
    good = "reached" if found.pages_per_second >= TARGET_PAGES else "not reached"
    yield f"{found.pages} pages, {found.outcome}, in {found.seconds:.1f} s"
    yield f"  {found.pages_per_second:.1f} pages/s ({TARGET_PAGES:.0f} {good})"
    yield f"  {found.pages_per_second_in_steps:.1f} pages/s within steps"
    small = "within" if found.size_ratio <= TARGET_SIZE else "above"
    yield f"  {found.size_ratio:.2f} x the size of the input ({small} {TARGET_SIZE})"
    yield f"  {'step':<18}{'shards':>7}{'wall':>9}{'CPU':>9}"
    for name, step in found.steps.items():
        yield (
            f"  {name:<18}{step['shards']:>7.0f}{step['seconds']:>8.2f}s"
            f"{step['cpu_seconds']:>8.2f}s"
        )
    parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found.split.items())
    yield f"  redact: {parts}"


def main(
    pdfs: Annotated[list[Path], typer.Argument(exists=True, help="PDFs, each run by itself.")],
    times: Annotated[int, typer.Option(help="Runs of each; the fastest is shown.")] = 1,
    policy: Annotated[str, typer.Option(help="As of nescio run.")] = "everything",
    output: Annotated[Path | None, typer.Option(help="Write all numbers here, as JSON.")] = None,
) -> None:
    """Print pages a second, the split by step, and the size of what was released."""
    machine = facts()
    print(f"{machine['cores']} cores, load average {machine['load_average'][0]}")
    rows = []
    for pdf in pdfs:
        runs = [measure(pdf, ["--policy", policy]) for _ in range(times)]
        best = min(runs, key=lambda run: run.seconds)
        rows.append(asdict(best) | {"pages_per_second": best.pages_per_second})
        print(*lines_of(best), sep="\n")
    if output is not None:
        output.write_text(json.dumps({"machine": machine, "runs": rows}, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
