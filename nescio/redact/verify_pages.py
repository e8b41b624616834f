"""Runs the checks of a verification that look at one page after the other."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

import pikepdf
import pymupdf
import pypdfium2

from nescio.redact.apply import read_text, unrotated
from nescio.redact.boxes import OFF_PAGE, Box
from nescio.redact.findings import Findings
from nescio.redact.places import final_places
from nescio.redact.prepare import open_prepared
from nescio.redact.secrets import SecretSearch, distinctive
from nescio.redact.verify_cover import check_cover
from nescio.redact.verify_ocr import OcrCheck, Reader
from nescio.redact.verify_pictures import (
    PicturePage,
    check_drawings,
    check_images,
    check_render,
)
from nescio.redact.verify_text import TextPage, check_text

SAMPLE: Final = 8
"""Pages without pictures that are compared as rendered, evenly spread over those with boxes."""


@dataclass(frozen=True)
class Job:
    """What one verification compares; the fields are :func:`nescio.redact.verify`'s arguments."""

    out_pdf: Path
    original: Path | None
    password: str | None
    boxes: dict[int, list[Box]]
    style: str
    kept: tuple[str, ...]
    pictures: frozenset[int]
    quantised: bool
    ocr: Reader | None
    decided: bool = True
    """Whether it is known what was to go: else pages cannot be compared with the original's."""

    @cached_property
    def sha256(self) -> str:
        """Digest of the output's bytes."""
        return hashlib.sha256(self.out_pdf.read_bytes()).hexdigest()

    @property
    def all_boxes(self) -> list[Box]:
        """The boxes of all pages, and secrets that stand on none."""
        return list(chain.from_iterable(self.boxes.values()))


@dataclass(frozen=True)
class _Open:
    """The files of one verification, each open in the engine that looks at it."""

    output: pymupdf.Document
    second: pypdfium2.PdfDocument
    file: pikepdf.Pdf
    original: pymupdf.Document | None


def check_pages(job: Job, findings: Findings) -> int:
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
            places = final_places(original, places, job.quantised)
        if not job.decided:
            files = replace(files, original=None)
        _check_page_range(job, files, places, range(count), findings)
        return count


def _check_page_range(
    job: Job,
    files: _Open,
    places: Mapping[int, list[Box]],
    numbers: Iterable[int],
    findings: Findings,
) -> None:
    search = SecretSearch(distinctive(chain.from_iterable(places.values()), job.kept))
    split = _mentions_on_several_pages(places)
    reading = OcrCheck(job.ocr, search, findings, job.sha256) if job.ocr and search else None
    pictured: list[int] = []
    for number in numbers:
        boxes = places.get(number, [])
        page = files.output[number]
        before = files.original[number] if files.original is not None else None
        compared = None if number in job.pictures else before
        source = None
        if before is not None:
            with unrotated(before):
                source = read_text(before)
        text = TextPage(number, page, files.second[number], compared, source, boxes, job.style)
        words = check_text(text, search, findings)
        picture = PicturePage(number, page, before, files.file, boxes)
        check_drawings(picture, words, findings)
        if boxes and before is not None and source is not None:
            check_cover(before, source, number, boxes, split, findings)
        if boxes and check_images(picture, findings):
            pictured.append(number)
        if reading is not None:
            reading.check(picture)
        pymupdf.TOOLS.store_shrink(100)  # long documents would fill MuPDF's cache
    for number in _to_render({*pictured, *job.pictures}, sorted(places.keys() - {OFF_PAGE})):
        before = files.original[number] if files.original is not None else None
        drawn = number in job.pictures
        picture = PicturePage(
            number, files.output[number], before, files.file, places.get(number, []), drawn
        )
        check_render(picture, files.second[number], number in pictured, findings)
        findings.coverage["pages_rendered"] += 1


def _mentions_on_several_pages(places: Mapping[int, list[Box]]) -> set[int]:
    pages: dict[int, set[int]] = defaultdict(set)
    for number, boxes in places.items():
        for box in boxes:
            pages[box.mention].add(number)
    return {mention for mention, numbers in pages.items() if len(numbers) > 1}


def _to_render(pictured: set[int], boxed: list[int]) -> list[int]:
    """Return the pages to compare as rendered: those with pictures and some of the others."""
    others = sorted(set(boxed) - pictured)
    step = max(len(others) // SAMPLE, 1)
    return sorted({*pictured, *others[::step][:SAMPLE]})
