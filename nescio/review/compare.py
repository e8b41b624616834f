"""What a person changed in a proposal: marks accepted, rejected, moved, added; the new boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pymupdf

from nescio import tables
from nescio.redact.boxes import OFF_PAGE
from nescio.redact.glyphs import Rect, overlap
from nescio.redact.secrets import core
from nescio.review.covers import Cover, Covered
from nescio.review.marks import LABELS, Mark, shown_rect, to_shown
from nescio.review.proposal import mark_name

SAME: Final = 1.0
"""Points by which a viewer may shift a mark's edges without its being moved."""

LABEL: Final = "OTHER"
"""Label of a new mark whose subject names none."""


@dataclass
class Changes:
    """A person's decisions on one document.

    Attributes:
        rows: rows of REDACTIONS as they follow from the decisions.
        verdicts: name of each mark of the proposal -> accepted, rejected or moved.
        added: numbers of the mentions that were added.
        moved: numbers of the mentions that hide another place than was proposed.
        relabelled: how many accepted marks a person gave another label.
        empty: pages (from 0) of marks that cover nothing; a moved one stays where it was.
        already: pages of new marks on what other marks hide.
        rejected_texts: texts that were decided to stand.
        conflicts: how many of those are hidden elsewhere.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    added: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    rejected_texts: list[str] = field(default_factory=list)
    conflicts: int = 0
    relabelled: int = 0

    def counts(self) -> dict[str, int]:
        """Return what a certificate says: numbers only."""
        found = dict.fromkeys(("accepted", "rejected", "moved"), 0)
        for verdict in self.verdicts.values():
            found[verdict] += 1
        found |= {"added": len(self.added), "covering_nothing": len(self.empty)}
        found |= {"covered_already": len(self.already), "conflicts": self.conflicts}
        return found | {"relabelled": self.relabelled}

    def cover(self, doc: str, label: str, page: int, boxes: Sequence[Rect], text: str) -> None:
        """Hide one more place, as a mention of its own.

        Args:
            doc: opaque id of the document.
            label: of the mention.
            page: from 0.
            boxes: on the page as shown.
            text: what stands in them.
        """
        mention = max((row["mention"] for row in self.rows), default=-1) + 1
        for box in boxes:
            place = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
            facts = {"doc": doc, "mention": mention, "label": label, "page": page}
            self.rows.append(facts | {"replacement": "", "secret": text} | place)

    def hidden_on(self, page: int) -> list[Rect]:
        """Return the boxes on a page (from 0), as shown, that are hidden."""
        return [
            (row["x0"], row["y0"], row["x1"], row["y1"])
            for row in self.rows
            if row["page"] == page != OFF_PAGE
        ]

    def table(self) -> pa.Table:
        """Return REDACTIONS."""
        return tables.from_rows("redactions", self.rows)


def compare(
    document: pymupdf.Document, redactions: pa.Table, marks: Sequence[Mark], token: str, doc: str
) -> Changes:
    """Turn the marks of an edited proposal into decisions.

    Args:
        document: the original, flattened.
        redactions: REDACTIONS as proposed.
        marks: what the edited proposal holds.
        token: of the proposal.
        doc: opaque id of the document.
    """
    changes = Changes()
    named: dict[str, Mark] = {}
    new: list[Mark] = []
    for mark in marks:
        if mark.name.startswith(f"nescio.{token}.") and mark.name not in named:
            named[mark.name] = mark
        else:
            new.append(mark)
    cover = Cover(document)
    moved: list[tuple[Mark, list[dict[str, Any]]]] = []
    for name, rows in _groups(redactions, token):
        if rows[0]["page"] == OFF_PAGE:
            changes.rows += rows
            continue
        edited = named.pop(name, None)
        if edited is None:
            changes.verdicts[name] = "rejected"
            changes.rejected_texts.append(rows[0]["secret"])
        elif edited.page == rows[0]["page"] and _is_same(document, edited, rows):
            changes.verdicts[name] = "accepted"
            changes.rows += _relabelled(edited, rows, changes)
        else:
            changes.verdicts[name] = "moved"
            moved.append((edited, rows))
    for edited, rows in moved:
        _move(document, cover, edited, rows, changes)
    mention = max(redactions["mention"].to_pylist(), default=-1)
    for mark in [*new, *named.values()]:
        mention = _add(document, cover, mark, doc, mention, changes)
    standing = {core(row["secret"]) for row in changes.rows}
    changes.conflicts = len({core(text) for text in changes.rejected_texts} & standing)
    return changes


def _groups(redactions: pa.Table, token: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in redactions.to_pylist():
        groups[mark_name(token, row["mention"], row["page"])].append(row)
    yield from groups.items()


def _rect(row: dict[str, Any]) -> Rect:
    return row["x0"], row["y0"], row["x1"], row["y1"]


def _shown(document: pymupdf.Document, mark: Mark) -> list[Rect]:
    matrix = to_shown(document[mark.page])
    return [shown_rect(quad, matrix) for quad in mark.quads]


def _is_same(document: pymupdf.Document, mark: Mark, rows: list[dict[str, Any]]) -> bool:
    places, old = sorted(_shown(document, mark)), sorted(_rect(row) for row in rows)
    return len(places) == len(old) and all(
        abs(a - b) <= SAME
        for one, other in zip(places, old, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def _relabelled(mark: Mark, rows: list[dict[str, Any]], changes: Changes) -> list[dict[str, Any]]:
    """Give an accepted mark's boxes the label that its subject names, if it names another one."""
    if mark.label == rows[0]["label"] or mark.label not in LABELS:
        return rows
    changes.relabelled += 1
    # What would have been set in its place was made for the old label.
    return [row | {"label": mark.label, "replacement": ""} for row in rows]


