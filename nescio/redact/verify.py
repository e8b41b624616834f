"""Proves, with a second engine and without trusting the redactor, that nothing remained."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pikepdf
import pyarrow as pa
import pymupdf
import pypdfium2

from nescio.redact.boxes import OFF_PAGE, Box, by_page
from nescio.redact.certificate import Certificate
from nescio.redact.findings import Findings
from nescio.redact.prepare import open_prepared
from nescio.redact.secrets import SecretSearch, core, distinctive
from nescio.redact.shared_images import spread
from nescio.redact.verify_objects import check_objects
from nescio.redact.verify_pictures import PicturePage, check_drawings, check_images, check_render
from nescio.redact.verify_text import TextPage, check_text

Detector = Callable[[Path], int]
"""Runs detection on a file and returns how many mentions were not decided to stand there."""

SAMPLE: Final = 8
"""Pages without pictures that are compared as rendered, evenly spread over those with boxes."""

MOST_RENDERED: Final = 40
"""Pages that are compared as rendered at most."""


@dataclass(frozen=True)
class _Job:
    """What one verification compares."""

    out_pdf: Path
    original: Path | None
    password: str | None
    boxes: dict[int, list[Box]]
    style: str
    kept: tuple[str, ...]
    pictures: frozenset[int]


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
) -> Certificate:
    """Check one output file and certify what was found.

    Args:
        out_pdf: the file to check; any tool may have written it.
        original: the file it was made from, for the checks that compare.
        redactions: REDACTIONS of this document: where what should be gone.
        password: of the original.
        style: how removals look, which decides the text that may stand in a box.
        kept: texts that the policy decided to keep, which are therefore no secrets.
        pictures: pages that were turned into pictures on purpose: their words are gone.
        detector: runs detection on the output (check 33); left out, the check does not apply.

    Raises:
        RefusedError: the output or the original cannot be opened.
    """
    start = time.perf_counter()
    job = _Job(out_pdf, original, password, by_page(redactions), style, tuple(kept), pictures)
    findings = Findings()
    everything = [box for boxes in job.boxes.values() for box in boxes]
    check_objects(out_pdf, distinctive(everything, job.kept), everything, findings)
    pages = _check_pages(job, findings)
    if detector is not None:
        found = detector(out_pdf)
        findings.look(33)
        if found:
            findings.fail(33, count=found)
    findings.judge(27, not _names_a_secret(out_pdf, everything))
    rows = findings.rows()
    return Certificate(
        verdict="failed" if any(row.status == "failed" for row in rows) else "verified",
        checks=rows,
        pages=pages,
        boxes=sum(len(boxes) for number, boxes in job.boxes.items() if number != OFF_PAGE),
        sha256=hashlib.sha256(out_pdf.read_bytes()).hexdigest(),
        engines={
            "mupdf": pymupdf.mupdf_version,
            "pdfium": str(pypdfium2.PDFIUM_INFO),
            "qpdf": pikepdf.__libqpdf_version__,
        },
        seconds=round(time.perf_counter() - start, 3),
        against_original=original is not None,
    )


def _check_pages(job: _Job, findings: Findings) -> int:
    """Run the checks that look at one page after the other; returns the number of pages."""
    with ExitStack() as stack:
        output = stack.enter_context(pymupdf.open(job.out_pdf))
        second = pypdfium2.PdfDocument(job.out_pdf)
        stack.callback(second.close)
        file = stack.enter_context(pikepdf.open(job.out_pdf))
        original = None
        if job.original is not None:
            original = stack.enter_context(open_prepared(job.original, job.password))
            findings.judge(32, original.page_count == output.page_count)
        findings.judge(32, len(second) == output.page_count and not output.is_repaired)
        places = spread(original, job.boxes) if original is not None else job.boxes
        everything = [box for boxes in places.values() for box in boxes]
        search = SecretSearch(distinctive(everything, job.kept))
        pictured: list[int] = []
        for number in range(output.page_count):
            boxes = places.get(number, [])
            before = original[number] if original is not None else None
            page = output[number]
            compared = None if number in job.pictures else before
            check_text(
                TextPage(number, page, second[number], compared, boxes, job.style),
                search,
                findings,
            )
            item = PicturePage(number, page, before, file, boxes)
            check_drawings(item, findings)
            if boxes and check_images(item, findings):
                pictured.append(number)
        for number in _to_render(pictured, sorted(places.keys() - {OFF_PAGE})):
            before = original[number] if original is not None else None
            check_render(
                PicturePage(number, output[number], before, file, places[number]), findings
            )
        return int(output.page_count)


def _to_render(pictured: list[int], boxed: list[int]) -> list[int]:
    """Return the pages to compare as rendered: those with pictures and some of the others."""
    others = sorted(set(boxed) - set(pictured))
    step = max(len(others) // SAMPLE, 1)
    chosen = {*pictured[:MOST_RENDERED], *others[::step][:SAMPLE]}
    return sorted(chosen)


def _names_a_secret(pdf: Path, boxes: Iterable[Box]) -> bool:
    name = core(pdf.stem)
    return any(secret.core in name for secret in distinctive(boxes))
