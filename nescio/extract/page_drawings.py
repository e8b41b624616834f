"""Drawings on a page: signatures are hidden, outlined letters and barcodes are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pymupdf

from nescio.extract.drawings import (
    MOST_PATHS,
    drawn_on,
    paths_of,
    pixels_of,
    resolution_of,
    shows_letters,
)
from nescio.extract.page_flags import FLAG_BARCODE
from nescio.extract.page_text import PageText
from nescio.extract.pictures import MARGIN, PictureReader, Reading, Region, crop, whole
from nescio.extract.scans import POOR_LINE, UNWRITTEN, compared, letters_of, scan_of, words_of
from nescio.extract.stripes import barcodes_of
from nescio.extract.words import Box, Run, hull, word_of
from nescio.ocr import LABEL, ReadLine, stands_by
from nescio.tables import FACE, SIGNATURE

LABEL_WORDS: Final = 8
"""Words that the line of a label has at most; "they signed" in prose announces nothing."""
SIGNED_LINES: Final = 1
"""Lines that a signature is read as at most."""
SHORTEST: Final = 3
"""Letters and digits that outlines must be read as, and not all the same."""
PAD: Final = 1.0
"""Points that a pen is thick, at most, beside the middle of its strokes."""


def begin_drawings(
    found: PageText, page: pymupdf.Page, blocks: Sequence[dict[str, Any]], reader: PictureReader
) -> None:
    """Tell what a page draws beside rules; let ``reader`` begin to read outlined letters.

    Args:
        found: the page's words and pictures, as far as they are begun.
        page: the page.
        blocks: of MuPDF's ``rawdict`` with vectors.
        reader: of the document's pictures.
    """
    if any(not picture.region.margin for picture in found.pictures):
        return  # all of the page is read as a picture
    found.barcodes += barcodes_of(blocks)
    paths = [block for block in blocks if block["type"] == 3 and not block["isrect"]]
    if len(paths) > MOST_PATHS:
        if shows_letters(paths):
            region = whole(page)
            found.letters += filter(None, [reader.start_letters(crop(page, region), region)])
        return
    if not paths and page.parent.xref_get_key(page.xref, "Annots")[0] == "null":
        return
    drawn = drawn_on(paths_of(page), labels_of(found.shown_runs()))
    found.signatures += drawn.signatures
    for letters in drawn.letters:
        dpi = resolution_of(letters)
        region = Region(hull([path.box for path in letters]), dpi, MARGIN)
        found.letters += filter(None, [reader.start_letters(pixels_of(letters, dpi), region)])


def finish_drawings(found: PageText) -> None:
    """Add what outlined letters and barcodes say, and marks of signatures and faces, each apart."""
    if found.barcodes and FLAG_BARCODE not in found.flags:
        found.flags.append(FLAG_BARCODE)
    found.slanted += filter(None, map(words_of, found.barcodes))
    for pending in found.letters:
        sure = [line for line in pending.result().lines if _is_text(line)]
        runs = scan_of(sure, (found.width, found.height)).runs
        of_page = not pending.region.margin  # then it was rendered with its text
        found.slanted += compared(runs, found.shown_runs())[0] if of_page else runs
    found.letters.clear()
    for mark, boxes in ((SIGNATURE, found.signatures), (FACE, found.faces)):
        for x0, y0, x1, y1 in boxes:
            box = (x0 - PAD, y0 - PAD, x1 + PAD, y1 + PAD)
            found.slanted.append([word_of(mark, box, UNWRITTEN)])


def _is_text(line: ReadLine) -> bool:
    """Say whether outlines were read as text: dots of a chart are read as signs, here and there."""
    said = letters_of(line.text)
    return line.confidence >= POOR_LINE and len(said) >= SHORTEST and len(set(said)) > 1


def is_signature(reading: Reading, box: Box, labels: Sequence[Box]) -> bool:
    """Say whether a picture is a signature: beside a label, and hardly anything to read in it.

    Args:
        reading: of the picture.
        box: of the picture, in points of the page as shown.
        labels: on the same page.
    """
    lines = [line for line in reading.lines if line.confidence >= POOR_LINE]
    if len(lines) > SIGNED_LINES or reading.barcodes or reading.faces:
        return False
    return any(stands_by(box, label) for label in labels)


def labels_of(runs: Sequence[Run]) -> list[Box]:
    """Return boxes of the words that announce a signature."""
    return [
        hull([word.box for word in words])
        for run in runs
        if len(run) <= LABEL_WORDS
        for words in _announcing(run)
    ]


def _announcing(run: Run) -> Iterator[Run]:
    text = " ".join(word.text for word in run)
    starts = [0]
    for word in run:
        starts.append(starts[-1] + len(word.text) + 1)
    for match in LABEL.finditer(text):
        yield [
            word
            for word, start in zip(run, starts, strict=False)
            if start < match.end() and start + len(word.text) > match.start()
        ]
