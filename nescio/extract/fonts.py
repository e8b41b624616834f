"""Whether fonts tell the characters that they show: a wrong /ToUnicode hides names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import pymupdf
from rapidfuzz.fuzz import ratio

from nescio.extract.pictures import DPI, Region, crop
from nescio.extract.scans import letters_of
from nescio.extract.words import Run, Word, hull
from nescio.ocr import read_line

_COMMON: Final = """
about after all and any are been before but can day did each for from had has have her him his
into may not one other our out per she than that the their them then there these they this those
was were when which who will with without years you
age address birth care clinic clinical date diagnosis discharge doctor dose drug email female
hospital history male medical medication name number page patient phone physician plan record
report results section sex signature study subject summary table test total treatment visit
aus bei das dem den der des die ein eine für ist mit nach nicht und von vor zum zur
avec dans est les par pas pour que qui sur une con del las los más para por una como
che della delle gli nel più sono aan een het met niet van voor
"""
COMMON: Final = frozenset(_COMMON.split())
"""Words that a font with wrong characters would hardly show by chance."""
TRUSTED: Final = 3
"""Different ones of these on one page after which a font is believed."""

SHORTEST: Final = 6
LONGEST: Final = 40
"""Letters and digits of a stretch of text that is compared with what it looks like."""
SMALLEST: Final = 5.0
"""Points of the smallest text that is read surely."""
SURE: Final = 0.85
"""Confidence from which the reader is believed rather than the font."""
ALIKE: Final = 50.0
"""Likeness, in per cent, below which a font says something else than it shows."""
STRETCHES: Final = 2
"""Stretches that must all differ: a sign or a stamp may lie over one of them."""
AROUND: Final = 2.0
"""Points around a stretch that are read with it."""


class FontCheck:
    """Remembers which fonts of a document can be believed; each is looked at once."""

    def __init__(self) -> None:
        self._honest: dict[object, bool] = {}

    def is_wrong(self, page: pymupdf.Page, runs: Sequence[Run]) -> bool:
        """Say whether a font on a page shows other characters than it tells.

        A font that tells common words is believed. Of others two stretches of text are rendered
        and read. Text in scripts that the reader may confuse with Latin is not judged.

        Args:
            page: as shown.
            runs: its text layer; rotated text is not looked at.
        """
        by_font: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            for font, words in groupby(run, key=lambda word: word.style.font):
                by_font[font].append(list(words))
        if not by_font:
            return False
        keys = _keys(page)
        return not all(
            self._is_honest(page, keys.get(font, font), by_font[font]) for font in by_font
        )

    def _is_honest(self, page: pymupdf.Page, key: object, stretches: list[Run]) -> bool:
        if key is None:
            return True
        known = self._honest.get(key)
        if known is not None:
            return known
        told = {word.text.strip(".,:;()").lower() for words in stretches for word in words}
        honest: bool | None = True
        if len(told & COMMON) < TRUSTED:
            honest = _as_it_looks(page, stretches)
        if honest is None:
            return True  # until another page shows enough of it
        self._honest[key] = honest
        return honest


def _keys(page: pymupdf.Page) -> dict[str, object]:
    """Return for each font of a page by what it is known; None for those that cannot be wrong.

    Fonts that are not in the file and have no table of characters are drawn by their encoding.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for xref, extension, _, name, *_ in page.get_fonts():
        told = xref > 0 and page.parent.xref_get_key(xref, "ToUnicode")[0] != "null"
        found[name.split("+")[-1]] |= {xref} if extension != "n/a" or told else set()
    return {name: frozenset(xrefs) or None for name, xrefs in found.items()}


def _as_it_looks(page: pymupdf.Page, stretches: list[Run]) -> bool | None:
    """Read the longest stretches of a font; None where none is long enough."""
    looked = sorted(_readable(stretches), key=len, reverse=True)[:STRETCHES]
    verdicts = [verdict for words in looked if (verdict := _agrees(page, words)) is not None]
    return any(verdicts) if verdicts else None


def _readable(stretches: list[Run]) -> Iterator[Run]:
    """Yield stretches that can be compared, cut to a length that is quick to read."""
    for words in stretches:
        kept: list[Word] = []
        for word in words:
            if word.direction or word.style.size < SMALLEST or word.origin != "page":
                break
            if kept and len(_core(kept)) + len(word.text) > LONGEST:
                break
            kept.append(word)
        if len(_core(kept)) >= SHORTEST:
            yield kept


def _agrees(page: pymupdf.Page, words: Run) -> bool | None:
    """Say whether what a stretch looks like is what it tells; None where the reader is not sure."""
    x0, y0, x1, y1 = hull([word.box for word in words])
    box = (x0 - AROUND, y0 - AROUND, x1 + AROUND, y1 + AROUND)
    line = read_line(crop(page, Region(box, DPI)))
    if line is None or line.confidence < SURE:
        return None
    seen = letters_of(line.text)
    if len(seen) < SHORTEST:
        return None
    return ratio(seen, _core(words)) >= ALIKE


def _core(words: Run) -> str:
    """Return the letters and digits of words; none where most are not Latin."""
    text = letters_of("".join(word.text for word in words))
    foreign = sum(character.isalpha() and character > "\u024f" for character in text)
    return "" if 2 * foreign > len(text) else text
