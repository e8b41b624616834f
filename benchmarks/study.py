"""The document of the ladder: a generated study report, extracted, with its reference table."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from benchmarks.cases import COLUMNS, mapping
from benchmarks.scan_index import write_mapping_file
from nescio import tables
from nescio.extract import extract_pages
from nescio.search import build_index
from training.synthetic.reference import write_reference
from training.synthetic.report import make_report

SCOPES = Path(__file__).with_name("scopes.yaml")


class Study(NamedTuple):
    """What every rung starts from.

    Attributes:
        folder: scratch folder of the whole ladder.
        paragraphs: PARAGRAPHS of the report.
        pages: of the report.
        source: the reference table.
        mapping: which of its columns hold what.
        index: folder of the reference's index.
        workers: processes that a rung may use at a time.
        runtime: of the tagger.
    """

    folder: Path
    paragraphs: pa.Table
    pages: int
    source: Path
    mapping: Path
    index: Path
    workers: int
    runtime: str


def make_study(
    folder: Path, paragraphs: int, rows: int, columns: int, workers: int, runtime: str
) -> Study:
    """Draw a report and extract it; none of it is timed.

    Args:
        folder: scratch folder.
        paragraphs: as drawn; extraction counts running headers and more besides.
        rows: of the reference table.
        columns: of the reference table.
        workers: processes that a rung may use at a time.
        runtime: of the tagger.
    """
    book = make_report("ladder", paragraphs=paragraphs)
    pdf = folder / "report.pdf"
    book.save(pdf)
    extracted = extract_pages(pdf, "d", 0, len(book.pages)).paragraphs
    source = folder / "reference.parquet"
    write_reference(source, book, rows, columns)
    written = folder / "mapping.yaml"
    write_mapping_file(written, COLUMNS, "row_id")
    build_index(source, mapping(), folder / "index")
    tables.write(folder / "gathered", "paragraphs", extracted)
    own = dict.fromkeys(("content_key", "outbox_key", "etag", "outcome", "reason", "remedy"), "")
    own |= {"doc": "d", "path": str(pdf), "key": pdf.name}
    row = own | {"bytes": pdf.stat().st_size, "pages": len(book.pages)}
    tables.write(folder / "gathered", "documents", tables.from_rows("documents", [row]))
    return Study(
        folder, extracted, len(book.pages), source, written, folder / "index", workers, runtime
    )
