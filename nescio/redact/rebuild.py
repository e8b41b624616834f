"""Rebuilds a PDF by allow-list into a fresh file: pages, what they need to show, no more."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pikepdf

PAGE_KEYS: Final = frozenset(
    ["/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"]
)


def rebuild(source: Path, out: Path) -> None:
    """Write the pages of ``source`` into a fresh PDF at ``out``.

    Raises:
        pikepdf.PdfError: the source cannot be read.
    """
    with pikepdf.open(source) as old, pikepdf.new() as new:
        for page in old.pages:
            for key in list(page.obj.keys()):
                if key not in PAGE_KEYS and key != "/Parent":
                    del page.obj[key]
            new.pages.append(page)
        new.docinfo["/Producer"] = "Nescio"
        new.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=False,
            fix_metadata_version=False,
        )
