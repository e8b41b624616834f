"""Fonts by family and style, with the widths of words and what stands in for missing letters."""

from __future__ import annotations

import io
from functools import cache

import pymupdf_fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FAMILIES: dict[str, tuple[str, str, str, str]] = {
    # regular, bold, italic, bold italic. The first three are PDF's own and are not embedded.
    "helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
    "times": ("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    "courier": ("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
    # From the package pymupdf-fonts: SIL Open Font Licence 1.1, Ubuntu Font Licence 1.0.
    "noto": ("notos", "notosbo", "notosit", "notosbi"),
    "fira": ("figo", "figbo", "figit", "figbi"),
    "ubuntu": ("ubuntu", "ubuntubo", "ubuntuit", "ubuntubi"),
    "cascadia": ("cascadia", "cascadiab", "cascadiai", "cascadiabi"),
    "ubuntumono": ("ubuntm", "ubuntmbo", "ubuntmit", "ubuntmbi"),
}

FALLBACK = "noto"
"""Family for words with letters that the chosen one lacks (Base-14 fonts know only cp1252)."""


class Face:
    """One font: measures words and says which font shows them.

    Attributes:
        name: the font's name for reportlab.
    """

    def __init__(self, name: str, fallback: Face | None) -> None:
        self.name = name
        self._fallback = fallback
        self._known: dict[str, tuple[float, Face]] = {}
        if name in pymupdf_fonts.fontbuffers:
            font = TTFont(name, io.BytesIO(pymupdf_fonts.fontbuffers[name]()))
            pdfmetrics.registerFont(font)
            self._widths = {chr(code): width for code, width in font.face.charWidths.items()}
        else:
            by_code = pdfmetrics.getFont(name).widths
            self._widths = {
                bytes([code]).decode("cp1252"): by_code[code]
                for code in range(32, 256)
                if code not in (0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D)
            }

    def measure(self, word: str) -> tuple[float, Face]:
        """Return the word's width at size 1 (points) and the font that can show all of it.

        Raises:
            ValueError: no font at hand has all the letters.
        """
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._measure(word)
        return known

    def _measure(self, word: str) -> tuple[float, Face]:
        try:
            return sum(map(self._widths.__getitem__, word)) / 1000, self
        except KeyError as missing:
            if self._fallback is None:
                raise ValueError(f"no font shows {missing.args[0]!a}") from missing
            return self._fallback.measure(word)

    def width(self, word: str) -> float:
        """Return the width at size 1, in points, of a word that this font can show."""
        return sum(map(self._widths.__getitem__, word)) / 1000


@cache
def face(family: str, bold: bool = False, italic: bool = False) -> Face:
    """Return the font of a family in the given style; parsed once a process."""
    fallback = None if family == FALLBACK else face(FALLBACK, bold, italic)
    return Face(FAMILIES[family][bold + 2 * italic], fallback)
