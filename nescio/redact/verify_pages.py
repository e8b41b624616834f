"""Runs the checks of a verification that look at one page after the other."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Final

import pikepdf
import pymupdf
import pypdfium2

from nescio.isolation import beside
from nescio.redact.apply import read_text, unrotated
from nescio.redact.boxes import OFF_PAGE, Box
from nescio.redact.cache import Cache
from nescio.redact.findings import Findings
from nescio.redact.places import final_places
from nescio.redact.prepare import open_prepared
from nescio.redact.ranges import page_ranges
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

LEAST_PAGES: Final = 8
"""Pages for which it is worth while to copy the process and open the files again."""


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
    prepared: pymupdf.Document | None
    """The original."""
    original: pymupdf.Document | None
    """The original where its pages can be compared with the output's."""
    places: Mapping[int, list[Box]]


def check_pages(job: Job, findings: Findings) -> int:
    """Run the checks that look at one page after the other; returns the number of pages.

    Each core gets a range of pages, and files of its own, where the process can be copied.
    """
    second = pypdfium2.PdfDocument(job.out_pdf)
    count = len(second)
    second.close()
    own, *others = page_ranges(count, LEAST_PAGES)
    with ExitStack() as stack:
        waiting = [stack.enter_context(beside(partial(_check_range, job, part))) for part in others]
        files = stack.enter_context(_opened(job))
        findings.judge(32, files.output.page_count == count and not files.output.is_repaired)
        if files.prepared is not None:
            findings.judge(32, files.prepared.page_count == count)
        pictured = _check_pages_of(job, files, own, findings)
        for result in waiting:
            more, also_pictured = result()
            findings.merge(more)
            pictured |= also_pictured
        done = pictured | job.pictures
        for number in _sample(sorted(files.places.keys() - done - {OFF_PAGE})):
            _check_render(job, files, number, pictured, findings)
    return count


def _check_range(job: Job, numbers: range) -> tuple[Findings, set[int]]:
    """Check a range of pages; returns what was found, and the pages with pictures under boxes."""
    findings = Findings()
    with _opened(job) as files:
        return findings, _check_pages_of(job, files, numbers, findings)


@contextmanager
def _opened(job: Job) -> Iterator[_Open]:
    """Open the files in this process: copies of a process would share where it reads."""
    with ExitStack() as stack:
        second = pypdfium2.PdfDocument(job.out_pdf)
        stack.callback(second.close)
        prepared, places = None, job.boxes
        if job.original is not None:
            prepared = stack.enter_context(open_prepared(job.original, job.password))
            places = final_places(prepared, places, job.quantised)
        yield _Open(
            stack.enter_context(pymupdf.open(job.out_pdf)),
            second,
            stack.enter_context(pikepdf.open(job.out_pdf)),
            prepared,
            prepared if job.decided else None,
            places,
        )


def _check_pages_of(job: Job, files: _Open, numbers: Iterable[int], findings: Findings) -> set[int]:
    """Check these pages; returns those with pictures under boxes."""
    search = SecretSearch(distinctive(chain.from_iterable(files.places.values()), job.kept))
    split = _mentions_on_several_pages(files.places)
    reading = OcrCheck(job.ocr, search, findings, job.sha256) if job.ocr and search else None
    pictured: set[int] = set()
    cache = Cache()
    for number in numbers:
        boxes = files.places.get(number, [])
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
            reader = job.ocr if number in job.pictures else None
            check_cover(before, source, number, boxes, split, findings, reader)
        if boxes and check_images(picture, findings):
            pictured.add(number)
        if reading is not None:
            reading.check(picture)
        if number in pictured or number in job.pictures:
            _check_render(job, files, number, pictured, findings)
        for used in (page, before):
            if used is not None:
                cache.used_by(used)
    return pictured


def _check_render(
    job: Job, files: _Open, number: int, pictured: Container[int], findings: Findings
) -> None:
    boxes = files.places.get(number, [])
    before = files.original[number] if files.original is not None else None
    drawn = number in job.pictures
    picture = PicturePage(number, files.output[number], before, files.file, boxes, drawn)
    check_render(picture, files.second[number], number in pictured, findings)
    findings.coverage["pages_rendered"] += 1


def _mentions_on_several_pages(places: Mapping[int, list[Box]]) -> set[int]:
    pages: dict[int, set[int]] = defaultdict(set)
    for number, boxes in places.items():
        for box in boxes:
            pages[box.mention].add(number)
    return {mention for mention, numbers in pages.items() if len(numbers) > 1}


def _sample(others: Sequence[int]) -> Sequence[int]:
    """Return some of the pages that no picture check has looked at, evenly spread."""
    return others[:: max(len(others) // SAMPLE, 1)][:SAMPLE]
