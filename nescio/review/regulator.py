"""The proposal as regulators ask for it: text readable under outlined marks, and a legend.

EMA (External guidance on Policy 0070, EMA/90915/2016, chapters 2 and 4) and Health Canada (Public
Release of Clinical Information) get a version in which what is proposed is marked and can still be
read, protected personal data (PPD) apart from commercially confidential information (CCI).
"""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name, String

from nescio.redact import open_prepared
from nescio.review.annotations import Outline, write_marks
from nescio.review.apply import find_record
from nescio.review.compare import Changes
from nescio.review.confidential import Confidential, places_of, read_confidential
from nescio.review.covers import Cover
from nescio.review.desk import Entry, items_of, marks_from, replay
from nescio.review.edited import check_original
from nescio.review.log import read_events
from nescio.review.marks import CCI, Mark, shown_quad, to_shown
from nescio.review.proposal import (
    mark_name,
    proposal_key,
    read_proposed,
    read_redactions,
)
from nescio.store import Store, open_store

PPD: Final = "PPD"
OUTLINES: Final = {
    PPD: Outline((0.05, 0.28, 0.63), dashed=False),
    CCI: Outline((0.75, 0.08, 0.08), dashed=True),
}
"""Told apart by line as well as by colour."""

MEANINGS: Final = {
    PPD: "PPD, protected personal data: blue, unbroken line",
    CCI: "CCI, commercially confidential information: red, broken line",
}


class Written(NamedTuple):
    """What a regulator's proposal holds: its key in the outbox, and marks by class."""

    key: str
    marks: dict[str, int]
    absent: int
    """Confidential texts that stand nowhere in the document."""


def write_regulator(
    output: str,
    doc: str,
    original: Path,
    *,
    confidential: str = "",
    reader: str = "",
    password: str | None = None,
) -> Written:
    """Write ``private/proposal/<id>.regulator.pdf``.

    Args:
        output: URI of the outbox with the proposal.
        doc: opaque id of the document.
        original: the file that was proposed.
        confidential: path or URI of a CSV with the columns text and justification; empty for none.
        reader: whose decisions on the review page are taken in; empty for what was proposed.
        password: of the original.

    Raises:
        ConfigurationError: there is no such proposal, or one of the files is not what it has to be.
    """
    store = open_store(output)
    record = find_record(store, doc)
    check_original(original, record)
    texts = read_confidential(confidential)
    with open_prepared(original, password) as document:
        personal = _personal(store, output, doc, reader, document)
        secret, absent = _confidential(document, texts)
    marks = [*personal, *secret]
    when = time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime())
    with pikepdf.open(original, password=password or "") as pdf:
        write_marks(pdf, marks, when, lambda mark: OUTLINES[mark.label])
        with pikepdf.open(io.BytesIO(_legend(doc, marks, texts))) as legend:
            count = len(legend.pages)
            for number, page in enumerate(legend.pages):
                pdf.pages.insert(number, page)
            # The document's pages keep their numbers.
            first, rest = Dictionary(P=String("Legend")), Dictionary(S=Name.D)
            pdf.Root.PageLabels = Dictionary(Nums=Array([0, first, count, rest]))
            out = io.BytesIO()
            pdf.save(out)
    key = proposal_key(doc, "regulator.pdf")
    store.write(key, out.getvalue())
    return Written(key, dict(Counter(mark.label for mark in marks)), absent)


def _personal(
    store: Store, output: str, doc: str, reader: str, document: pymupdf.Document
) -> list[Mark]:
    record = find_record(store, doc)
    decisions = read_proposed(store, doc)
    facts = {row["mention"]: row for row in decisions.to_pylist()}
    state = replay([])
    if reader:
        state = replay(read_events(output, doc, record.token, reader))
    entries, notes = [], []
    for item in items_of(record, read_redactions(store, doc), decisions):
        if state.verdicts.get(item.id) == "rejected":
            continue
        label = state.labels.get(item.id, item.label)
        fact = facts.get(item.mention, {"kind": "", "action": "remove"})
        name = mark_name(record.token, item.mention, item.page)
        entries.append(Entry(name, item.page, _class_of(label), item.boxes))
        kind = fact["kind"] if label == item.label else ""
        notes.append(f"{label} {kind}".strip() + f": {fact['action']}")
    for mark in state.added.values():
        label = state.labels.get(mark.id, mark.label)
        entries.append(Entry("", mark.page, _class_of(label), mark.boxes))
        notes.append(f"{label}: remove")
    marks = marks_from(document, entries)
    return [
        Mark(mark.kind, mark.page, mark.quads, mark.name, _subject(mark.label, note), note)
        for mark, note in zip(marks, notes, strict=True)
    ]


def _class_of(label: str) -> str:
    return CCI if label == CCI else PPD


def _subject(name: str, note: str) -> str:
    return name if name == CCI else f"{name} {note.split(':')[0]}"


def _confidential(
    document: pymupdf.Document, texts: Sequence[Confidential]
) -> tuple[list[Mark], int]:
    """Return a mark for each place of each text, and how many texts stand nowhere."""
    cover, marks, found = Cover(document), [], set()
    for place in places_of(cover, range(document.page_count), texts, Changes()):
        found.add(place.item)
        matrix = to_shown(document[place.page])
        quads = tuple(shown_quad(box, matrix) for box in place.boxes)
        marks.append(Mark("Redact", place.page, quads, "", CCI, f"CCI: {place.item.justification}"))
    return marks, len(set(texts) - found)


LINES: Final = 46
"""Lines of a legend's page."""


def _legend(doc: str, marks: Sequence[Mark], texts: Sequence[Confidential]) -> bytes:
    """Return the pages that explain the marks."""
    counts = Counter(mark.label for mark in marks)
    kinds = Counter(mark.subject.removeprefix("PPD ") for mark in marks if mark.label == PPD)
    lines: list[tuple[str, str]] = [
        ("title", "Proposed redactions"),
        ("", f"Document {doc}. Nothing is removed: the text under each mark can be read."),
        ("", "The contents of each mark say what it is and what is proposed."),
        ("", ""),
        *((name, f"{MEANINGS[name]} ({counts[name]} marks)") for name in (PPD, CCI)),
        ("", ""),
        ("title", "Personal data by type"),
        *(("", f"{kind}: {number}") for kind, number in sorted(kinds.items())),
    ]
    if texts:
        lines += [("", ""), ("title", "Justification of CCI")]
        lines += [("", f"{item.text[:60]}: {item.justification[:90]}") for item in texts]
    with pymupdf.open() as document:
        for start in range(0, len(lines), LINES):
            page = document.new_page()
            for number, (look, text) in enumerate(lines[start : start + LINES]):
                _write_line(page, 72 + 16 * number, look, text)
        data: bytes = document.tobytes()
    return data


def _write_line(page: pymupdf.Page, y: float, look: str, text: str) -> None:
    x, size, font = 60, 10, "helv"
    if look == "title":
        size, font = 13, "hebo"
    elif look:
        outline = OUTLINES[look]
        dashes = "[3 2] 0" if outline.dashed else None
        page.draw_rect((60, y - 9, 88, y + 3), color=outline.colour, width=1, dashes=dashes)
        x = 98
    page.insert_text((x, y), text, fontsize=size, fontname=font)
