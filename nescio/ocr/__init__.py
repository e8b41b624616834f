"""Reading pictures of text: pixels in, lines of characters with their places out."""

from nescio.ocr.engine import ReadCharacter, ReadLine, read_line, read_lines, read_text
from nescio.ocr.marks import Barcode, barcodes_in, faces_in
from nescio.ocr.signatures import LABEL, signatures_in, stands_by

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
    "signatures_in",
    "stands_by",
]
