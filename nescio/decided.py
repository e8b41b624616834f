"""What was decided for one document, read for a verification: from a list of boxes or a run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nescio import tables
from nescio.boxes import redactions_of
from nescio.errors import ConfigurationError
from nescio.extract import extract_pages, inspect
from nescio.review.proposal import reviewed_key
from nescio.steps.keys import released_record_key
from nescio.store import PRIVATE


def _known_label(label: str) -> str:
    if label not in tables.LABELS:
        raise ValueError("no such label")
    return label


class ListedBox(BaseModel):
    """One box of a list that any tool may write.

    ``page`` counts from 0, -1 for text that stands on no page (metadata, a bookmark); corners in
    points of the page as shown, from its top left.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    page: int = Field(ge=-1)
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    text: str = ""
    label: Annotated[str, AfterValidator(_known_label)] = "OTHER"
    replacement: str = ""
    mention: int | None = Field(default=None, ge=0)


def redactions_from(
    source: Path, pdf: Path, original: Path | None, password: str | None = None
) -> pa.Table:
    """Return REDACTIONS for the file under test.

    Args:
        source: a JSON list of boxes (:class:`ListedBox`), or the output folder of a run, which
            keeps its decisions without any text: the text is then read from the original again.
        pdf: the file under test; in a run's output, its certificate beside it names the document.
        original: the file it was made from.
        password: of the original.

    Raises:
        ConfigurationError: the list or the folder is not what it should be.
        RefusedError: the original cannot be read.
    """
    if source.is_dir():
        return _of_run(source, pdf, original, password)
    try:
        data = json.loads(source.read_text("utf-8-sig"))
        boxes = TypeAdapter(list[ListedBox]).validate_python(data)
    except OSError:
        raise ConfigurationError("the file of decisions cannot be read.") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if isinstance(part, int))
        raise ConfigurationError(
            f"{error.error_count()} values of the list of boxes are wrong, the first in box "
            f"{place or '?'}: {first['type']}.",
            "A box has page, x0, y0, x1, y1, text, and may have label, replacement, mention.",
        ) from None
    except ValueError:
        raise ConfigurationError(
            "the file of decisions is not JSON.", "Give a list of boxes, or a run's output folder."
        ) from None
    return _table(boxes)


def _table(boxes: list[ListedBox]) -> pa.Table:
    """Boxes without a mention are a mention each."""
    free = 1 + max((box.mention for box in boxes if box.mention is not None), default=-1)
    rows = []
    for number, box in enumerate(boxes):
        row = box.model_dump() | {"doc": "", "secret": box.text}
        del row["text"]
        row["mention"] = free + number if box.mention is None else box.mention
        rows.append(row)
    return tables.from_rows("redactions", rows)


def _of_run(folder: Path, pdf: Path, original: Path | None, password: str | None) -> pa.Table:
    if original is None:
        raise ConfigurationError(
            "the decisions of a run name places, not texts.", "Give the original with --against."
        )
    doc = _document_id(pdf)
    reviewed = _reviewed(folder, doc)
    if reviewed is not None:
        return reviewed
    decisions = _decisions(folder, doc)
    extraction = extract_pages(original, doc, 0, inspect(original, password).pages, password)
    known = pc.is_in(decisions["paragraph"], extraction.paragraphs["paragraph"])
    if not pc.all(known, min_count=0).as_py():
        raise ConfigurationError("the decisions were not made on this original.")
    return redactions_of(decisions, extraction.words, extraction.paragraphs)


def _reviewed(folder: Path, doc: str) -> pa.Table | None:
    """Return the REDACTIONS that a person decided on, if the document was released by review."""
    try:
        note = json.loads((folder / released_record_key(doc)).read_bytes())
        if note.get("reviewed", False):
            return pq.read_table(folder / reviewed_key(doc))
    except OSError:
        pass
    return None


def rastered_pages(pdf: Path) -> frozenset[int]:
    """Return the pages that the certificate beside a released file says are pictures."""
    try:
        certificate = json.loads(pdf.with_suffix(".certificate.json").read_bytes())
        return frozenset(int(page) for page in certificate["pictures"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _document_id(pdf: Path) -> str:
    """Return the opaque id in the certificate beside a released file, else the file's name."""
    try:
        certificate = json.loads(pdf.with_suffix(".certificate.json").read_bytes())
        return str(certificate["document"])
    except (OSError, ValueError, KeyError, TypeError):
        return pdf.stem


def _decisions(folder: Path, doc: str) -> pa.Table:
    """Read a document's decisions; one that has none is still listed among the run's documents."""
    file = folder / PRIVATE / "decisions" / f"{doc}.parquet"
    if file.is_file():
        return pq.read_table(io.BytesIO(file.read_bytes()))
    try:
        listed = (folder / PRIVATE / "documents.csv").read_text("utf-8")
    except OSError:
        listed = ""
    if any(row["id"] == doc for row in csv.DictReader(io.StringIO(listed))):
        return tables.empty("decisions")
    raise ConfigurationError(
        "the folder holds no decisions on this document.",
        "Give the output folder of the run that wrote the file, with its certificate beside it.",
    )
