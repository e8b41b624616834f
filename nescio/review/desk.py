"""One document on a reader's desk: what was proposed, what was decided so far, what comes of it."""

from __future__ import annotations

import hashlib
import itertools
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pymupdf

from nescio.redact.boxes import OFF_PAGE
from nescio.redact.glyphs import Rect
from nescio.review.confidential import Confidential
from nescio.review.log import Log
from nescio.review.marks import LABELS, Mark, shown_quad, to_shown
from nescio.review.proposal import Record, mark_name

VERDICTS: Final = ("", "accepted", "rejected")
LONGEST_GAP: Final = 60.0
"""Seconds between two decisions above which the reader was away."""

GAPS: Final = 50
"""Decisions from which the time that is left is reckoned."""


@dataclass(frozen=True)
class Item:
    """A mark of the proposal: a mention on one page."""

    id: str
    mention: int
    page: int
    label: str
    boxes: tuple[Rect, ...]
    text: str
    score: float
    reading: float
    person: int

    @property
    def doubt(self) -> float:
        """How unsure it is, between 0 and 1."""
        return 1 - min(self.score, self.reading)


@dataclass(frozen=True)
class Added:
    """A mark that the reader added."""

    id: str
    page: int
    label: str
    boxes: tuple[Rect, ...]
    text: str


class Entry(NamedTuple):
    """A mark to be: its name (empty for an added one), page, label, and boxes as shown."""

    name: str
    page: int
    label: str
    boxes: tuple[Rect, ...]


@dataclass
class State:
    """What follows from a log."""

    verdicts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    added: dict[str, Added] = field(default_factory=dict)
    checked: set[int] = field(default_factory=set)

    def apply(self, event: dict[str, Any]) -> None:
        """Take one event in."""
        match event["do"]:
            case "verdict":
                self.verdicts |= dict.fromkeys(event["marks"], event["verdict"])
            case "label":
                self.labels |= dict.fromkeys(event["marks"], event["label"])
            case "add":
                for number, place in enumerate(event["places"]):
                    name = f"+{event['n']}.{number}"
                    boxes = tuple(tuple(box) for box in place["boxes"])
                    self.added[name] = Added(
                        name, place["page"], event["label"], boxes, place["text"]
                    )
            case "withdraw":
                for name in event["marks"]:
                    self.added.pop(name, None)
            case "page":
                (self.checked.add if event["checked"] else self.checked.discard)(event["page"])


def replay(events: Sequence[dict[str, Any]]) -> State:
    """Return the state after all events that were not undone."""
    undone = {event["event"] for event in events if event["do"] == "undo"}
    state = State()
    for event in events:
        if event["n"] not in undone:
            state.apply(event)
    return state


