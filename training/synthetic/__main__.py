"""Command line: ``python -m training.synthetic record|report --seed 7 -o DIR``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from training.synthetic.book import Book
from training.synthetic.record import make_record
from training.synthetic.reference import write_reference
from training.synthetic.report import make_report
from training.synthetic.scan import save_scan
from training.synthetic.slots import Split

app = typer.Typer(add_completion=False, help="Synthetic healthcare PDFs with exact gold spans.")


class Scan(StrEnum):
    """Scanners to choose from."""

    clean = "clean"
    noisy = "noisy"


class Names(StrEnum):
    """Which names and formats may be drawn."""

    train = "train"
    heldout = "heldout"


Out = Annotated[Path, typer.Option("-o", "--out", help="Folder to write to.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same files.")]
Count = Annotated[int, typer.Option(min=1, help="How many documents; seeds count up.")]
Layout = Annotated[str, typer.Option(help="A layout of data/layouts.yaml instead of a drawn one.")]
ScanOption = Annotated[Scan | None, typer.Option("--scan", help="Write scans, without text.")]
Reference = Annotated[
    Path | None, typer.Option(help="Also write a reference table (Parquet) with the people.")
]
Columns = Annotated[int, typer.Option(help="Of the reference table.")]
Rows = Annotated[int, typer.Option(help="Of the reference table.")]
SplitOption = Annotated[Names, typer.Option("--split", help="Which names may be drawn.")]


@app.command()
def record(
    out: Out,
    seed: Seed = 1,
    pages: Annotated[int, typer.Option(min=3, help="Length of each record.")] = 3,
    count: Count = 1,
    layout: Layout = "",
    scan: ScanOption = None,
    reference: Reference = None,
    columns: Columns = 300,
    rows: Rows = 2000,
    split: SplitOption = Names.train,
) -> None:
    """Write medical records: record-SEED.pdf and record-SEED.gold.json."""
    for number in range(seed, seed + count):
        book = make_record(f"record {number}", pages, layout, _split(split))
        _save(book, out / f"record-{number}.pdf", scan)
        if reference is not None and number == seed:
            write_reference(reference, book, rows, columns, str(seed))


@app.command()
def report(
    out: Out,
    seed: Seed = 1,
    pages: Annotated[int, typer.Option(min=10, help="Length of each report.")] = 40,
    paragraphs: Annotated[
        int, typer.Option(help="Length in headings, paragraphs and table rows, instead.")
    ] = 0,
    count: Count = 1,
    layout: Layout = "",
    scan: ScanOption = None,
    reference: Reference = None,
    columns: Columns = 300,
    rows: Rows = 2000,
    split: SplitOption = Names.train,
) -> None:
    """Write clinical study reports: report-SEED.pdf and report-SEED.gold.json."""
    for number in range(seed, seed + count):
        book = make_report(f"report {number}", pages, paragraphs, layout, _split(split))
        _save(book, out / f"report-{number}.pdf", scan)
        if reference is not None and number == seed:
            write_reference(reference, book, rows, columns, str(seed))


def _split(names: Names) -> Split:
    return "heldout" if names is Names.heldout else "train"


def _save(book: Book, pdf: Path, scan: Scan | None) -> None:
    if scan is None:
        book.save(pdf)
    else:
        save_scan(book, pdf, scan.value, pdf.stem)
    typer.echo(f"{pdf}  {len(book.pages)} pages")


if __name__ == "__main__":
    app()
