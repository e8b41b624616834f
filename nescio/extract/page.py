"""One page: every word that it holds, shown or hidden, the lines drawn on it, and its facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pymupdf
from pymupdf import mupdf

from nescio.extract.characters import is_unreadable, normal_pieces
from nescio.extract.drawn import rules_of
from nescio.extract.fonts import FontCheck
from nescio.extract.page_drawings import begin_drawings
from nescio.extract.page_flags import FLAG_BROKEN, FLAG_UNREADABLE
from nescio.extract.page_pictures import begin_pictures
from nescio.extract.page_text import PageText
from nescio.extract.pictures import PictureReader
from nescio.extract.runs import INKED, SLANTED, RunReader, closed_up
from nescio.extract.words import Box, Run, Style, Word, word_of

UNREADABLE_SHARE: Final = 0.1
UNREADABLE_LEAST: Final = 10
"""Share and number of unknown characters from which a page is flagged."""

PALE: Final = 235
"""Level (of 255) from which a colour counts as white."""
DOTS_PER_INCH: Final = 36
"""Resolution at which the ground under white text is looked at."""
SAME_PLACE: Final = 1.5
"""Points between two words of one text that are the same word, printed twice."""

_FLAGS: Final = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_COLLECT_VECTORS
    | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
    | pymupdf.TEXT_IGNORE_ACTUALTEXT
)
_BROKEN: Final = (
    "zlib error",
    "premature end",
    "syntax error",
    "cannot find object",
    "cannot load",
)
"""Parts of MuPDF's warnings after which text may be missing from a page."""

Pass = Callable[[Any, Any, Any, Any], None]


