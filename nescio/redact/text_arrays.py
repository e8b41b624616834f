"""Rewrites text arrays so that MuPDF keeps every other glyph where it was.

MuPDF (2.0) loses the width of the first glyph it removes from inside a string of a TJ array, and
all that follows on the line moves to the left::

    [(Mrs. Doe was)] TJ       removes Doe, writes  [(Mrs. )-1080( was)] TJ   should be -1610
    (Mrs. Doe was) Tj         is written right

So before glyphs are removed, each array becomes what it stands for: strings shown one by one,
with arrays of numbers alone between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pikepdf
import pymupdf

_SHOW: Final = pikepdf.Operator("Tj")
_MOVE: Final = pikepdf.Operator("TJ")


def split_text_arrays(page: pymupdf.Page) -> None:
    """Rewrite the text arrays of a page's contents and of the forms that it shows."""
    document = page.parent
    page.clean_contents(sanitize=False)
    xrefs = [*page.get_contents(), *(item[0] for item in page.get_xobjects())]
    with pikepdf.new() as scratch:
        for xref in dict.fromkeys(xrefs):
            data = document.xref_stream(xref)
            if data and b"TJ" in data:
                stream = pikepdf.Stream(scratch, data)
                instructions: list[Any] = list(_rewritten(stream))
                document.update_stream(xref, pikepdf.unparse_content_stream(instructions))


def _rewritten(stream: pikepdf.Stream) -> Iterator[Any]:
    for instruction in pikepdf.parse_content_stream(stream):
        if str(instruction.operator) != "TJ":
            yield instruction
            continue
        for element in instruction.operands[0]:
            if isinstance(element, pikepdf.String):
                yield pikepdf.ContentStreamInstruction([element], _SHOW)
            else:
                yield pikepdf.ContentStreamInstruction([pikepdf.Array([element])], _MOVE)
