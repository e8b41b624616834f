"""A document that is open in the review page: its desk, its original, and the words in it."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.errors import ConfigurationError, NescioError
from nescio.passwords import Passwords
from nescio.policy import explain
from nescio.redact.glyphs import Rect
from nescio.redact.secrets import fold
from nescio.review import audit
from nescio.review.apply import find_record
from nescio.review.confidential import Confidential
from nescio.review.desk import Added, Desk, Item, items_of, replay
from nescio.review.edited import check_original
from nescio.review.log import open_log, read_events
from nescio.review.proposal import read_proposed, read_redactions
from nescio.review.publish import LISTING
from nescio.review.readers import Comparison
from nescio.review.settling import begin_settling
from nescio.review.web.drawing import Drawers, Look, Source, Word, read_words, sizes
from nescio.steps.release import decisions_key
from nescio.store import PRIVATE, is_remote, open_store

MOST_HITS: Final = 500
"""Places that one search gives."""

AT_ONCE: Final = 8
"""Pages whose words are read between two other tasks."""

EDGE: Final = ".,;:()[]{}<>\"'!?"
"""Signs around a word that are no part of it."""


@dataclass
class Case:
    """What the server holds of one document."""

    desk: Desk
    source: Source
    sizes: list[tuple[float, float]]
    proposed: pa.Table
    decisions: pa.Table
    comparison: Comparison | None = None
    """Of the two readers whose decisions are settled here."""
    confidential: tuple[Confidential, ...] = ()
    """Texts that are removed at the release, too."""
    words: list[list[Word]] = field(default_factory=list)
    """Of the pages that were read so far, from the first one on."""

    def why(self, mention: int) -> dict[str, Any]:
        """Return why a mention is to be hidden: sources, scores, and a sentence."""
        rows = self.decisions.filter(pc.field("mention") == mention).to_pylist()
        if not rows:
            return {"sentence": "The proposal is older than this page: why is not on record."}
        row = rows[0]
        kept = ("kind", "score", "sources", "action", "why")
        sentence = explain(self.decisions, mention).replace(") was ", ") would be ", 1)
        return {name: row[name] for name in kept} | {"sentence": sentence}

    def look(self, page: int) -> Look:
        """Return what the picture of a page as released depends on."""
        record = self.desk.record
        return Look(
            record.token,
            self.desk.doc,
            record.style,  # type: ignore[arg-type]
            record.boxes == "quantised",
            self.desk.entries(page),
            self.proposed.filter(pc.field("page") == page),
            self.confidential,
        )

    async def index(self, drawers: Drawers) -> None:
        """Read the words of all pages, a few at a time."""
        while len(self.words) < len(self.sizes):
            first = len(self.words)
            pages = list(range(first, min(first + AT_ONCE, len(self.sizes))))
            self.words += await drawers.later(read_words, self.source, pages)

    def search(self, query: str, whole: bool = False) -> list[dict[str, Any]]:
        """Return page, boxes and text of each place where a text stands.

        Args:
            query: any text; case, accents and line breaks do not matter.
            whole: whole words only, and only where nothing is hidden yet.
        """
        parts = fold(query).split()
        wanted = " ".join(part.strip(EDGE) for part in parts) if whole else " ".join(parts)
        if not wanted:
            return []
        found: list[dict[str, Any]] = []
        for page, words in enumerate(self.words):
            hidden = self._hidden(page) if whole else []
            for run in _runs(words, wanted, whole):
                if whole and all(_inside(word.box, hidden) for word in run):
                    continue
                text = " ".join(word.text for word in run)
                found.append({"page": page, "boxes": _by_line(run), "text": text})
                if len(found) == MOST_HITS:
                    return found
        return found

    def _hidden(self, page: int) -> list[Rect]:
        return [box for entry in self.desk.entries(page) for box in entry.boxes]


def _runs(words: list[Word], wanted: str, whole: bool) -> Iterator[list[Word]]:
    """Yield the words that each place of a text touches on a page."""
    text, owners = "", []
    for number, word in enumerate(words):
        part = fold(word.text)
        part = part.strip(EDGE) if whole else part
        text += part + " "
        owners += [number] * (len(part) + 1)
    sought = f" {wanted} " if whole else wanted
    padded, shift = (f" {text}", 1) if whole else (text, 0)
    start = padded.find(sought)
    while start >= 0:
        first = start - shift + (1 if whole else 0)
        last = first + len(wanted) - 1
        yield words[owners[first] : owners[last] + 1]
        start = padded.find(sought, start + len(wanted))


def _inside(box: Rect, places: Iterable[Rect]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in places)


def _by_line(run: list[Word]) -> list[Rect]:
    lines: dict[int, list[Rect]] = {}
    for word in run:
        lines.setdefault(word.line, []).append(word.box)
    return [
        (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )
        for boxes in lines.values()
    ]


class Cases:
    """The documents of one outbox, opened when they are asked for."""

    def __init__(
        self,
        output: str,
        reader: str,
        inbox: str,
        passwords: Passwords,
        settle: tuple[str, ...] = (),
        confidential: tuple[Confidential, ...] = (),
    ) -> None:
        self.output, self.reader, self.settle = output, reader, settle
        self.confidential = confidential
        self._inbox, self._passwords = inbox, passwords
        self._store = open_store(output)
        self._open: dict[str, Case] = {}
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fetched = tempfile.TemporaryDirectory(prefix="nescio-")
        self.drawers = Drawers()

    def docs(self) -> list[str]:
        """Return the ids of all documents with a proposal."""
        keys = (entry.key for entry in self._store.list(f"{PRIVATE}/proposal"))
        names = (key.rpartition("/")[2] for key in keys if key.endswith(".json"))
        return sorted(name.removesuffix(".json") for name in names)

    def overview(self, doc: str) -> dict[str, Any]:
        """Return how far a document is, without opening its original.

        Raises:
            ConfigurationError: its decision log is damaged.
        """
        record = find_record(self._store, doc)
        items = items_of(record, read_redactions(self._store, doc), tables.empty("decisions"))
        if doc in self._open:
            state = self._open[doc].desk.state
        else:
            state = replay(read_events(self.output, doc, record.token, self.reader))
        decided = sum(bool(state.verdicts.get(item.id)) for item in items)
        facts = {"pages": record.pages, "flagged": len(record.flags)}
        return facts | {"decided": decided, "total": len(items)}

    async def get(self, doc: str) -> Case:
        """Return a document, opened if it was not.

        Raises:
            ConfigurationError: there is no such proposal, or not its original.
        """
        async with self._opening:
            if doc not in self._open:
                self._open[doc] = case = await self._open_case(doc)
                task = asyncio.create_task(case.index(self.drawers))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return self._open[doc]

    async def _open_case(self, doc: str) -> Case:
        record = find_record(self._store, doc)
        path = self._original(doc)
        if not path.is_file():
            raise ConfigurationError(
                "the original is not where the run found it.", "Say where it is with --inbox."
            )
        check_original(path, record)
        source = Source(str(path), self._passwords.of(str(path)))
        found = await self.drawers.now(sizes, source)
        proposed = read_redactions(self._store, doc)
        decisions = self._decisions(doc, proposed)
        log = open_log(self.output, doc, record.token, self.reader)
        items = items_of(record, proposed, decisions)
        comparison = None
        if self.settle:
            try:
                pair = self.settle[0], self.settle[1]
                comparison = begin_settling(log, items, self.output, doc, record, pair)
            except NescioError:
                log.close()
                raise
        desk = Desk(doc, record, items, log)
        audit.record(self.output, self.reader, doc, "settled" if self.settle else "opened")
        return Case(desk, source, found, proposed, decisions, comparison, self.confidential)

    def _decisions(self, doc: str, proposed: pa.Table) -> pa.Table:
        try:
            return read_proposed(self._store, doc)
        except FileNotFoundError:  # a proposal of an older version
            found = pa.BufferReader(self._store.read(decisions_key(doc)))
            import pyarrow.parquet as pq

            return pq.read_table(found).slice(0, 0)

    def _original(self, doc: str) -> Path:
        """Return where the original of a document is."""
        try:
            text = self._store.read(LISTING).decode()
        except FileNotFoundError:
            text = ""
        for row in csv.DictReader(io.StringIO(text, newline="")):
            if row["id"] == doc:
                return self._at(row["path"])
        raise ConfigurationError("there is no record of where this document's original is.")

    def _at(self, path: str) -> Path:
        """Return a file that a run read: where it was, or in the inbox."""
        if not self._inbox:
            return Path(path)
        if not is_remote(self._inbox):
            folder = Path(self._inbox)
            inside = folder / Path(path).name
            return (inside if inside.is_file() else folder / path).resolve()
        with suppress(FileNotFoundError, ValueError):
            return open_store(self._inbox).fetch(path, Path(self._fetched.name))
        raise ConfigurationError("the original is not in the inbox.", "Say where with --inbox.")

    def forget(self, doc: str) -> None:
        """Close a document, so that it is opened anew when it is next asked for."""
        case = self._open.pop(doc, None)
        if case is not None:
            case.desk.log.close()

    def close(self) -> None:
        """End what runs beside the server."""
        for task in self._tasks:
            task.cancel()
        for case in self._open.values():
            case.desk.log.close()
        self.drawers.close()
        self._fetched.cleanup()


def shown_mark(
    desk: Desk, mark: Item | Added, comparison: Comparison | None = None
) -> dict[str, Any]:
    """Return what the page is told of a mark."""
    facts: dict[str, Any] = {"id": mark.id, "page": mark.page, "label": desk.label_of(mark)}
    facts |= {"boxes": mark.boxes, "text": mark.text}
    if isinstance(mark, Item):
        facts |= {
            "verdict": desk.state.verdicts.get(mark.id, ""),
            "mention": mark.mention,
            "doubt": round(mark.doubt, 3),
            "score": round(mark.score, 3),
            "reading": mark.reading,
            "person": mark.person,
            "disputed": comparison is not None and mark.id in comparison.disagreed,
        }
    return facts
