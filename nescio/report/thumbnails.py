"""Small pictures of redacted pages, for the report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import pyarrow as pa

from nescio import tables

PAGES_SHOWN: Final = 6
WIDTH: Final = 260
"""Pixels; two stand side by side in the 430 pixels that the KFP UI gives a report."""
QUALITY: Final = 55


def thumbnails(pdf: Path, doc: str, redactions: pa.Table) -> pa.Table:
    """Draw the pages of a redacted PDF that have most boxes, at most six.

    Args:
        pdf: the redacted, verified file.
        doc: the document's opaque id.
        redactions: REDACTIONS of the document.

    Returns:
        THUMBNAILS in page order.
    """
    import pymupdf  # here: release imports this package, too, and draws nothing

    boxes = Counter(redactions["page"].to_pylist())
    rows = []
    with pymupdf.open(pdf) as document:
        ranked = sorted(range(len(document)), key=lambda page: (-boxes[page], page))
        for number in sorted(ranked[:PAGES_SHOWN]):
            page = document[number]
            scale = WIDTH / page.rect.width
            pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
            jpeg = pixmap.tobytes("jpeg", jpg_quality=QUALITY)
            rows.append({"doc": doc, "page": number, "jpeg": jpeg, "boxes": boxes[number]})
    return tables.from_rows("thumbnails", rows)
