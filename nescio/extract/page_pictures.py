"""Pictures on a page: what they say joins its words, what a person must see is flagged."""

from __future__ import annotations

from collections.abc import Iterable

import pymupdf

from nescio.extract.page_flags import (
    FLAG_BARCODE,
    FLAG_FACE,
    FLAG_NO_TEXT,
    FLAG_SIGNATURE,
    FLAG_UNSURE,
)
from nescio.extract.page_text import PageText
from nescio.extract.pictures import PictureReader, has_ink, regions_of, whole
from nescio.extract.scans import compared, scan_of, words_of
from nescio.extract.words import Word


def begin_pictures(found: PageText, page: pymupdf.Page, reader: PictureReader) -> None:
    """Let ``reader`` begin to read what a page shows beside its text layer."""
    regions = regions_of(page) if found.shown_runs() else [whole(page)] if has_ink(page) else []
    found.is_pictured = bool(regions)
    found.pictures += filter(None, (reader.start(page, region) for region in regions))


def finish_page(found: PageText) -> None:
    """Add what OCR reads where the text layer has nothing, or not that; flag what it cannot."""
    if not found.is_pictured:
        return
    texts = found.shown_runs()
    readings = [picture.result() for picture in found.pictures]
    found.pictures.clear()
    lines = [line for reading in readings for line in reading.lines]
    codes = [code for reading in readings for code in reading.barcodes]
    scan = scan_of(lines, (found.width, found.height))
    new, wrong = compared(scan.runs, texts)
    _hide(found, wrong)
    found.runs += new
    found.slanted += filter(None, map(words_of, codes))
    found.confidence = scan.confidence
    if not texts and not scan.legible:
        found.flags.insert(0, FLAG_NO_TEXT)
    elif scan.poor:
        found.flags.append(FLAG_UNSURE)
    if codes:
        found.flags.append(FLAG_BARCODE)
    if any(reading.face for reading in readings):
        found.flags.append(FLAG_FACE)
    if any(reading.signature for reading in readings):
        found.flags.append(FLAG_SIGNATURE)


def _hide(found: PageText, words: Iterable[Word]) -> None:
    """Call words hidden: what stands in their place on the page is something else."""
    for word in words:
        word.origin = "hidden"
        found.hidden.append([word])
    for runs in (found.runs, found.slanted):
        runs[:] = filter(None, ([word for word in run if word.origin != "hidden"] for run in runs))
