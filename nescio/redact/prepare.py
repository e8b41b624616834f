"""Opens a document for redaction and takes stock of what the output will not have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pymupdf

from nescio.extract import open_pdf
from nescio.flatten import flatten

CATALOGUE: Final = {
    "StructTreeRoot": "tagging_removed",
    "AcroForm": "form_flattened",
    "OCProperties": "layers_merged",
    "Metadata": "metadata_removed",
    "PageLabels": "page_labels_removed",
    "Names": "names_removed",
    "Dests": "names_removed",
    "OpenAction": "actions_removed",
    "AA": "actions_removed",
    "Collection": "portfolio_removed",
    "AF": "attachments_removed",
}
"""Key of the document catalogue -> what a result says about its loss."""


def open_prepared(pdf: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF with all layers on, and annotations and form fields baked into its pages.

    Raises:
        RefusedError: the file cannot be opened, or not with this password.
    """
    document = open_pdf(pdf, password)
    flatten(document)
    return document


def losses(document: pymupdf.Document) -> list[str]:
    """Say, in short stable codes, what a rebuilt copy of this document will not have."""
    catalogue = document.pdf_catalog()
    keys = set(document.xref_get_keys(catalogue)) if catalogue else set()
    found = {note for key, note in CATALOGUE.items() if key in keys}
    attachments = document.embfile_count()
    if attachments:
        found.discard("attachments_removed")
        found.add(f"attachments_removed:{attachments}")
    if document.get_sigflags() > 0:
        found.add("signatures_removed")
    return sorted(found)
