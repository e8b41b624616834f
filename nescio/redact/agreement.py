"""Compares what two engines read on each page: text that only one sees is hidden somewhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import pymupdf
import pypdfium2

from nescio.redact import second_engine
from nescio.redact.glyphs import FLAGS
from nescio.redact.secrets import core

TOLERATED: Final = 0.02
"""Share of letters and digits in which engines differ without harm: odd encodings, overprinting."""


def pages_read_alike(pdf: Path) -> list[bool]:
    """Return, for each page, whether MuPDF and PDFium read the same letters and digits on it."""
    second = pypdfium2.PdfDocument(pdf)
    try:
        with pymupdf.open(pdf) as document:
            return [
                _are_alike(
                    page.get_text(flags=FLAGS, clip=pymupdf.INFINITE_RECT()),
                    second_engine.page_text(second[page.number]),
                )
                for page in document
            ]
    finally:
        second.close()


def _are_alike(a: str, b: str) -> bool:
    """Compare without order, which engines choose differently."""
    first, second = Counter(core(a)), Counter(core(b))
    differing = sum(((first - second) + (second - first)).values())
    return differing <= TOLERATED * max(first.total(), second.total())
