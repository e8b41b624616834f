"""Opening a PDF, or refusing it with a reason that a person can act on."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pymupdf

from nescio.errors import RefusedError

HEADER_WINDOW: Final = 1024
"""Bytes in which the PDF header may stand (ISO 32000-1, Annex H, implementation note 13)."""

REASONS: Final = {
    "empty_file": ("the file is empty.", "Send it again."),
    "not_a_pdf": ("the file is not a PDF.", "Convert it to PDF first."),
    "encrypted": (
        "the PDF is encrypted.",
        "Give its password with --password-file (CSV: path,password).",
    ),
    "wrong_password": (
        "the given password does not open the PDF.",
        "Correct it in the file given with --password-file.",
    ),
    "damaged": (
        "the PDF is damaged beyond repair.",
        "Export it again from its source, or send an undamaged copy.",
    ),
    "no_pages": ("the PDF has no pages.", "Export it again from its source."),
    "portfolio": (
        "the PDF is a portfolio: its documents are attachments of a cover page.",
        "Save each of its documents as a PDF of its own.",
    ),
    "xfa_only": (
        "the PDF is a dynamic XFA form: it has no pages until Adobe Reader makes them.",
        "Print it to PDF from Adobe Reader.",
    ),
}
"""Reason of a refusal -> what is wrong, and what to do."""

_CUT_OFF: Final = (
    "premature end",
    "zlib error",
    "syntax error",
    "cannot find object",
    "object out of range",
    "page tree",  # one of its objects is no page, or is not there
)
"""Parts of MuPDF's warnings that tell that a repaired file lacks something."""

pymupdf.TOOLS.mupdf_display_errors(False)  # MuPDF's messages can quote the document
pymupdf.TOOLS.mupdf_display_warnings(False)


class PdfFacts(NamedTuple):
    """What can be said of a PDF before its pages are read."""

    pages: int
    encrypted: bool
    repaired: bool


def refused(reason: str, doc: str = "", what: str = "") -> RefusedError:
    """Return the error for one of REASONS."""
    general, remedy = REASONS[reason]
    return RefusedError(what or general, remedy, doc, reason)


def inspect(pdf: Path, password: str | None = None) -> PdfFacts:
    """Return a PDF's facts.

    Args:
        pdf: the file.
        password: user or owner password, where one is known.

    Raises:
        RefusedError: the file cannot be processed; its ``reason`` is one of REASONS.
    """
    with open_pdf(pdf, password) as document:
        if _is_portfolio(document):
            raise refused("portfolio")
        if _is_dynamic_form(document):
            raise refused("xfa_only")
        if not _is_whole(document):
            raise refused("damaged")
        return PdfFacts(document.page_count, _is_encrypted(document), document.is_repaired)


def open_pdf(pdf: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF for reading; a damaged cross-reference table is repaired in memory.

    Raises:
        RefusedError: with reason ``empty_file``, ``not_a_pdf``, ``damaged``, ``encrypted``,
            ``wrong_password`` or ``no_pages``.
    """
    with pdf.open("rb") as file:
        head = file.read(HEADER_WINDOW)
    if not head:
        raise refused("empty_file")
    if b"%PDF-" not in head:
        raise refused("not_a_pdf")
    try:
        document = pymupdf.open(pdf, filetype="pdf")
        if document.needs_pass and not document.authenticate(password or ""):
            document.close()
            raise refused("wrong_password" if password else "encrypted")
        pages = document.page_count
    except (RuntimeError, ValueError):
        raise refused("damaged") from None
    if not pages:
        raise refused("damaged" if document.is_repaired else "no_pages")
    return document


def _is_encrypted(document: pymupdf.Document) -> bool:
    return bool(document.xref_get_key(-1, "Encrypt")[0] != "null")


def _is_portfolio(document: pymupdf.Document) -> bool:
    collection = document.xref_get_key(document.pdf_catalog(), "Collection")[0]
    return collection != "null" and document.embfile_count() > 0


def _is_dynamic_form(document: pymupdf.Document) -> bool:
    """Say whether the pages are a placeholder for an XFA form (XFA 3.3, dynamic forms)."""
    catalogue = document.pdf_catalog()
    if document.xref_get_key(catalogue, "AcroForm/XFA")[0] == "null":
        return False
    if document.xref_get_key(catalogue, "NeedsRendering")[1] == "true":
        return True
    first = document[0].get_text() if document.page_count == 1 else ""
    return "Please wait" in first and "Adobe" in first


def _is_whole(document: pymupdf.Document) -> bool:
    """Say whether every page is there; of a repaired file, whether it can be read to its end."""
    pymupdf.TOOLS.mupdf_warnings()
    try:
        for number in range(document.page_count):
            xref = document.page_xref(number)
            if document.is_repaired:
                page = document[number]
                page.get_text("text")
                page.get_images(full=True)
                if not all(document.xref_is_stream(part) for part in page.get_contents()):
                    return False
            elif document.xref_get_key(xref, "Type")[0] == "null":
                document[number]  # raises where there is no page
    except (RuntimeError, ValueError):
        return False
    warnings = pymupdf.TOOLS.mupdf_warnings() if document.is_repaired else ""
    return not any(part in warnings for part in _CUT_OFF)
