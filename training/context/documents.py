"""Documents with gold for the context models: headings, sections, and where they come from."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio.context.rules import Paragraph, stream_of
from nescio.extract.document import extract_pages
from training.synthetic.book import Book
from training.synthetic.record import make_record
from training.synthetic.report import make_report
from training.synthetic.sources import data

HELD_OUT_LAYOUTS: Final = {"record": ("two_columns", "typed_note"), "report": ("modern",)}
"""Layouts that the models never see in training."""

RECORDS, REPORTS = 14, 6
"""Documents of each layout."""

REPORT_PAGES: Final = 14

WITHOUT_LAYOUT: Final = {
    "kind": "body", "origin": "page", "page": 0, "font": "", "size": 0.0, "bold": False,
    "gap": 0.0, "indent": 0.0, "table": -1,
}  # fmt: skip
"""What a paragraph looks like of which only the text is known."""


class Gold(NamedTuple):
    """One document's paragraphs with their gold.

    ``same[i]`` says whether paragraph i stands under the heading of the one before it in its
    stream; None where that is not asked (first of a stream, title pages, letterheads).
    ``heads[i]`` is the heading in force, ``sections[i]`` the section, None where not known.
    """

    name: str
    layout: str
    paragraphs: list[Paragraph]
    same: list[bool | None]
    heads: list[str]
    sections: list[str | None]

    def plain(self) -> Gold:
        """Return the document with its text alone, running lines and notes left out."""
        kept = [i for i, row in enumerate(self.paragraphs) if stream_of(row)[0] == "flow"]
        return Gold(
            self.name,
            self.layout + ", text alone",
            [self.paragraphs[i] | WITHOUT_LAYOUT for i in kept],
            *([column[i] for i in kept] for column in self[3:]),
        )


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def _opened_by(row: Paragraph, headings: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the heading that the paragraph begins with, by place and text."""
    for heading in headings:
        near = -6 <= row["y0"] - heading["y"] <= 10
        beside = heading["x"] - 6 <= row["x0"] <= heading["x"] + heading["width"]
        begins = _squeezed(row["text"])[:12] == _squeezed(heading["text"])[:12]
        if row["page"] == heading["page"] and near and beside and begins:
            return heading
    return None


def from_book(book: Book, folder: Path) -> tuple[Gold, int]:
    """Write a document, extract it as the DAG does, and give every paragraph its gold.

    Returns:
        The document, and how many of its headings no paragraph begins with.
    """
    facts, pdf = book.gold(), folder / "document.pdf"
    pdf.write_bytes(book.to_pdf())
    rows = extract_pages(pdf, "d", 0, len(book.pages)).paragraphs.to_pylist()
    rows.sort(key=lambda row: row["paragraph"])
    same: list[bool | None] = []
    heads: list[str] = []
    sections: list[str | None] = []
    open_heads: list[tuple[int, str]] = []
    title, found, seen = "", 0, set()
    for row in rows:
        stream = stream_of(row)
        if stream[0] != "flow":
            same.append(None)
            heads.append("")
            sections.append(None)
            continue
        heading = _opened_by(row, facts["headings"])
        if heading:
            found += 1
            title = heading["text"]
            open_heads = [entry for entry in open_heads if entry[0] < heading["depth"]]
            around = open_heads[-1][1] if open_heads else ""
            open_heads.append((heading["depth"], heading["section"] or around))
        # What stands before the first heading is a title page or letterhead.
        same.append(heading is None if stream in seen and found else None)
        heads.append(title)
        sections.append(open_heads[-1][1] if open_heads else None)
        seen.add(stream)
    gold = Gold(str(facts["seed"]), str(facts["layout"]), rows, same, heads, sections)
    return gold, len(facts["headings"]) - found


def generated(held_out: bool) -> Iterator[tuple[Gold, int]]:
    """Generate the documents of the layouts for training, or of those held out."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, count in (("record", RECORDS), ("report", REPORTS)):
            for layout in sorted(data("layouts")[kind]):
                if (layout in HELD_OUT_LAYOUTS[kind]) != held_out:
                    continue
                for number in range(count):
                    seed = f"context {kind} {layout} {number}"
                    split = "heldout" if held_out else "train"
                    if kind == "record":
                        book = make_record(seed, 3 + number % 2, layout, split)
                    else:
                        book = make_report(seed, REPORT_PAGES, layout=layout, split=split)
                    yield from_book(book, Path(folder))


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def visit_notes(folder: Path, held_out: bool) -> list[Gold]:
    """Read the notes of ACI-Bench (text alone): its part for training, or its part for tests."""
    notes = []
    rows = _rows(folder / "sections" / "aci_paragraphs.jsonl.gz")
    names: dict[str, str] = data("headings")["visit_notes"]
    for doc, group in groupby(rows, key=lambda row: row["doc"]):
        parts = sorted(group, key=lambda row: row["i"])
        if (parts[0]["split"] != "train") != held_out:
            continue
        notes.append(
            Gold(
                doc,
                "visit notes",
                [WITHOUT_LAYOUT | {"text": row["text"], "paragraph": row["i"]} for row in parts],
                [None if n == 0 else row["same_as_prev"] for n, row in enumerate(parts)],
                [row["heading"] or "" for row in parts],
                [names.get(row["heading"] or "") for row in parts],
            )
        )
    return notes


def section_texts(folder: Path, held_out: bool) -> dict[str, list[str]]:
    """Read MTS-Dialog: section -> texts that stand under no heading."""
    names: dict[str, str] = data("headings")["dialogues"]
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(folder / "sections" / "mts_dialog.jsonl.gz"):
        if (row["split"] != "train") == held_out and row["section"] in names:
            texts[names[row["section"]]].append(row["text"])
    return texts
