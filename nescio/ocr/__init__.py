"""Reading pictures of text: pixels in, lines of characters with their places out."""

from nescio.ocr.engine import ReadCharacter, ReadLine, read_lines, read_text

__all__ = ["ReadCharacter", "ReadLine", "read_lines", "read_text"]
