"""What one page holds, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass, field

from nescio.extract.pictures import Pending
from nescio.extract.words import Box, Rules, Run
from nescio.ocr import Barcode


@dataclass(slots=True)
class PageText:
    """What a page holds. All coordinates are those of the page as shown, in points.

    ``is_pictured`` says that pictures are part of what it says, ``pictures`` which are being read.
    ``letters`` are outlines of letters that are being read, ``signatures`` boxes around strokes of
    a pen, ``faces`` around heads, ``barcodes`` those drawn with lines. ``is_wrong`` says that its
    text layer tells other characters than it shows.
    """

    number: int
    width: float
    height: float
    rotation: int
    images: int
    runs: list[Run] = field(default_factory=list)
    slanted: list[Run] = field(default_factory=list)
    hidden: list[Run] = field(default_factory=list)
    rules: Rules = field(default_factory=lambda: Rules([], []))
    flags: list[str] = field(default_factory=list)
    confidence: float = 1.0
    is_pictured: bool = False
    is_wrong: bool = False
    pictures: list[Pending] = field(default_factory=list)
    letters: list[Pending] = field(default_factory=list)
    signatures: list[Box] = field(default_factory=list)
    faces: list[Box] = field(default_factory=list)
    barcodes: list[Barcode] = field(default_factory=list)

    def shown_runs(self) -> list[Run]:
        """Return the lines of which a viewer shows at least a word."""
        return [
            run
            for run in (*self.runs, *self.slanted)
            if any(word.origin != "hidden" for word in run)
        ]
