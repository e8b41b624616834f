"""Pictures on a page: what they say joins its words, what a person must see is flagged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pymupdf

from nescio.extract.fonts import FontCheck
from nescio.extract.page_drawings import finish_drawings, is_signature, labels_of
from nescio.extract.page_flags import (
    FLAG_BARCODE,
    FLAG_FACE,
    FLAG_NO_TEXT,
    FLAG_SIGNATURE,
    FLAG_UNREADABLE,
    FLAG_UNSURE,
)
from nescio.extract.page_text import PageText
from nescio.extract.pictures import PictureReader, Reading, has_ink, regions_of, whole
from nescio.extract.scans import compared, scan_of, words_of
from nescio.extract.words import Box, Word


def begin_pictures(
    found: PageText, page: pymupdf.Page, reader: PictureReader, fonts: FontCheck
) -> None:
    """Let ``reader`` begin to read what a page shows beside its text layer, or unlike it."""
    runs = found.shown_runs()
    regions = regions_of(page) if runs else [whole(page)] if has_ink(page) else []
    found.is_wrong = fonts.is_wrong(page, runs)
    if found.is_wrong:
        regions = [whole(page)]
    found.is_pictured = bool(regions)
    found.pictures += filter(None, (reader.start(page, region) for region in regions))


def finish_page(found: PageText) -> None:
    """Add what OCR reads where the text layer has nothing, or not that; flag what it cannot."""
    if found.is_pictured:
        _finish_pictures(found)
    finish_drawings(found)


def _finish_pictures(found: PageText) -> None:
    texts = found.shown_runs()
    readings = list(_readings(found, labels_of(texts)))
    lines = [line for reading in readings for line in reading.lines]
    codes = [code for reading in readings for code in reading.barcodes]
    scan = scan_of(lines, (found.width, found.height))
    if found.is_wrong:
        new, wrong = scan.runs, [word for run in texts for word in run]
        found.flags.append(FLAG_UNREADABLE)
    else:
        new, wrong = compared(scan.runs, texts)
    _hide(found, wrong)
    found.runs += new
    found.slanted += filter(None, map(words_of, codes))
    found.confidence = scan.confidence
    if not texts and not scan.legible:
        found.flags.insert(0, FLAG_NO_TEXT)
    elif scan.poor or any(reading.unread for reading in readings):
        found.flags.append(FLAG_UNSURE)
    if codes:
        found.flags.append(FLAG_BARCODE)
    faces = [box for reading in readings for box in reading.faces]
    if faces:
        found.flags.append(FLAG_FACE)
    signatures = [box for reading in readings for box in reading.signatures]
    if signatures:
        found.flags.append(FLAG_SIGNATURE)
    found.faces += faces
    found.signatures += signatures


def _readings(found: PageText, labels: Sequence[Box]) -> Iterator[Reading]:
    """Yield what the pictures of a page say; those that are signatures are noted instead."""
    for picture in found.pictures:
        reading, box = picture.result(), picture.region.box
        if picture.region.margin and is_signature(reading, box, labels):
            found.signatures.append(box)
        else:
            yield reading
    found.pictures.clear()


def _hide(found: PageText, words: Iterable[Word]) -> None:
    """Call words hidden: what stands in their place on the page is something else."""
    for word in words:
        word.origin = "hidden"
        found.hidden.append([word])
    for runs in (found.runs, found.slanted):
        runs[:] = filter(None, ([word for word in run if word.origin != "hidden"] for run in runs))
