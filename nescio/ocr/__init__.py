"""Reading pictures of text: pixels in, lines of characters with their places out."""

from nescio.ocr.engine import ReadCharacter, ReadLine, read_lines, read_text
from nescio.ocr.marks import Barcode, barcodes_in, shows_face

__all__ = [
    "Barcode",
    "ReadCharacter",
    "ReadLine",
    "barcodes_in",
    "read_lines",
    "read_text",
    "shows_face",
]
