"""Brings everything that shows into page contents, so that one pass over contents sees it all."""

from __future__ import annotations

from pathlib import Path

import pymupdf
from pymupdf import mupdf

from nescio.errors import RefusedError


def open_prepared(pdf: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF with all layers on, and annotations and form fields baked into its pages.

    Words of the returned document are what a redactor must be able to find: extraction and
    redaction both start here, so their coordinates agree. The document lives in memory only;
    the file is not changed. Unapplied Redact annotations are dropped: they only outline text.

    Args:
        pdf: path of the PDF.
        password: user or owner password, where the file is encrypted.

    Raises:
        RefusedError: the file cannot be opened, or not with this password.
    """
    document = _open(pdf, password)
    remove_layers(document)
    for page in document.pages():
        for annotation in list(page.annots(types=[mupdf.PDF_ANNOT_REDACT])):
            page.delete_annot(annotation)
    document.bake()
    return document


def remove_layers(document: pymupdf.Document) -> int:
    """Make every optional-content layer part of the page, and return how many there were.

    A layer's content refers to its group (OCG) or membership (OCMD) object; once these are
    empty dictionaries and the catalogue no longer configures them, all of it is visible.
    """
    catalogue = document.pdf_catalog()
    if document.xref_get_key(catalogue, "OCProperties")[0] == "null":
        return 0
    layers = 0
    for xref in range(1, document.xref_length()):
        if document.xref_get_key(xref, "Type")[1] in ("/OCG", "/OCMD"):
            document.update_object(xref, "<<>>")
            layers += 1
        elif document.xref_get_key(xref, "OC")[0] == "dict":
            document.xref_set_key(xref, "OC", "null")
    document.xref_set_key(catalogue, "OCProperties", "null")
    return layers


def _open(pdf: Path, password: str | None) -> pymupdf.Document:
    try:
        document = pymupdf.open(pdf, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise RefusedError(
            "the file cannot be read as a PDF.", "Export it again.", reason="damaged"
        ) from error
    if document.needs_pass and not document.authenticate(password or ""):
        document.close()
        if password:
            raise RefusedError(
                "the password does not open it.", "Check the password.", reason="wrong_password"
            )
        raise RefusedError("it is encrypted.", "Give its password.", reason="encrypted")
    if not document.is_pdf:
        document.close()
        raise RefusedError("the file is not a PDF.", "Convert it first.", reason="not_a_pdf")
    if document.page_count == 0:
        document.close()
        raise RefusedError("it has no pages.", "Export it again.", reason="no_pages")
    return document
