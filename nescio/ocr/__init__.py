"""Reading pictures of text: pixels in, lines of characters with their places out."""

from nescio.ocr.engine import ReadCharacter, ReadLine, read_line, read_lines, read_text
from nescio.ocr.marks import Barcode, barcodes_in, shows_face
from nescio.ocr.signatures import LABEL, shows_signature, stands_by

__all__ = [
    "LABEL",
    "Barcode",
    "ReadCharacter",
    "ReadLine",
    "barcodes_in",
    "read_line",
    "read_lines",
    "read_text",
    "shows_face",
    "shows_signature",
    "stands_by",
]
