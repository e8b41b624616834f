"""Pages as lists of drawing operations, and the gold mentions recorded while they are laid out."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from nescio import tables
from training.synthetic.fonts import Face
from training.synthetic.text import Text, marked
from training.synthetic.typeset import Line, Style, extent

ASCENT, DESCENT = 0.92, 0.24
"""Height of a mention's box above and below the baseline, of the font size: covers accents."""

Colour = tuple[float, float, float]


@dataclass(eq=False, slots=True)
class Mention:
    """One mention as it stands in the document; a break makes it two boxes, on two pages even."""

    plain: str
    label: str
    kind: str
    person: int
    place: str
    boxes: list[tuple[Page | None, float, float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it stands: what follows on the page and after it is its part.

    Attributes:
        page: where.
        x, y, width: left edge and top of its first line and width of its column, in points.
        text: as written.
        depth: from 0; a part ends at the next heading as deep or less.
        section: normalised name of the section that it opens, or ``""`` where it opens none.
    """

    page: Page
    x: float
    y: float
    width: float
    text: str
    depth: int
    section: str


class Page:
    """One page: operations to draw in order, in points from its top left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._fills: list[tuple[float, float, float, float, Colour]] = []
        self._strokes: list[tuple[float, float, float, float, float, Colour]] = []
        self._strings: list[tuple[float, float, str, Face, float, Colour]] = []
        self._curves: list[tuple[Sequence[tuple[float, ...]], float, Colour]] = []
        self.bookmarks: list[tuple[int, Text, float]] = []

    def fill(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill a rectangle behind the text."""
        self._fills.append((x0, y0, x1, y1, colour))

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        width: float = 0.5,
        colour: Colour = (0, 0, 0),
    ) -> None:
        """Draw a straight line."""
        self._strokes.append((x0, y0, x1, y1, width, colour))

    def frame(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        width: float = 0.5,
        colour: Colour = (0, 0, 0),
    ) -> None:
        """Draw the outline of a rectangle."""
        for a, b, c, d in ((x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)):
            self.rule(a, b, c, d, width, colour)

    def curve(
        self, points: Sequence[tuple[float, ...]], width: float = 1.0, colour: Colour = (0, 0, 0)
    ) -> None:
        """Draw joined Bézier curves: a start (x, y), then (x1, y1, x2, y2, x3, y3) each."""
        self._curves.append((points, width, colour))

    def string(
        self, x: float, y: float, plain: str, face: Face, size: float, colour: Colour
    ) -> None:
        """Write a string from ``x`` on the baseline ``y``; no gold is recorded."""
        self._strings.append((x, y, plain, face, size, colour))

    def render(self, canvas: Canvas) -> None:
        """Draw everything on reportlab's canvas, whose origin is at the bottom left."""
        top = self.height
        canvas.setPageSize((self.width, top))
        for x0, y0, x1, y1, colour in self._fills:
            canvas.setFillColorRGB(*colour)
            canvas.rect(x0, top - y1, x1 - x0, y1 - y0, stroke=0, fill=1)
        pen: tuple[float, Colour] | None = None
        for x0, y0, x1, y1, width, colour in self._strokes:
            if pen != (width, colour):
                pen = (width, colour)
                canvas.setStrokeColorRGB(*colour)
                canvas.setLineWidth(width)
            canvas.line(x0, top - y0, x1, top - y1)
        for points, width, colour in self._curves:
            canvas.setLineCap(1)
            canvas.setStrokeColorRGB(*colour)
            canvas.setLineWidth(width)
            path = canvas.beginPath()
            path.moveTo(points[0][0], top - points[0][1])
            for x1, y1, x2, y2, x3, y3 in points[1:]:
                path.curveTo(x1, top - y1, x2, top - y2, x3, top - y3)
            canvas.drawPath(path)
        self._render_strings(canvas)

    def _render_strings(self, canvas: Canvas) -> None:
        if not self._strings:
            return
        text = canvas.beginText()
        drawn_in: tuple[Face, float] | None = None
        coloured: Colour | None = None
        for x, y, plain, face, size, colour in self._strings:
            if drawn_in != (face, size):
                drawn_in = (face, size)
                text.setFont(face.name, size)
            if coloured != colour:
                coloured = colour
                text.setFillColorRGB(*colour)
            text.setTextOrigin(x, self.height - y)
            text.textOut(plain)
        canvas.drawText(text)


class Book:
    """A document under construction: pages, mentions, people, metadata.

    Attributes:
        facts: what the gold file says beside the mentions (kind, seed, layout, people).
    """

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.pages: list[Page] = []
        self.mentions: list[Mention] = []
        self.headings: list[Heading] = []
        self.info: dict[str, Text] = {}

    def write(
        self,
        page: Page,
        x: float,
        baseline: float,
        text: Text,
        line: Line,
        style: Style,
        place: str,
        placed: dict[int, Mention] | None = None,
    ) -> None:
        """Write one line of ``text`` and record its mentions.

        Args:
            page: where to write.
            x: of the line's start, in points.
            baseline: in points from the top.
            text: the whole text that the line is from.
            line: which part of it, broken already.
            style: font size and colour.
            place: what kind of place it is (``header``, ``form``, ``table``, ``prose`` ...).
            placed: mentions of this text by mark, shared by the lines of one text.
        """
        for segment in line.segments:
            page.string(
                x + segment.x, baseline, segment.plain, segment.face, style.size, style.colour
            )
        placed = {} if placed is None else placed
        top, bottom = baseline - ASCENT * style.size, baseline + DESCENT * style.size
        for index, (mark, plain) in enumerate(marked(text)):
            for left, right in extent(line, mark, style.size):
                if index not in placed:
                    placed[index] = Mention(plain, mark.label, mark.kind, mark.person, place)
                    self.mentions.append(placed[index])
                placed[index].boxes.append((page, x + left, top, x + right, bottom))

    def off_page(self, text: Text, place: str) -> None:
        """Record mentions that stand on no page (bookmarks, metadata)."""
        for mark, plain in marked(text):
            self.mentions.append(Mention(plain, mark.label, mark.kind, mark.person, place))

    def bookmark(self, page: Page, level: int, text: Text, y: float) -> None:
        """Add an entry to the outline."""
        page.bookmarks.append((level, text, y))
        self.off_page(text, "bookmark")

    def describe(self, key: str, text: Text) -> None:
        """Set one of the PDF's properties: Title, Author, Subject, Keywords."""
        self.info[key] = text
        self.off_page(text, "metadata")

    def to_pdf(self) -> bytes:
        """Render the pages; the same book gives the same bytes."""
        buffer = io.BytesIO()
        rl_config.useA85 = 0  # binary streams: a quarter smaller, and faster
        canvas = Canvas(buffer, pageCompression=1, invariant=1)
        canvas.setCreator("Nescio synthetic documents")
        for key, text in self.info.items():
            getattr(canvas, f"set{key}")(text.plain)
        count = level_before = 0
        for page in self.pages:
            page.render(canvas)
            for level, text, y in page.bookmarks:
                key = f"b{count}"
                canvas.bookmarkHorizontalAbsolute(key, page.height - y)
                level_before = min(level, level_before + 1) if count else 0
                canvas.addOutlineEntry(text.plain, key, level_before, closed=level > 0)
                count += 1
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def gold(self) -> dict[str, Any]:
        """Return the gold as plain data: facts, page sizes, mentions in order of place."""
        numbers = {id(page): number for number, page in enumerate(self.pages)}
        rows = [_gold_row(mention, numbers) for mention in self.mentions]
        rows.sort(key=lambda row: (row["page"], [box[2:0:-1] for box in row["boxes"][:1]]))
        sizes = [[round(page.width, 2), round(page.height, 2)] for page in self.pages]
        heads = [_heading_row(heading, numbers) for heading in self.headings]
        heads.sort(key=lambda row: row["page"])
        return {"format": 1, **self.facts, "pages": sizes, "headings": heads, "mentions": rows}

    def save(self, pdf: Path) -> None:
        """Write ``<name>.pdf`` and ``<name>.gold.json`` beside it."""
        pdf.parent.mkdir(parents=True, exist_ok=True)
        pdf.write_bytes(self.to_pdf())
        write_gold(self.gold(), pdf)


def write_gold(gold: dict[str, Any], pdf: Path) -> None:
    """Write the gold of ``pdf`` beside it, one mention a line."""
    head = {key: value for key, value in gold.items() if key != "mentions"}
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in gold["mentions"])
    opened = json.dumps(head, ensure_ascii=False)[:-1]
    pdf.with_suffix(".gold.json").write_text(
        f'{opened}, "mentions": [\n{rows}\n]}}\n', encoding="utf-8"
    )


def _heading_row(heading: Heading, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "page": numbers[id(heading.page)],
        "x": round(heading.x, 2),
        "y": round(heading.y, 2),
        "width": round(heading.width, 2),
        "text": heading.text,
        "depth": heading.depth,
        "section": heading.section,
    }


def _gold_row(mention: Mention, numbers: dict[int, int]) -> dict[str, Any]:
    if mention.kind and mention.kind not in tables.LABELS[mention.label]:
        raise ValueError(f"label {mention.label} has no kind {mention.kind}")
    boxes = [
        [numbers[id(page)], *(round(value, 2) for value in box)] for page, *box in mention.boxes
    ]
    return {
        "page": boxes[0][0] if boxes else -1,
        "label": mention.label,
        "kind": mention.kind,
        "text": mention.plain,
        "person": mention.person,
        "place": mention.place,
        "boxes": boxes,
    }
