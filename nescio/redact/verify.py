"""Proves, with a second engine and without trusting the redactor, that nothing remained."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
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
from nescio.redact.verify_cover import check_cover
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


@dataclass(frozen=True)
class _Open:
    """The files of one verification, each open in the engine that looks at it."""

    output: pymupdf.Document
    second: pypdfium2.PdfDocument
    file: pikepdf.Pdf
    original: pymupdf.Document | None


def _check_pages(job: _Job, findings: Findings) -> int:
    """Run the checks that look at one page after the other; returns the number of pages."""
    with ExitStack() as stack:
        second = pypdfium2.PdfDocument(job.out_pdf)
        stack.callback(second.close)
        original = None
        if job.original is not None:
            original = stack.enter_context(open_prepared(job.original, job.password))
        files = _Open(
            stack.enter_context(pymupdf.open(job.out_pdf)),
            second,
            stack.enter_context(pikepdf.open(job.out_pdf)),
            original,
        )
        count = int(files.output.page_count)
        findings.judge(32, len(second) == count and not files.output.is_repaired)
        places = job.boxes
        if original is not None:
            findings.judge(32, original.page_count == count)
            places = spread(original, places)
        _check_page_range(job, files, places, range(count), findings)
        return count


def _check_page_range(
    job: _Job,
    files: _Open,
    places: Mapping[int, list[Box]],
    numbers: Iterable[int],
    findings: Findings,
) -> None:
    search = SecretSearch(distinctive(chain.from_iterable(places.values()), job.kept))
    split = _mentions_on_several_pages(places)
    pictured: list[int] = []
    for number in numbers:
        boxes = places.get(number, [])
        page = files.output[number]
        before = files.original[number] if files.original is not None else None
        compared = None if number in job.pictures else before
        text = TextPage(number, page, files.second[number], compared, boxes, job.style)
        check_text(text, search, findings)
        picture = PicturePage(number, page, before, files.file, boxes)
        check_drawings(picture, findings)
        if boxes and before is not None:
            check_cover(before, number, boxes, split, findings)
        if boxes and check_images(picture, findings):
            pictured.append(number)
        pymupdf.TOOLS.store_shrink(100)  # long documents would fill MuPDF's cache
    for number in _to_render(pictured, sorted(places.keys() - {OFF_PAGE})):
        before = files.original[number] if files.original is not None else None
        picture = PicturePage(number, files.output[number], before, files.file, places[number])
        check_render(picture, files.second[number], number in pictured, findings)


def _mentions_on_several_pages(places: Mapping[int, list[Box]]) -> set[int]:
    pages: dict[int, set[int]] = defaultdict(set)
    for number, boxes in places.items():
        for box in boxes:
            pages[box.mention].add(number)
    return {mention for mention, numbers in pages.items() if len(numbers) > 1}


def _to_render(pictured: list[int], boxed: list[int]) -> list[int]:
    """Return the pages to compare as rendered: those with pictures and some of the others."""
    others = sorted(set(boxed) - set(pictured))
    step = max(len(others) // SAMPLE, 1)
    return sorted({*pictured[:MOST_RENDERED], *others[::step][:SAMPLE]})


def _names_a_secret(pdf: Path, boxes: Iterable[Box]) -> bool:
    name = core(pdf.stem)
    return any(secret.core in name for secret in distinctive(boxes))
