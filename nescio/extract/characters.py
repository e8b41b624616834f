"""Characters as detection wants them: one normal form, each piece still tied to its glyph."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

SOFT_HYPHEN: Final = "\u00ad"
UNKNOWN: Final = "\ufffd"
"""What MuPDF returns for a glyph whose character the font does not tell."""

LEADER: Final = re.compile(r"([._=*~·•…\u2010-\u2015-])(?:[ \u00a0]?\1){3,}")
"""Dot leaders, blanks to fill in, rules made of dashes: four of one sign or more."""

_PLAIN: Final = {
    "\u2010": "-",  # hyphen
    "\u2011": "-",  # non-breaking hyphen
    "\u2212": "-",  # minus sign
    "\u2019": "'",  # right single quotation mark, in O’Brien
    "\u02bc": "'",  # modifier letter apostrophe
    "\uf0b7": "•",  # bullet of the Symbol font
    "\uf0a7": "•",  # bullet of Wingdings
}
_FOLDED: Final = frozenset(
    {"<compat>", "<font>", "<noBreak>", "<wide>", "<narrow>"}
    | {"<initial>", "<medial>", "<final>", "<isolated>"}
)
"""Compatibility decompositions that are only looks; powers and fractions carry meaning."""


@cache
def normal_form(character: str) -> str:
    """Return what detection reads for one character.

    Ligatures and full-width forms become plain letters, white space becomes a space, marks that
    do not show become nothing; a soft hyphen is kept for whoever joins lines.
    """
    if character in _PLAIN:
        return _PLAIN[character]
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in ("Cf", "Cc"):
        return SOFT_HYPHEN if character == SOFT_HYPHEN else ""
    tag = unicodedata.decomposition(character).partition(" ")[0]
    return unicodedata.normalize("NFKC", character) if tag in _FOLDED else character


def normal_pieces(characters: list[str]) -> list[str]:
    """Return the normal form of each character of a line.

    A combining mark joins the letter before it (its own piece is empty), so that the pieces put
    together are in Unicode's form C.
    """
    pieces = [normal_form(character) for character in characters]
    carrier = -1
    for number, piece in enumerate(pieces):
        if not piece:
            continue
        if carrier >= 0 and unicodedata.combining(piece[0]):
            pieces[carrier] = unicodedata.normalize("NFC", pieces[carrier] + piece)
            pieces[number] = ""
        else:
            carrier = -1 if piece == " " else number
    return pieces


def is_unreadable(text: str) -> int:
    """Return how many characters of a text are not known: unmapped or private-use code points."""
    return sum(1 for c in text if c == UNKNOWN or "\ue000" <= c <= "\uf8ff")
