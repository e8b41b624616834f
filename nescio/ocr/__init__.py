"""Reading pictures of text: pixels in, lines of characters with their places out."""

from nescio.ocr.engine import ReadCharacter, ReadLine, read_line, read_lines, read_text
from nescio.ocr.marks import Barcode, barcodes_in, faces_in
from nescio.ocr.signatures import LABEL, signatures_in, stands_by
from nescio.ocr.unread import shows_unread

__all__ = [
    "LABEL",
    "Barcode",
    "ReadCharacter",
    "ReadLine",
    "barcodes_in",
    "faces_in",
    "read_line",
    "read_lines",
    "read_text",
    "shows_unread",
    "signatures_in",
    "stands_by",
]
