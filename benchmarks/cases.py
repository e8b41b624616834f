"""Generated documents with all that search is given, and what it should find."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from benchmarks.gold import Gold, gold_of
from nescio import tables
from nescio.context import predict_context
from nescio.extract import extract_pages
from nescio.search import find_patterns
from nescio.search.mapping import Mapping, make_mapping
from nescio.tagger import load, predict_entities
from training.synthetic.book import Book

COLUMNS = {
    "subject_id": "ID/subject_id",
    "mrn": "ID/mrn",
    "ssn": "ID/ssn",
    "member_id": "ID/health_plan",
    "account_number": "ID/account",
    "full_name": "NAME/patient",
    "first_name": "NAME/patient/first",
    "last_name": "NAME/patient/last",
    "birth_date": "DATE/birth",
    "admission_date": "DATE/admission",
    "discharge_date": "DATE/discharge",
    "last_visit_date": "DATE/visit",
    "street": "ADDRESS/street",
    "city": "LOCATION/city",
    "zip": "LOCATION/zip",
    "phone": "PHONE",
    "email": "EMAIL",
    "employer": "ORGANIZATION/employer",
    "hospital": "FACILITY",
}


class Case(NamedTuple):
    """A document with all that search is given, and what it should find."""

    paragraphs: pa.Table
    context: pa.Table
    predictions: dict[str, pa.Table]  # by detector
    gold: list[Gold]

    def of(self, *detectors: str) -> pa.Table:
        """Return the predictions of some detectors."""
        return tables.concat("spans", [self.predictions[name] for name in detectors])


def mapping() -> Mapping:
    """Return the mapping of the generated reference tables."""
    return make_mapping(COLUMNS, person="row_id")


def case_of(book: Book, folder: Path, with_tagger: bool) -> Case:
    """Draw a document, extract it and run the detectors on it."""
    pdf = folder / "document.pdf"
    book.save(pdf)
    extraction = extract_pages(pdf, "d", 0, len(book.pages))
    paragraphs = extraction.paragraphs
    predictions = {"pattern": find_patterns(paragraphs)}
    if with_tagger and (tagger := load()) is not None:
        predictions["tagger"] = predict_entities(paragraphs, tagger)
    gold = gold_of(book.gold(), extraction.words, paragraphs)
    return Case(paragraphs, predict_context(paragraphs), predictions, gold)
