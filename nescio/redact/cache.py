"""Keeps MuPDF's cache small, and yet warm: a font that every page uses is loaded once for many."""

from __future__ import annotations

from typing import Final

import pymupdf

PAGES: Final = 32
"""Pages after which the cache is emptied: long documents would fill it."""

PIXELS: Final = 8_000_000
"""Pixels of pictures after which it is emptied before that: some 8 MB of grey, 32 MB of CMYK."""


class Cache:
    """Counts what pages have put into the cache of this process."""

    def __init__(self) -> None:
        self._pages = self._pixels = 0

    def used_by(self, page: pymupdf.Page) -> None:
        """Note that a page was read; empties the cache when it is time."""
        self._pages += 1
        self._pixels += sum(image[2] * image[3] for image in page.get_images())
        if self._pages >= PAGES or self._pixels >= PIXELS:
            self.empty()

    def empty(self) -> None:
        """Empty the cache."""
        pymupdf.TOOLS.store_shrink(100)
        self._pages = self._pixels = 0
