"""Proves, with a second engine and without trusting the redactor, that nothing remained."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pikepdf
import pyarrow as pa
import pymupdf
import pypdfium2

from nescio.errors import RefusedError
from nescio.isolation import beside, has_one_thread
from nescio.redact.agreement import pages_read_alike
from nescio.redact.boxes import OFF_PAGE, Box, BoxWidth, by_page
from nescio.redact.certificate import Certificate
from nescio.redact.findings import Findings
from nescio.redact.secrets import core, distinctive
from nescio.redact.verify_fonts import check_fonts
from nescio.redact.verify_objects import check_objects
from nescio.redact.verify_ocr import Reader
from nescio.redact.verify_pages import Job, check_pages

NEED_DECISIONS: Final = (1, 3, 4, 5, 6, 7, 8, 9, 19, 20, 23, 24, 26, 27, 29, 30, 31)
"""Checks that look under boxes or for secrets: without decisions they do not apply."""

PARTLY: Final = (11, 12, 16, 17)
"""Checks that look for forbidden objects and for secrets: without decisions half of each."""

Detector = Callable[[Path], Sequence[int]]
"""Runs detection on a file; returns the page (-1 for none) of each undecided mention."""


def verify(
    out_pdf: Path,
    original: Path | None = None,
    redactions: pa.Table | None = None,
    *,
    password: str | None = None,
    style: str = "box",
    kept: Iterable[str] = (),
    detector: Detector | None = None,
    pictures: frozenset[int] = frozenset(),
    boxes: BoxWidth = "tight",
    web_links: bool = False,
    ocr: Reader | None = None,
    open_flags: Sequence[int] | None = None,
) -> Certificate:
    """Check one output file and certify what was found.

    Args:
        out_pdf: the file to check; any tool may have written it.
        original: the file it was made from, for the checks that compare.
        redactions: REDACTIONS of this document: where what should be gone. Without them only
            what needs no secrets is checked, and the notes say what was left out.
        password: of the original.
        style: how removals look, which decides the text that may stand in a box.
        kept: texts that the policy decided to keep, which are therefore no secrets.
        pictures: pages that were turned into pictures on purpose: their words are gone.
        boxes: whether the boxes of ``redactions`` were widened (``quantised``).
        web_links: clean links to the web were kept on purpose.
        ocr: reads a grey or RGB picture; pages with pictures, and some without, are then read
            as rendered and searched for distinctive secrets.
        open_flags: pages that still wait for a person (barcode, face, handwriting).
        detector: runs detection on the output (check 33); left out, the check does not apply.

    Raises:
        RefusedError: the output or the original cannot be opened.
    """
    start = time.perf_counter()
    job = Job(
        out_pdf,
        original,
        password,
        by_page(redactions),
        style,
        tuple(kept),
        pictures,
        boxes == "quantised",
        ocr,
        redactions is not None,
    )
    findings = Findings()
    job.sha256  # noqa: B018 (once, before the process is copied)
    with _readable(), _detecting(detector, out_pdf) as found:
        secrets = distinctive(job.all_boxes, job.kept)
        check_objects(out_pdf, secrets, job.all_boxes, findings, web_links)
        pages = check_pages(job, findings)
        check_fonts(out_pdf, job.all_boxes, findings.shown, findings)
        alike = [] if job.decided else pages_read_alike(out_pdf)
        if detector is not None:
            findings.at(33, found())
    if open_flags is not None:
        findings.at(28, open_flags)
    if job.quantised:
        findings.look(8)
    if job.decided:
        findings.notes[8] = f"boxes are {boxes}"
        findings.judge(27, not _names_a_secret(out_pdf, job.all_boxes))
    if not job.decided:
        same = f"two engines read the same text on {sum(alike)} of {len(alike)} pages"
        findings.notes[32] = same
    _note_what_was_left_out(job, detector, findings)
    return _certificate(job, findings, pages, time.perf_counter() - start)


@contextmanager
def _detecting(detector: Detector | None, pdf: Path) -> Iterator[Callable[[], Sequence[int]]]:
    """Run the detector beside the checks, if there is one, where the process can be copied."""
    if detector is None:
        yield tuple
    elif not has_one_thread():
        yield partial(detector, pdf)
    else:
        with beside(partial(detector, pdf)) as found:
            yield found


@contextmanager
def _readable() -> Iterator[None]:
    """Turn an engine's refusal to open the file into one error without its message."""
    try:
        yield
    except (pikepdf.PdfError, pypdfium2.PdfiumError, pymupdf.FileDataError) as error:
        raise RefusedError(
            "an engine of the verifier cannot open the file.",
            "It must be a whole PDF without password.",
            reason="damaged",
        ) from error


def _note_what_was_left_out(job: Job, detector: Detector | None, findings: Findings) -> None:
    if not job.decided:
        findings.notes |= dict.fromkeys(NEED_DECISIONS, "it is not known what was to go")
        findings.notes |= dict.fromkeys(PARTLY, "objects only: it is not known what was to go")
    if job.original is None:
        findings.notes[30] = findings.notes[31] = "no original to compare with"
    if job.ocr is None or not job.decided:
        findings.notes[18] = "pictures were not read"
    if detector is None:
        findings.notes[33] = "no detector was run"


def _certificate(job: Job, findings: Findings, pages: int, seconds: float) -> Certificate:
    rows = findings.rows()
    return Certificate(
        verdict="failed" if any(row.status == "failed" for row in rows) else "verified",
        checks=rows,
        pages=pages,
        boxes=sum(len(boxes) for number, boxes in job.boxes.items() if number != OFF_PAGE),
        sha256=job.sha256,
        engines={
            "mupdf": pymupdf.mupdf_version,
            "pdfium": str(pypdfium2.PDFIUM_INFO),
            "qpdf": pikepdf.__libqpdf_version__,
        },
        seconds=round(seconds, 3),
        against_original=job.original is not None,
        coverage=findings.covered(),
        pictures=tuple(sorted(job.pictures)),
    )


def _names_a_secret(pdf: Path, boxes: Iterable[Box]) -> bool:
    name = core(pdf.stem)
    return any(secret.core in name for secret in distinctive(boxes))
