"""Takes out of content streams the marks that can carry text beside what they show.

A property list in a content stream may hold the text that it marks, or any other string::

    /Span << /ActualText (Jane Doe) >> BDC  (J.D.) Tj  EMC

Without a structure tree and without layers no mark has a use, so all of them may go.
"""

from __future__ import annotations

import re
from typing import Any, Final

import pikepdf

MARKS: Final = frozenset({"BMC", "BDC", "EMC", "MP", "DP", "BX", "EX"})

_MARK: Final = re.compile(rb"\b(?:BDC|DP)\b")
_HARMLESS: Final = re.compile(
    rb"/[^\s()<>\[\]{}/%]+\s*(?:/[^\s()<>\[\]{}/%]+|<<[^()<>]*>>)\s*BDC\b"
)
"""A mark without any string in its property list."""


def strip_marks(stream: pikepdf.Stream) -> bool:
    """Remove the marks of a content stream that may carry text; say whether it was rewritten.

    Streams whose marks hold no string stay as they are: rewriting costs time.
    """
    data = stream.read_bytes()
    marks = len(_MARK.findall(data))
    if marks == 0 or marks == len(_HARMLESS.findall(data)):
        return False
    kept: list[Any] = [
        instruction
        for instruction in pikepdf.parse_content_stream(stream)
        if str(instruction.operator) not in MARKS
    ]
    stream.write(pikepdf.unparse_content_stream(kept))
    return True
