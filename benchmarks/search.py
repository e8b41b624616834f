"""Hybrid search on generated documents: seconds, the same look-ups by ``df.where``, recall.

``python -m benchmarks.search`` prints the tables and writes them into docs/search.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.cases import COLUMNS, Case, case_of, mapping
from benchmarks.search_recall import measure_recall
from nescio import tables
from nescio.blobs import cut_blobs
from nescio.search import (
    ReferenceIndex,
    build_index,
    collect_lexicon,
    hybrid_search,
    settle_people,
)
from training.synthetic.reference import write_reference
from training.synthetic.report import make_report

PAGE = Path(__file__).parents[1] / "docs" / "search.md"
MARKS = ("<!-- numbers: written by benchmarks/search.py -->", "<!-- end of numbers -->")


class Seconds(NamedTuple):
    """How long something took on the clock, and on the CPU of this process."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s)"


@contextmanager
def timed(seconds: dict[str, Seconds], what: str) -> Iterator[None]:
    """Note how long a block takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    seconds[what] = Seconds(time.perf_counter() - wall, time.process_time() - cpu)


SHARD_TABLES = ("paragraphs", "context", "spans", "lexicon", "blobs")


def write_shards(folder: Path, arguments: Sequence[pa.Table]) -> list[str]:
    """Write each shard's own share of the tables, as segment does; return the folders."""
    paragraphs, context, predictions, lexicon, blobs = arguments
    keys = ["doc", "paragraph"]
    folders = []
    for shard in sorted(set(blobs["shard"].to_pylist())):
        own = blobs.filter(pc.field("shard") == shard)
        shares = [
            table.join(own.select(keys), keys, join_type="left semi")
            for table in (paragraphs, context)
        ]
        mine = set(own["paragraph"].to_pylist())
        kept = pa.array([number in mine for number in predictions["paragraph"].to_pylist()])
        shares += [predictions.filter(kept), lexicon, own]
        for name, table in zip(SHARD_TABLES, shares, strict=True):
            tables.write(folder / shard, name, table)
        folders.append(str(folder / shard))
    return folders


def search_shard(folder: str, index: str) -> int:
    """Search one shard as its task does: read its share, open the index, search."""
    share = (tables.read(Path(folder), name) for name in SHARD_TABLES)
    return len(hybrid_search(*share, ReferenceIndex(Path(index))))


def measure_speed(paragraphs: int, rows: int, columns: int, look_ups: int) -> list[str]:
    """Return the table of seconds."""
    seconds: dict[str, Seconds] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = make_report("search benchmark", paragraphs=paragraphs)
        case = case_of(book, folder, with_tagger=False)
        source = folder / "reference.parquet"
        write_reference(source, book, rows, columns)
        with timed(seconds, "index"):
            index = build_index(source, mapping(), folder / "index")
        predictions = case.of("pattern")
        with timed(seconds, "cut"):
            blobs = cut_blobs(case.paragraphs, case.context)
        lexicon = collect_lexicon(case.paragraphs, predictions)
        arguments = (case.paragraphs, case.context, predictions, lexicon, blobs)
        with timed(seconds, "one"):
            spans = hybrid_search(*arguments, index)
        with timed(seconds, "without"):
            hybrid_search(*arguments)
        with timed(seconds, "people"):
            settle_people(case.paragraphs, spans, case.context)
        shards = write_shards(folder / "shards", arguments)
        opened = [str(folder / "index")] * len(shards)
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            list(pool.map(search_shard, shards[:2], opened))  # processes are up
            with timed(seconds, "two"):
                count = sum(pool.map(search_shard, shards, opened))
        if count != len(spans):
            raise RuntimeError("two processes did not find what one found")
        scan, values, distinct = _scan(source, index, case, look_ups)
    size = f"{len(case.paragraphs):,} paragraphs"
    given = f"{len(predictions):,} predictions"
    table = f"{rows:,} rows x {columns} columns, {len(COLUMNS)} mapped"
    return [
        "| what | wall clock (CPU of the process) |",
        "|---|---|",
        f"| index of {table} | {seconds['index']} |",
        f"| blobs and shards of {size} | {seconds['cut']} |",
        f"| search of {size}, {given}, no reference, one process | {seconds['without']} |",
        f"| the same with the reference | {seconds['one']} |",
        f"| the same, {len(shards)} shards on two processes | {seconds['two'].wall:.1f} s |",
        f"| linking and the last pass over people | {seconds['people']} |",
        *_scan_lines(scan, values, distinct),
    ]


def _scan_lines(scan: float, values: int, distinct: int) -> list[str]:
    """Return the rows on ``df.where``; sums are one look-up times their number."""
    return [
        f"| one look-up by `df.where` on the full frame | {1000 * scan:,.0f} ms |",
        f"| all {values:,} predicted values that way, computed | {scan * values:,.0f} s |",
        f"| the {distinct:,} distinct ones, computed | {scan * distinct:,.0f} s |",
    ]


def _scan(source: Path, index: ReferenceIndex, case: Case, look_ups: int) -> tuple[float, int, int]:
    """Time look-ups of predicted values by scanning the frame, and compare what they find.

    Returns:
        Seconds a look-up, how many predicted values there are to look up, how many distinct.
    """
    import pandas as pd

    frame = pd.read_parquet(source)
    people = {row: number for number, row in enumerate(dict.fromkeys(frame["row_id"]))}
    texts = dict(
        zip(
            case.paragraphs["paragraph"].to_pylist(),
            case.paragraphs["text"].to_pylist(),
            strict=True,
        )
    )
    values = [
        (texts[row["paragraph"]][row["start"] : row["end"]], row["label"])
        for row in case.of("pattern").to_pylist()
        if index.mapping.of_interest(row["label"], row["kind"])
    ]
    subjects = [(text, label) for text, label in values if label == "ID"]
    spent = 0.0
    for text, label in islice(dict.fromkeys(subjects), look_ups):
        start = time.perf_counter()
        hits = frame.where(frame == text).dropna(how="all")
        spent += time.perf_counter() - start
        scanned = {people[frame["row_id"][row]] for row in hits.index}
        matches = index.find_value(text, label, index.mapping.of_interest(label))
        if not scanned <= {int(person) for match in matches for person in match.people}:
            raise RuntimeError("the index did not find what the scan found")
    return spent / look_ups, len(values), len(set(values))


def write_page(lines: Sequence[str]) -> None:
    """Put the tables between the marks of docs/search.md."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    body = "\n".join(["", *lines, ""])
    PAGE.write_text(f"{before}{MARKS[0]}\n{body}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--paragraphs", type=int, default=8_200, help="extraction makes about 9,000 of them"
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=300)
    parser.add_argument("--look-ups", type=int, default=3, help="timed by df.where")
    parser.add_argument("--records", type=int, default=10, help="for recall")
    parser.add_argument("--without-tagger", action="store_true")
    chosen = parser.parse_args()
    speed = measure_speed(chosen.paragraphs, chosen.rows, chosen.columns, chosen.look_ups)
    print("\n".join(speed), flush=True)
    found = measure_recall(chosen.records, not chosen.without_tagger)
    print("\n".join(found))
    machine = f"{os.cpu_count()} CPU cores, other work on the machine at the time."
    write_page([machine, "", *speed, "", *found])


if __name__ == "__main__":
    main()