def _taken(changes: Changes, page: int) -> list[Rect]:
    return [_rect(row) for row in changes.rows if row["page"] == page]


def _move(
    document: pymupdf.Document,
    cover: Cover,
    mark: Mark,
    rows: list[dict[str, Any]],
    changes: Changes,
) -> None:
    found = cover.under(mark.page, _shown(document, mark), _taken(changes, mark.page))
    if found.nothing:  # moved by accident, perhaps: what it hid stays hidden
        (changes.already if found.already else changes.empty).append(mark.page)
        changes.rows += rows
        changes.verdicts[mark.name] = "accepted"
        return
    if core(rows[0]["secret"]) not in core(found.text):
        changes.rejected_texts.append(rows[0]["secret"])
    common = {name: rows[0][name] for name in ("doc", "mention", "label")}
    changes.moved.append(common["mention"])
    changes.rows += _rows(common, mark.page, found, rows[0]["replacement"])


def _add(
    document: pymupdf.Document, cover: Cover, mark: Mark, doc: str, mention: int, changes: Changes
) -> int:
    """Add a new mark's boxes; returns the highest number of a mention so far."""
    found = cover.under(mark.page, _shown(document, mark), _taken(changes, mark.page))
    if found.nothing:
        (changes.already if found.already else changes.empty).append(mark.page)
        return mention
    label = mark.label if mark.label in LABELS else LABEL
    mention += 1
    changes.added.append(mention)
    common = {"doc": doc, "mention": mention, "label": label}
    changes.rows += _rows(common, mark.page, found, "")
    return mention


def _rows(
    common: dict[str, Any], page: int, found: Covered, replacement: str
) -> Iterator[dict[str, Any]]:
    # Of a mark on a picture the box as drawn goes, grown to hold all of the glyphs that it takes.
    lines = [box for box, _ in found.lines]
    places = [_grown(mark, lines) for mark in found.pictures] or lines
    for number, box in enumerate(places):
        place = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
        shown = replacement if number == 0 else ""
        yield common | {"page": page, "replacement": shown, "secret": found.text} | place


def _grown(mark: Rect, lines: Sequence[Rect]) -> Rect:
    boxes = [mark, *(line for line in lines if overlap(line, mark))]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
