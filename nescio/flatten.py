"""Brings everything that shows into page contents, so that one pass over contents sees it all."""

from __future__ import annotations

import pymupdf
from pymupdf import mupdf


def flatten(document: pymupdf.Document) -> None:
    """Switch all layers on, and bake annotations and form fields into page contents.

    Extraction reads words from, and redaction removes glyphs of, documents flattened here, so
    that what one sees the other reaches, at the same coordinates. What annotations say beside
    their appearance (contents, authors) is lost: read it before. Unapplied Redact annotations
    are dropped, not baked: they only outline text. The document changes in memory only.
    """
    remove_layers(document)
    for page in document.pages():
        if document.xref_get_key(page.xref, "Annots")[0] == "null":
            continue
        for annotation in list(page.annots(types=[mupdf.PDF_ANNOT_REDACT])):
            page.delete_annot(annotation)
    document.bake()


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
