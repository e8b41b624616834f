"""How well and how fast scans are read: ``python -m benchmarks.scans`` prints the table of docs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from benchmarks.machine import facts
from nescio.extract import extract_pages
from training.synthetic.record import make_record
from training.synthetic.scan import SCANNERS, save_scan

PAGES = 3
RULES = re.compile(r"([^\w\s])\1{3,}|[│|]")
"""Lines that are drawn with characters: nobody reads them."""

COLUMNS = (
    "scan", "pages", "flagged", "characters", "wrong", "words", "wrong", "pages/s",
    "processor s/page",
)  # fmt: skip


class Score(NamedTuple):
    """Characters and words of scans; how many were read wrongly; pages flagged; the time."""

    pages: int
    flagged: int
    characters: int
    wrong: int
    words: int
    wrong_words: int
    seconds: float
    processor_seconds: float


def main(
    records: Annotated[int, typer.Option(help="Records of three pages, of each kind.")] = 4,
    run: Annotated[bool, typer.Option(help="Time `nescio run` on one record, too.")] = False,
) -> None:
    """Print a row for clean and one for noisy scans, and what they were measured on."""
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        _warm_up(Path(name))
        for kind in SCANNERS:
            print(_row(kind, measure(Path(name), kind, records)), flush=True)
        if run:
            print(f"nescio run, {PAGES} noisy pages: {_whole_run(Path(name)):.1f} s")
    print(json.dumps(facts(), indent=2))


def measure(folder: Path, kind: str, records: int) -> Score:
    """Read generated records and count what is wrong, without regard to the order of lines."""
    totals: Counter[str] = Counter()
    seconds = processor = 0.0
    for number in range(1, records + 1):
        pdf = folder / f"{kind}-{number}.pdf"
        save_scan(make_record(f"record {number}", PAGES, "", "train"), pdf, kind, str(number))
        texts = json.loads(pdf.with_suffix(".gold.json").read_text())["texts"]
        started, used = time.perf_counter(), time.process_time()
        extraction = extract_pages(pdf, "d", 0, PAGES)
        seconds += time.perf_counter() - started
        processor += time.process_time() - used
        totals["flagged"] += sum(map(bool, extraction.pages["flags"].to_pylist()))
        paragraphs = extraction.paragraphs.to_pylist()
        for page, text in enumerate(texts):
            own = "\n".join(row["text"] for row in paragraphs if row["page"] == page)
            totals += _compared(RULES.sub(" ", text), RULES.sub(" ", own))
    return Score(
        records * PAGES,
        totals["flagged"],
        totals["characters"],
        totals["wrong"],
        totals["words"],
        totals["wrong words"],
        seconds,
        processor,
    )


def _compared(printed: str, read: str) -> Counter[str]:
    characters = Counter("".join(printed.split())), Counter("".join(read.split()))
    words = Counter(printed.split()), Counter(read.split())
    return Counter(
        {
            "characters": characters[0].total(),
            "wrong": _differences(*characters),
            "words": words[0].total(),
            "wrong words": _differences(*words),
        }
    )


def _differences(a: Counter[str], b: Counter[str]) -> int:
    """Count a wrong one once, not as one that is missing and one that is too many."""
    return max((a - b).total(), (b - a).total())


def _row(kind: str, score: Score) -> str:
    share = 100 * score.wrong / score.characters
    words = 100 * score.wrong_words / score.words
    return (
        f"| {kind} | {score.pages} | {score.flagged} | {score.characters} | "
        f"{score.wrong} ({share:.2f} %) | "
        f"{score.words} | {score.wrong_words} ({words:.1f} %) | "
        f"{score.pages / score.seconds:.2f} | {score.processor_seconds / score.pages:.1f} |"
    )


def _warm_up(folder: Path) -> None:
    """Load the models, which takes as long as a page and happens once a process."""
    pdf = folder / "first.pdf"
    save_scan(make_record("record 0", PAGES, "", "train"), pdf, "clean", "0")
    extract_pages(pdf, "d", 0, 1)


def _whole_run(folder: Path) -> float:
    pdf = folder / "noisy-1.pdf"
    program = Path(sys.executable).with_name("nescio")
    started = time.perf_counter()
    subprocess.run([program, "run", pdf, "-o", folder / "out"], check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    typer.run(main)
