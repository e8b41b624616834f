"""What a hard case is: how its PDF is made, what must go, and how that must end."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pikepdf
import pyarrow as pa
import pymupdf

from nescio import tables
from nescio.redact import open_prepared

PERSON = "Ilse Vargasdottir"
NUMBER = "MR5528817"
"""The planted identity; nothing else in a PDF resembles it."""

STAYS = "harmless"
"""A word that stands in every document and was decided to stay."""

FONT = pikepdf.Dictionary(
    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
)
BOX = (55.0, 80.0, 230.0, 106.0)
"""Around a text of 14 points at 60, 100 of a page of 300 x 200 points, seen from the top left."""

Rect = tuple[float, float, float, float]
Build = Callable[[Path], None]


class Place(NamedTuple):
    """A box on a page, what text it belongs to, and which mention of it."""

    page: int
    box: Rect
    secret: str
    mention: int = 0


@dataclass(frozen=True)
class Case:
    """One document that is hard to redact.

    Attributes:
        row: number of the failure, as in the certificate.
        name: what is hard, in a few words.
        build: writes the PDF.
        secrets: what must be gone, wherever it stands.
        boxes: page, corners and text of what must go; found in the text when left out.
        ends: ``released`` demands a file without trace; the others demand none.
        options: of ``redact_document``.
        stays: words that must be in the output.
        uniform: part of each picture (as fractions of its width and height) without any ink.
        curves: whether no curved path may be left.
        forbidden: bytes, in lower case, that may stand in no decoded stream.
        file: name of the output.
    """

    row: int
    name: str
    build: Build
    secrets: tuple[str, ...] = (PERSON,)
    boxes: Sequence[Place] | None = None
    ends: Literal["released", "refused", "quarantined"] = "released"
    options: Mapping[str, Any] = field(default_factory=dict)
    stays: tuple[str, ...] = (STAYS,)
    uniform: Rect | None = None
    curves: bool = False
    forbidden: tuple[bytes, ...] = ()
    file: str = "out"
    replacement: str = ""

    @property
    def id(self) -> str:
        """Row and name, as tests and tables show them."""
        return f"{self.row:02d} {self.name}"

    def redactions(self, pdf: Path) -> pa.Table:
        """Return REDACTIONS: the boxes, and the secrets as text that stands on no page."""
        password = self.options.get("password")
        places = find(pdf, self.secrets, password) if self.boxes is None else self.boxes
        rows = []
        seen: set[int] = set()
        for page, box, secret, mention in places:
            values: dict[str, object] = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
            values |= {"doc": "d-1", "page": page, "secret": secret, "label": label(secret)}
            replacement = "" if mention in seen else self.replacement
            rows.append(values | {"mention": mention, "replacement": replacement})
            seen.add(mention)
        nowhere = dict.fromkeys(("x0", "y0", "x1", "y1"), 0.0) | {"page": -1, "replacement": ""}
        for secret in self.secrets:
            common = {"doc": "d-1", "mention": 1000 + len(rows), "label": label(secret)}
            rows.append(common | nowhere | {"secret": secret})
        return tables.from_rows("redactions", rows)


def label(secret: str) -> str:
    """Return the label of a secret of the corpus."""
    return "ID" if any(char.isdigit() for char in secret) else "NAME"


def letters(text: str) -> str:
    """Return letters and digits without case, accents and ligatures."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def find(pdf: Path, secrets: Sequence[str], password: str | None = None) -> list[Place]:
    """Return a box for each line that a secret takes, as offsets of characters map to boxes."""
    marks: list[tuple[str, int, int, pymupdf.Rect]] = []
    with open_prepared(pdf, password) as document:
        line_number = 0
        for page in document:
            flags = pymupdf.TEXT_PRESERVE_WHITESPACE
            clip = pymupdf.INFINITE_RECT()
            for block in page.get_text("rawdict", flags=flags, clip=clip)["blocks"]:
                for line in block.get("lines", ()):
                    line_number += 1
                    for char in (char for span in line["spans"] for char in span["chars"]):
                        box = pymupdf.Rect(char["bbox"]) * page.rotation_matrix
                        marks += [(c, page.number, line_number, box) for c in letters(char["c"])]
    text = "".join(mark[0] for mark in marks)
    found: list[Place] = []
    for secret in secrets:
        wanted = letters(secret)
        start = text.find(wanted)
        while start >= 0:
            lines: dict[tuple[int, int], pymupdf.Rect] = {}
            for _, page_number, line_number, box in marks[start : start + len(wanted)]:
                key = (page_number, line_number)
                lines[key] = lines[key] | box if key in lines else box
            for (page_number, _), box in lines.items():
                found.append(Place(page_number, tuple(box), secret, start))
            start = text.find(wanted, start + len(wanted))
    return found


def drawn(*pages: Callable[[pymupdf.Page], None]) -> Build:
    """Return a builder that draws pages with PyMuPDF; the first has the word that stays."""

    def build(path: Path) -> None:
        with pymupdf.open() as document:
            for draw in pages:
                page = document.new_page()
                if not page.number:
                    page.insert_text((72, 60), STAYS)
                draw(page)
            document.save(path)

    return build


def written(contents: bytes, **resources: Callable[[pikepdf.Pdf], Any]) -> Build:
    """Return a builder of one page of 300 x 200 points with these contents."""

    def build(path: Path) -> None:
        with pikepdf.new() as pdf:
            page = pdf.add_blank_page(page_size=(300, 200))
            made = {name: make(pdf) for name, make in resources.items()}
            fonts = made.pop("Font", pikepdf.Dictionary())
            fonts.F1 = FONT
            page.Resources = pikepdf.Dictionary(Font=fonts, **made)
            stays = f"BT /F1 14 Tf 60 40 Td ({STAYS}) Tj ET ".encode()
            page.Contents = pdf.make_stream(stays + contents)
            pdf.save(path)

    return build


def changed(build: Build, *changes: Callable[[pikepdf.Pdf], None]) -> Build:
    """Return a builder that changes what another one built."""

    def built(path: Path) -> None:
        build(path)
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            for change in changes:
                change(pdf)
            pdf.save(path)

    return built
