"""Proves, with a second engine and without trusting the redactor, that nothing remained."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pikepdf
import pyarrow as pa
import pymupdf
import pypdfium2

from nescio.redact.boxes import OFF_PAGE, by_page
from nescio.redact.certificate import Certificate, Check, Status, claims
from nescio.redact.overlay import Style, shown_text


def verify(
    out_pdf: Path,
    original: Path | None = None,
    redactions: pa.Table | None = None,
    *,
    password: str | None = None,
    style: Style = "box",
) -> Certificate:
    """Check one output file and certify what was found.

    Args:
        out_pdf: the file to check; any tool may have written it.
        original: the file it was made from, for the checks that compare.
        redactions: REDACTIONS of this document: where what should be gone.
        password: of the original.
        style: how removals look, which decides the text that may stand in a box.
    """
    start = time.perf_counter()
    boxes = by_page(redactions)
    failed: list[int] = []
    document = pypdfium2.PdfDocument(out_pdf)
    pages = len(document)
    for number, page_boxes in boxes.items():
        if number == OFF_PAGE:
            continue
        page = document[number]
        text_page = page.get_textpage()
        for box in page_boxes:
            left, top = page.get_cropbox()[0], page.get_cropbox()[3]
            if page.get_rotation():
                continue
            middle = (box.y0 + box.y1) / 2
            found = text_page.get_text_bounded(
                left + box.x0 + 0.5, top - middle - 0.5, left + box.x1 - 0.5, top - middle + 0.5
            )
            if (
                found.strip()
                and box.secret.strip() in found
                and box.secret not in shown_text(box, style)
            ):
                failed.append(number)
    checks = []
    for number, (name, claim) in claims().items():
        if number == 1:
            status: Status = "failed" if failed else "passed"
            checks.append(
                Check(number, name, claim, status, len(failed), "", tuple(sorted(set(failed))[:50]))
            )
        else:
            checks.append(Check(number, name, claim, "not_applicable", 0, "not yet looked at"))
    return Certificate(
        verdict="failed" if failed else "verified",
        checks=tuple(checks),
        pages=pages,
        boxes=sum(len(found) for found in boxes.values()),
        sha256=hashlib.sha256(out_pdf.read_bytes()).hexdigest(),
        engines={
            "mupdf": pymupdf.mupdf_version,
            "pdfium": str(pypdfium2.PDFIUM_INFO),
            "qpdf": pikepdf.__libqpdf_version__,
        },
        seconds=round(time.perf_counter() - start, 3),
        against_original=original is not None,
    )
