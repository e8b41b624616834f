"""Opening a PDF, or refusing it with a reason that a person can act on."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pymupdf

from nescio.errors import RefusedError

HEADER_WINDOW: Final = 1024
"""Bytes in which the PDF header may stand (ISO 32000-1, Annex H, implementation note 13)."""

pymupdf.TOOLS.mupdf_display_errors(False)  # MuPDF's messages can quote the document
pymupdf.TOOLS.mupdf_display_warnings(False)


class PdfFacts(NamedTuple):
    """What can be said of a PDF before its pages are read."""

    pages: int
    encrypted: bool
    repaired: bool


def open_pdf(pdf: Path, password: str | None = None) -> pymupdf.Document:
    """Open a PDF for reading; a damaged cross-reference table is repaired in memory.

    Raises:
        RefusedError: with reason ``empty_file``, ``not_a_pdf``, ``damaged``, ``encrypted``,
            ``wrong_password`` or ``no_pages``.
    """
    with pdf.open("rb") as file:
        head = file.read(HEADER_WINDOW)
    if not head:
        raise RefusedError("the file is empty.", "Send it again.", reason="empty_file")
    if b"%PDF-" not in head:
        raise RefusedError("the file is not a PDF.", "Convert it to PDF first.", reason="not_a_pdf")
    damaged = RefusedError(
        "the PDF is damaged beyond repair.", "Export it again from its source.", reason="damaged"
    )
    try:
        document = pymupdf.open(pdf, filetype="pdf")
    except (RuntimeError, ValueError):
        raise damaged from None
    if document.needs_pass and not document.authenticate(password or ""):
        reason = "wrong_password" if password else "encrypted"
        what = "the password does not open it." if password else "the PDF is encrypted."
        raise RefusedError(
            what, "Give its password with --password-file (path,password).", reason=reason
        )
    try:
        pages = document.page_count
    except (RuntimeError, ValueError):
        raise damaged from None
    if pages == 0:
        if document.is_repaired:
            raise damaged
        raise RefusedError("the PDF has no pages.", "Export it again.", reason="no_pages")
    return document


def inspect(pdf: Path, password: str | None = None) -> PdfFacts:
    """Return a PDF's facts.

    Raises:
        RefusedError: the file cannot be processed; see ``open_pdf``.
    """
    with open_pdf(pdf, password) as document:
        try:
            for number in range(document.page_count):
                document.page_xref(number)
        except (RuntimeError, ValueError):
            raise RefusedError(
                "pages of the PDF are damaged.", "Export it again.", reason="damaged"
            ) from None
        return PdfFacts(document.page_count, bool(document.is_encrypted), document.is_repaired)