def raw_of(
    page: pymupdf.Page, run: Pass | None = None, flags: int = _FLAGS
) -> list[dict[str, Any]]:
    """Return the blocks of MuPDF's ``rawdict`` for page contents, or for what ``run`` draws.

    Nothing is clipped: text outside the visible page is returned, too. Unlike
    ``Page.get_text`` the coordinates are those of the page as shown, rotation applied.
    """
    text = mupdf.FzStextPage(mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE))
    device = mupdf.fz_new_stext_device(text, mupdf.FzStextOptions(flags))
    (run or mupdf.fz_run_page_contents)(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    blocks: list[dict[str, Any]] = pymupdf.TextPage(text).extractRAWDICT()["blocks"]
    return blocks


def begin_page(
    page: pymupdf.Page, shown: pymupdf.Page | None, reader: PictureReader, fonts: FontCheck
) -> PageText:
    """Read a page but for its pictures, which ``reader`` begins to read.

    Args:
        page: the page, of a document whose layers are all visible.
        shown: the same page with its layers as a viewer shows them; None where there are none.
        reader: of the document's pictures, which remembers those of other pages.
        fonts: what is known of the document's fonts.
    """
    pymupdf.TOOLS.mupdf_warnings()  # forgets those of before
    blocks = raw_of(page)
    rect = page.rect
    found = PageText(page.number, rect.width, rect.height, page.rotation, len(page.get_images()))
    runs = RunReader()
    sorter = _Sorter(found, runs)
    sorter.add(blocks, "page")
    if page.parent.xref_get_key(page.xref, "Annots")[0] != "null":
        sorter.add(raw_of(page, mupdf.fz_run_page_annots), "annotation")
        sorter.add(raw_of(page, mupdf.fz_run_page_widgets), "form")
    if _has_actual_text(page):
        sorter.hide_new(raw_of(page, flags=_FLAGS & ~pymupdf.TEXT_IGNORE_ACTUALTEXT))
    if any(not line["spans"] for block in blocks for line in block.get("lines", ())):
        found.hidden += _without_size(page)
    if shown is not None:
        sorter.hide_unless(word for word, _ in _words(RunReader(), raw_of(shown)))
    if sorter.pale:
        sorter.hide_pale(shown or page)
    sorter.finish()
    found.rules = rules_of(blocks, runs.dashes)
    _flag(found)
    begin_pictures(found, shown or page, reader, fonts)
    begin_drawings(found, shown or page, blocks, reader)
    return found


def _words(reader: RunReader, blocks: Iterable[Any]) -> Iterable[tuple[Word, Any]]:
    for block in blocks:
        for line in block.get("lines", ()):
            yield from reader.words(line, "page")


class _Sorter:
    """Sorts a page's words into those that show and those that do not, each once."""

    def __init__(self, page: PageText, reader: RunReader) -> None:
        self.page = page
        self.reader = reader
        self.seen: dict[str, list[Box]] = defaultdict(list)
        self.pale: list[Word] = []
        self._shown: list[tuple[Run, bool]] = []

    def add(self, blocks: Iterable[Any], origin: str) -> None:
        """Add the words of a pass over the page."""
        for block in blocks:
            for line in block.get("lines", ()):
                shown: Run = []
                hidden: Run = []
                for word, span in self.reader.words(line, origin):
                    if self._is_repeated(word):
                        continue
                    if self._is_invisible(word, span):
                        word.origin = "hidden"
                        hidden.append(word)
                        continue
                    if _is_pale(span["color"]):
                        self.pale.append(word)
                    shown.append(word)
                if shown:
                    x, y = line["dir"]
                    self._shown.append((shown, min(abs(x), abs(y)) > SLANTED))
                if hidden:
                    self.page.hidden.append(hidden)

    def hide_new(self, blocks: Iterable[Any]) -> None:
        """Add, as hidden, words that another reading of the page finds and this one did not."""
        for word, _ in _words(self.reader, blocks):
            if not self._is_repeated(word):
                word.origin = "hidden"
                self.page.hidden.append([word])

    def hide_unless(self, shown: Iterable[Word]) -> None:
        """Call words hidden that are not among those that a viewer shows."""
        places = {_place(word) for word in shown}
        for run, _ in self._shown:
            for word in run:
                if word.origin == "page" and _place(word) not in places:
                    word.origin = "hidden"

    def hide_pale(self, page: pymupdf.Page) -> None:
        """Call white words hidden where the ground under them is white, too."""
        scale = DOTS_PER_INCH / 72
        pixmap = page.get_pixmap(dpi=DOTS_PER_INCH, colorspace=pymupdf.csGRAY, alpha=False)
        samples, width, height = pixmap.samples, pixmap.width, pixmap.height
        for word in self.pale:
            x0, y0, x1, y1 = (int(value * scale) for value in word.box)
            rows = range(max(y0, 0), min(max(y1, y0 + 1), height))
            first, last = max(x0, 0), min(max(x1, x0 + 1), width)
            ground = b"".join(samples[y * width + first : y * width + last] for y in rows)
            if not ground or min(ground) >= PALE:
                word.origin = "hidden"

    def finish(self) -> None:
        """Hand the runs to the page."""
        for run, slanted in self._shown:
            hidden = [word for word in run if word.origin == "hidden"]
            if hidden:
                self.page.hidden.append(hidden)
                run = [word for word in run if word.origin != "hidden"]
            if run:
                (self.page.slanted if slanted else self.page.runs).append(closed_up(run))
        self.page.hidden = [closed_up(run) for run in self.page.hidden]

    def _is_repeated(self, word: Word) -> bool:
        x0, y0 = word.box[0], word.box[1]
        places = self.seen[word.text]
        for box in places:
            if abs(box[0] - x0) < SAME_PLACE and abs(box[1] - y0) < SAME_PLACE:
                return True
        places.append(word.box)
        return False

    def _is_invisible(self, word: Word, span: dict[str, Any]) -> bool:
        if span["alpha"] == 0 or not span["char_flags"] & INKED:
            return True
        x0, y0, x1, y1 = word.box
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        inside = 0 <= x <= self.page.width and 0 <= y <= self.page.height
        return not inside or y1 - y0 < 1.0


def _without_size(page: pymupdf.Page) -> Iterator[Run]:
    """Yield text of size zero, which has no boxes: all of a word stands in one point."""
    for span in page.get_texttrace():
        if span["size"]:
            continue
        x, y = pymupdf.Point(span["chars"][0][2]) * page.rotation_matrix
        style = Style(span["font"], 0.0, False, False)
        characters = "".join(normal_pieces([chr(char[0]) for char in span["chars"]]))
        words = characters.split()
        if words:
            yield [word_of(text, (x, y, x, y), style, origin="hidden") for text in words]


def _place(word: Word) -> tuple[str, int, int]:
    return word.text, round(word.box[0]), round(word.box[1])


def _is_pale(colour: int) -> bool:
    return colour >= 0xEBEBEB and min(colour >> 16, colour >> 8 & 255, colour & 255) >= PALE


def _has_actual_text(page: pymupdf.Page) -> bool:
    """Say whether contents may name a text other than their glyphs' (ISO 32000-1, 14.9.4)."""
    if b"ActualText" in page.read_contents():
        return True
    document = page.parent
    return any(
        b"ActualText" in (document.xref_stream(form[0]) or b"") for form in page.get_xobjects()
    )


def _flag(found: PageText) -> None:
    """Flag a page whose text layer cannot be relied on."""
    texts = [word.text for run in (*found.runs, *found.slanted) for word in run]
    characters = sum(map(len, texts))
    unknown = sum(map(is_unreadable, texts))
    if unknown >= max(UNREADABLE_LEAST, UNREADABLE_SHARE * characters):
        found.flags.append(FLAG_UNREADABLE)
    warnings = pymupdf.TOOLS.mupdf_warnings()
    if any(part in warnings for part in _BROKEN):
        found.flags.append(FLAG_BROKEN)
