"""Carries boxes over a picture to every other place where the same picture is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pymupdf

from nescio.redact.apply import images_of, unrotated
from nescio.redact.boxes import OFF_PAGE, Box
from nescio.redact.glyphs import corners, overlap

Places = Mapping[int, list[Box]]


def spread(document: pymupdf.Document, places: Places) -> dict[int, list[Box]]:
    """Return ``places`` with boxes added where pages share a picture that a box touches.

    A letterhead, a stamp or a scan may be stored once and drawn on many pages, whole or
    cropped. What is cleared in one place but not in another could be taken from there.

    Args:
        document: the document, flattened.
        places: page -> boxes.
    """
    pages_of: dict[int, set[int]] = defaultdict(set)
    for number in range(document.page_count):
        for image in document.get_page_images(number):
            pages_of[image[0]].add(number)
    shared = {xref for xref, pages in pages_of.items() if len(pages) > 1}
    result = {number: list(boxes) for number, boxes in places.items()}
    if not shared:
        return result
    used = {page for xref in shared for page in pages_of[xref]}
    sources = {page for page in used if places.get(page) and page != OFF_PAGE}
    if not sources:
        return result
    uses = {page: _uses(document[page], shared) for page in sorted(used)}
    for source in sorted(sources):
        for xref, bounds, matrix in uses[source]:
            touching = [box for box in places[source] if overlap(box.rect, bounds)]
            targets = [
                (page, other)
                for page in pages_of[xref]
                for number, _, other in uses[page]
                if number == xref and (page, other) != (source, matrix)
            ]
            for page, other in targets:
                result.setdefault(page, []).extend(_moved(box, ~matrix * other) for box in touching)
    return result


def _uses(page: pymupdf.Page, shared: set[int]) -> list[tuple[int, Any, pymupdf.Matrix]]:
    """Return number, bounding box and matrix of shared pictures, on the page as shown."""
    with unrotated(page) as to_unrotated:
        shown = ~to_unrotated
        return [
            (
                image["xref"],
                corners(pymupdf.Rect(image["bbox"]) * shown),
                pymupdf.Matrix(*image["transform"]) * shown,
            )
            for image in images_of(page, xrefs=True)
            if image["xref"] in shared
        ]


def _moved(box: Box, matrix: pymupdf.Matrix) -> Box:
    """Return a box where the picture under it is drawn another time; it hides, it says nothing."""
    x0, y0, x1, y1 = pymupdf.Rect(box.rect) * matrix
    return replace(box, x0=x0, y0=y0, x1=x1, y1=y1, replacement="", secret="", leading=False)