class _Closed:
    """A log that is read only."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = events

    def append(self, event: dict[str, Any]) -> None:
        raise TypeError("this desk is closed")

    def close(self) -> None:
        """Nothing is held."""


class Desk:
    """The review of one document by one reader; every change is on the disk when it returns."""

    def __init__(self, doc: str, record: Record, items: list[Item], log: Log | _Closed) -> None:
        self.doc, self.record, self.items, self.log = doc, record, items, log
        self.by_id = {item.id: item for item in items}
        self.state = replay(log.events)

    @classmethod
    def decided(
        cls, doc: str, record: Record, items: list[Item], events: list[dict[str, Any]]
    ) -> Desk:
        """Return a desk on which nothing can be changed, for a release."""
        return cls(doc, record, items, _Closed(events))

    def fingerprint(self, confidential: Sequence[Confidential] = ()) -> str:
        """Return a digest of what is decided, by which a release is known to be of it."""
        decided: list[Any] = [self.record.token, self.entries(), sorted(self.state.checked)]
        texts = sorted(item.text for item in confidential)
        text = json.dumps([*decided, texts] if texts else decided)
        return hashlib.sha256(text.encode()).hexdigest()

    def label_of(self, mark: Item | Added) -> str:
        """Return the label of a mark as it was last decided."""
        return self.state.labels.get(mark.id, mark.label)

    def do(self, event: dict[str, Any]) -> list[str]:
        """Log an event and take it in; returns the marks whose state may have changed.

        Raises:
            KeyError: it names a mark that is not there.
            ValueError: a page or event is not there.
        """
        self._check(event)
        whole = {"n": len(self.log.events) + 1, "time": round(time.time(), 3), **event}
        self.log.append(whole)
        if event["do"] == "undo":
            self.state = replay(self.log.events)
            target = self.log.events[event["event"] - 1]
        else:
            self.state.apply(whole)
            target = whole
        return list(target.get("marks", ()))

    def _check(self, event: dict[str, Any]) -> None:
        for name in event.get("marks", ()):
            if name not in self.by_id and (
                name not in self.state.added or event["do"] == "verdict"
            ):
                raise KeyError("no such mark")
        pages = [event["page"]] if "page" in event else []
        pages += [place["page"] for place in event.get("places", ())]
        if any(not 0 <= page < self.record.pages for page in pages):
            raise ValueError("no such page")
        if event["do"] == "undo" and event["event"] != self.undoable():
            raise ValueError("only the last change can be undone")

    def undoable(self) -> int:
        """Return the number of the last event that was not undone, or 0."""
        undone = {event["event"] for event in self.log.events if event["do"] == "undo"}
        for event in reversed(self.log.events):
            if event["do"] != "undo" and event["n"] not in undone:
                return int(event["n"])
        return 0

    def progress(self) -> dict[str, float]:
        """Return how many marks are decided, of how many, and about how many seconds are left."""
        decided = sum(bool(self.state.verdicts.get(item.id)) for item in self.items)
        times = [event["time"] for event in self.log.events[-GAPS:] if event["do"] == "verdict"]
        gaps = [b - a for a, b in itertools.pairwise(times) if b - a <= LONGEST_GAP]
        each = statistics.median(gaps) if gaps else 0.0
        left = len(self.items) - decided
        return {"decided": decided, "total": len(self.items), "seconds": round(each * left)}

    def undecided(self) -> frozenset[str]:
        """Return the names, as in the proposal's PDF, of the marks that are open."""
        return frozenset(
            mark_name(self.record.token, item.mention, item.page)
            for item in self.items
            if not self.state.verdicts.get(item.id)
        )

    def entries(self, page: int | None = None) -> list[Entry]:
        """Return what the proposal would hold if it had been edited like this (on one page).

        What is not decided stays proposed: it is hidden.
        """
        token = self.record.token
        found = [
            Entry(
                mark_name(token, item.mention, item.page),
                item.page,
                self.label_of(item),
                item.boxes,
            )
            for item in self.items
            if self.state.verdicts.get(item.id) != "rejected"
        ]
        found += [
            Entry("", mark.page, self.label_of(mark), mark.boxes)
            for mark in self.state.added.values()
        ]
        return [entry for entry in found if page in (None, entry.page)]


def marks_from(document: pymupdf.Document, entries: Iterable[Entry]) -> list[Mark]:
    """Return entries as the marks of an edited proposal."""
    found = []
    for entry in entries:
        matrix = to_shown(document[entry.page])
        quads = tuple(shown_quad(box, matrix) for box in entry.boxes)
        found.append(Mark("Redact", entry.page, quads, entry.name, entry.label))
    return found


def items_of(record: Record, redactions: pa.Table, decisions: pa.Table) -> list[Item]:
    """Return the marks of a proposal in reading order."""
    facts = {row["mention"]: row for row in decisions.to_pylist()}
    groups: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in redactions.to_pylist():
        if row["page"] != OFF_PAGE:
            groups.setdefault((row["page"], row["mention"]), []).append(row)
    found = []
    for (page, mention), rows in sorted(groups.items()):
        fact = facts.get(mention, {})
        name = f"{mention}.{page}"
        found.append(
            Item(
                name,
                mention,
                page,
                rows[0]["label"],
                tuple((row["x0"], row["y0"], row["x1"], row["y1"]) for row in rows),
                rows[0]["secret"],
                fact.get("score", 1.0),
                record.reading.get(name, 1.0),
                fact.get("person", -1),
            )
        )
    return found


def check_label(label: str) -> str:
    """Return a label that a mark may have.

    Raises:
        ValueError: it is none of Nescio's.
    """
    if label not in LABELS:
        raise ValueError("no such label")
    return label
