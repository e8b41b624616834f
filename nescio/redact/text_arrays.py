"""Rewrites text arrays so that MuPDF keeps every other glyph where it was.

MuPDF (2.0) loses the width of the first glyph it removes from inside a string of a TJ array, and
all that follows on the line moves to the left::

    [(Mrs. Doe was)] TJ       removes Doe, writes  [(Mrs. )-1080( was)] TJ   should be -1610
    (Mrs. Doe was) Tj         is written right

So before glyphs are removed, each array becomes what it stands for: strings shown one by one,
with arrays of numbers alone between them. MuPDF writes the contents in its own plain form first
(no comments, parentheses in strings escaped), which makes byte patterns safe and fast; streams
with inline images, whose bytes may look like anything, are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
import pymupdf

_SHOW: Final = pikepdf.Operator("Tj")
_MOVE: Final = pikepdf.Operator("TJ")

_STRING: Final = rb"\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]*+>"
_ARRAY: Final = re.compile(rb"\[((?:" + _STRING + rb"|[-+.\d\s])*+)\]\s*TJ\b", re.DOTALL)
_ELEMENT: Final = re.compile(rb"(" + _STRING + rb")|([-+.\d]+)", re.DOTALL)
_INLINE_IMAGE: Final = re.compile(rb"\bID\b")


def split_text_arrays(page: pymupdf.Page) -> None:
    """Rewrite the text arrays of a page's contents and of the forms that it shows."""
    document = page.parent
    page.clean_contents(sanitize=False)
    xrefs = [*page.get_contents(), *(item[0] for item in page.get_xobjects())]
    for xref in dict.fromkeys(xrefs):
        data = document.xref_stream(xref)
        if data and b"TJ" in data:
            split = _parsed if _INLINE_IMAGE.search(data) else _replaced
            document.update_stream(xref, split(data), compress=False)


def _replaced(data: bytes) -> bytes:
    def split(array: re.Match[bytes]) -> bytes:
        return b" ".join(
            string + b" Tj" if string else b"[" + number + b"] TJ"
            for string, number in _ELEMENT.findall(array[1])
        )

    return _ARRAY.sub(split, data)


def _parsed(data: bytes) -> bytes:
    with pikepdf.new() as scratch:
        instructions: list[Any] = list(_instructions(pikepdf.Stream(scratch, data)))
        return pikepdf.unparse_content_stream(instructions)


def _instructions(stream: pikepdf.Stream) -> Iterator[Any]:
    for instruction in pikepdf.parse_content_stream(stream):
        if str(instruction.operator) != "TJ":
            yield instruction
            continue
        for element in instruction.operands[0]:
            if isinstance(element, pikepdf.String):
                yield pikepdf.ContentStreamInstruction([element], _SHOW)
            else:
                yield pikepdf.ContentStreamInstruction([pikepdf.Array([element])], _MOVE)
