"""Pours blocks of text into columns and pages, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.synthetic.book import Book, Heading, Mention, Page
from training.synthetic.text import Text, Textual, as_text
from training.synthetic.typeset import Line, Style, break_lines

PAPER = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
"""Width and height in points."""


@dataclass(frozen=True)
class Frame:
    """Where text may stand on a page: margins and columns, all in points."""

    width: float
    height: float
    left: float = 60.0
    right: float = 60.0
    top: float = 72.0
    bottom: float = 64.0
    columns: int = 1
    gutter: float = 20.0

    @property
    def measure(self) -> float:
        """Width between the margins."""
        return self.width - self.left - self.right


class Flow:
    """The place where the next block goes.

    Attributes:
        book: the document that grows.
        page: the page being filled.
        x, y: left edge of the column and top of what is still free, in points.
        width: of the column.
        blocks: paragraphs, headings and table rows set so far.
    """

    def __init__(self, book: Book, frame: Frame) -> None:
        self.book = book
        self.frame = frame
        self.columns = 1
        self.blocks = 0
        self._column = 0
        self._top = frame.top
        self.new_page()

    def new_page(self) -> None:
        """Go on at the top of a fresh page."""
        self.page = Page(self.frame.width, self.frame.height)
        self.book.pages.append(self.page)
        self._top = self.y = self._deepest = self.frame.top
        self._column = 0

    def turn(self, frame: Frame) -> None:
        """Go on on a fresh page of another shape."""
        self.frame = frame
        self.columns = 1
        self.new_page()

    @property
    def width(self) -> float:
        """Width of the column in points."""
        gutters = self.frame.gutter * (self.columns - 1)
        return (self.frame.measure - gutters) / self.columns

    @property
    def x(self) -> float:
        """Left edge of the column in points."""
        return self.frame.left + self._column * (self.width + self.frame.gutter)

    @property
    def bottom(self) -> float:
        """Lowest place for text on the page, in points from the top."""
        return self.frame.height - self.frame.bottom

    def set_columns(self, columns: int) -> None:
        """Go on below everything so far in another number of columns."""
        if columns == self.columns:
            return
        lowest = max(self.y, self._deepest)
        self.y = self._top = lowest + (8.0 if lowest > self.frame.top else 0.0)
        self.columns, self._column = columns, 0
        if self.y > self.bottom - 60:
            self.new_page()

    def need(self, height: float) -> None:
        """Make sure that ``height`` points are free, in the next column or page if not here."""
        if self.y + height <= self.bottom:
            return
        self._deepest = max(self._deepest, self.y)
        if self._column + 1 < self.columns:
            self._column += 1
            self.y = self._top
        else:
            self.new_page()

    def space(self, height: float) -> None:
        """Leave a gap, unless at the top of a column."""
        if self.y > self._top:
            self.y += height

    def paragraph(
        self,
        content: Textual,
        style: Style,
        *,
        after: float = 0.0,
        indent: float = 0.0,
        hanging: float = 0.0,
        bold_until: int = 0,
        keep: float = 0.0,
        place: str = "prose",
    ) -> None:
        """Set a paragraph.

        Args:
            content: its text.
            style: font, size, alignment.
            after: space below, in points.
            indent: of the first line, in points.
            hanging: of all lines, in points.
            bold_until: offset up to which words are bold.
            keep: height of what must follow on the same page (a heading keeps two lines).
            place: what the gold says of mentions here.
        """
        self.blocks += 1
        text = as_text(content)
        lines = break_lines(text, style, self.width - hanging, indent, bold_until)
        self.lines(text, lines, style, hanging, place, keep)
        self.y += after

    def lines(
        self,
        text: Text,
        lines: list[Line],
        style: Style,
        hanging: float = 0.0,
        place: str = "prose",
        keep: float = 0.0,
    ) -> None:
        """Write broken lines, on as many pages as it takes, no line alone at either end."""
        height = style.line_height
        placed: dict[int, Mention] = {}
        count = len(lines)
        for number, line in enumerate(lines):
            together = min(count, 3 if count == 3 else 2) if number == 0 else 1
            if number == count - 2:
                together = max(together, 2)
            self.need(height * together + (keep if number == count - 1 else 0.0))
            baseline = self.y + 0.78 * height
            self.book.write(self.page, self.x + hanging, baseline, text, line, style, place, placed)
            self.y += height

    def head(self, content: Textual, depth: int, section: str) -> None:
        """Note that a heading comes next, at this very place; draw it thereafter."""
        text = as_text(content).plain
        place = Heading(self.page, self.x, self.y, self.width, text, depth, section)
        self.book.headings.append(place)

    def rule(self, width: float = 0.6, colour: tuple[float, float, float] = (0, 0, 0)) -> None:
        """Draw a line over the column."""
        self.page.rule(self.x, self.y, self.x + self.width, self.y, width, colour)


def put(
    book: Book,
    page: Page,
    box: tuple[float, float, float],
    content: Textual,
    style: Style,
    place: str,
    *,
    bold_until: int = 0,
) -> float:
    """Set text at a fixed place, outside the flow.

    Args:
        book: the document.
        page: where.
        box: left edge, top, width in points.
        content: what.
        style: how; its alignment is within the width.
        place: what the gold says of mentions here.
        bold_until: offset up to which words are bold.

    Returns:
        The bottom of the last line.
    """
    x, y, width = box
    text = as_text(content)
    placed: dict[int, Mention] = {}
    for line in break_lines(text, style, width, 0.0, bold_until):
        book.write(page, x, y + 0.78 * style.line_height, text, line, style, place, placed)
        y += style.line_height
    return y


Furniture = Callable[[Book, Page, int, int], None]
"""Draws a page's running header and footer, given its number from 1 and the number of pages."""


def furnish(book: Book, furniture: Furniture) -> None:
    """Draw headers and footers once the number of pages is known."""
    for number, page in enumerate(book.pages, 1):
        furniture(book, page, number, len(book.pages))
