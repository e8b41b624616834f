"""Applies an edited proposal: decisions, redaction, proof, release, all or nothing."""

from __future__ import annotations

import fcntl
import getpass
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow.compute as pc

from nescio.errors import (
    ConfigurationError,
    DocumentError,
    ExitCode,
    NescioError,
    QuarantinedError,
    UnverifiedError,
)
from nescio.isolation import Limits, preload, run_isolated
from nescio.lock import StoreLock
from nescio.passwords import load_passwords
from nescio.review import audit, work
from nescio.review.compare import Changes
from nescio.review.confidential import Confidential, read_confidential
from nescio.review.desk import Entry
from nescio.review.edited import check_original, read_edited
from nescio.review.marks import CCI, Mark
from nescio.review.proposal import (
    Record,
    read_original,
    read_proposed,
    read_record,
    read_redactions,
)
from nescio.review.publish import publish
from nescio.review.reported import update_report
from nescio.review.work import Others
from nescio.store import PRIVATE, Store, is_remote, open_store

RELEASING: Final = f"{PRIVATE}/review.lock"
"""The lock of whoever releases a document in a bucket."""

Unseen = Literal["ask", "leave"]
"""What is done where detectors find on the output what nobody decided on: ask, or let it stand."""


@dataclass(frozen=True)
class Applied:
    """What came of an edited proposal.

    Attributes:
        file: key of the released PDF.
        counts: what a person changed, as in the certificate.
        empty: pages (from 0) of marks that cover nothing.
    """

    file: str
    counts: dict[str, int]
    empty: list[int]


@dataclass(frozen=True)
class How:
    """What a person says of a release, besides the marks.

    Attributes:
        others: what is done where the text under a new mark stands elsewhere, too.
        unseen: what is done where detectors find on the output what nobody decided on.
        confidential: texts that are removed as commercially confidential.
    """

    others: Others = "ask"
    unseen: Unseen = "ask"
    confidential: tuple[Confidential, ...] = ()


def apply_proposal(
    output: str,
    doc: str,
    edited: Path,
    original: Path,
    *,
    passwords: str = "",
    others: Others = "ask",
    unseen: Unseen = "ask",
    confidential: str = "",
) -> Applied:
    """Release a document as a person decided in its edited proposal.

    Args:
        output: URI of the outbox with the proposal.
        doc: opaque id of the document.
        edited: the proposal's PDF or XFDF, as edited.
        original: the file that was proposed, unchanged.
        passwords: URI of the password file; empty for none.
        others: what is done where the text under a new mark stands elsewhere, too.
        unseen: what is done where detectors find on the output what nobody decided on.
        confidential: path or URI of a CSV list (text,justification) of texts that are removed as
            commercially confidential; empty for none.

    Raises:
        ConfigurationError: there is no such proposal, one of the files is not what it has to be,
            or ``others`` or ``unseen`` has to be decided.
        NescioError: what was decided could not be proven to be gone; nothing was released.
    """
    preload("nescio.warm", "nescio.review.work")
    how = How(others, unseen, read_confidential(confidential))
    store = open_store(output)
    record = find_record(store, doc)
    check_original(original, record)
    with _released_or_not(doc):
        marks = run_isolated(Limits.for_pages(record.pages), read_edited, edited, record)
    job = Reviewed(
        output, doc, record, original, load_passwords(passwords).of(str(original.resolve()))
    )
    return release_marks(job, marks, how, tell=True)


@dataclass(frozen=True)
class Reviewed:
    """A document whose review is done.

    Attributes:
        output: URI of the outbox with the proposal.
        doc: opaque id of the document.
        record: of its proposal.
        original: the file that was proposed.
        password: of the original.
        who: the person who decided, for the audit trail.
        undecided: names of marks that were left open: nothing is learnt from them.
    """

    output: str
    doc: str
    record: Record
    original: Path
    password: str | None = None
    who: str = ""
    undecided: frozenset[str] = frozenset()


def release_marks(
    job: Reviewed,
    marks: Sequence[Mark] | Sequence[Entry],
    how: How | None = None,
    *,
    also: Mapping[str, Any] | None = None,
    tell: bool = False,
    fingerprint: str = "",
) -> Applied:
    """Redact, verify and release a document by the marks that a person left.

    PDFs are read in processes of their own, under the limits of a document of this length.

    Args:
        job: the document.
        marks: what is to be hidden.
        how: what else the person said.
        also: more facts for the certificate: numbers, no text.
        tell: put each decision into the audit trail; the review page has done so already.
        fingerprint: of the decisions, if they come from a log.

    Raises:
        ConfigurationError: ``others`` or ``unseen`` has to be decided, or the proposal is not the
            stored one.
        NescioError: what was decided could not be proven to be gone; nothing was released.
    """
    preload("nescio.warm", "nescio.review.work")
    asked = how or How()
    store, doc, record = open_store(job.output), job.doc, job.record
    if find_record(store, doc).token != record.token:
        raise ConfigurationError(
            "another proposal has taken the place of this one.", "Begin the review again."
        )
    task = work.Task(
        doc,
        record.token,
        read_redactions(store, doc),
        marks,
        asked.others,
        asked.confidential,
        job.undecided,
        _kept_pages(store, doc, record.pages),
    )
    limits = Limits.for_pages(record.pages, record.pictured)
    with _released_or_not(doc):
        settled = run_isolated(limits, work.settle, job.original, job.password, task)
    changes, places = settled.changes, settled.places
    if places and asked.others == "ask":
        raise OthersError(sorted({place.page for place in places}), len(places))
    said = _facts(settled, asked, record) | dict(also or {})
    who = job.who or reader_name()
    if tell:
        _tell(job.output, who, doc, changes)
    look = _look(store, doc, record, settled, asked)
    with alone(job.output), tempfile.TemporaryDirectory(prefix="nescio-") as name:
        out = Path(name) / f"{doc}.pdf"
        try:
            with _released_or_not(doc):
                made = run_isolated(
                    limits, work.redact, job.original, out, job.password, changes.table(), look
                )
        except NescioError:
            audit.record(job.output, who, doc, "not_released")
            raise
        trail = audit.record(job.output, who, doc, "released")
        facts = made.certificate | {"document": doc, "review": said}
        facts |= {"audit": {"entries": trail.entries, "last_hash": trail.hash}}
        file = publish(store, doc, record, out, facts, changes, settled.learnt, fingerprint)
        update_report(job.output, doc, facts, made.thumbnails)
    numbers = {name: value for name, value in said.items() if isinstance(value, int)}
    return Applied(file, numbers, changes.empty)


@contextmanager
def _released_or_not(doc: str) -> Iterator[None]:
    """Say of what goes wrong with a PDF that nothing was released, and what a person can do."""
    try:
        yield
    except UnverifiedError as error:
        if pages := work.found_by_detectors(error):
            raise UnseenError(pages) from None
        raise _not_released(error, doc) from None
    except QuarantinedError as error:
        raise _not_released(error, doc) from None


def _not_released(error: DocumentError, doc: str) -> NescioError:
    failed = NescioError(f"not released: {error.what}", error.remedy, doc)
    failed.exit_code = ExitCode.NONE_RELEASED
    return failed


def _facts(settled: work.Settled, asked: How, record: Record) -> dict[str, Any]:
    """Return what the certificate says of the review: numbers only."""
    counts = settled.changes.counts()
    counts["others_covered"] = len(settled.places) if asked.others == "cover" else 0
    counts["flagged_pages"] = len(record.flags)
    hidden = {(row["mention"], row["page"], row["label"]) for row in settled.changes.rows}
    counts["confidential_places"] = sum(label == CCI for _, _, label in hidden)
    counts["confidential_texts"] = settled.hidden.texts
    counts["confidential_texts_absent"] = settled.hidden.absent
    return counts


def _look(store: Store, doc: str, record: Record, settled: work.Settled, asked: How) -> work.Look:
    kept = settled.changes.rejected_texts
    if asked.others == "leave":
        kept = kept + [place.text for place in settled.places]
    original = read_original(store, doc, record) if asked.unseen == "ask" else None
    if original is not None:
        original = work.as_decided(original, settled.changes, record.token)
    return work.Look(record, kept, original)


def _tell(output: str, who: str, doc: str, changes: Changes) -> None:
    """Put the decisions of an edited proposal into the audit trail."""
    verdicts: dict[str, list[str]] = {}
    for name, verdict in changes.verdicts.items():
        verdicts.setdefault(verdict, []).append(name.split(".", 2)[2])
    for verdict, names in sorted(verdicts.items()):
        audit.record(output, who, doc, verdict, names)
    if changes.added:
        audit.record(output, who, doc, "added", [f"+{mention}" for mention in changes.added])


def _kept_pages(store: Store, doc: str, pages: int) -> set[int]:
    """Return the pages on which the policy lets a mention stand: all if that is not on record."""
    try:
        decisions = read_proposed(store, doc)
    except FileNotFoundError:
        return set(range(pages))
    return set(decisions.filter(pc.field("action") == "keep")["page"].to_pylist())


class OthersError(ConfigurationError):
    """What new marks cover stands elsewhere, too: a person has to say what is done there."""

    def __init__(self, pages: list[int], places: int) -> None:
        self.pages, self.places = pages, places
        shown = ", ".join(str(page + 1) for page in pages)
        super().__init__(
            f"what new or moved marks cover stands in {places} more places (pages {shown}).",
            "Give --others cover to hide them, too, or --others leave to let them stand.",
        )


class UnseenError(ConfigurationError):
    """Detectors find on the output what nobody decided on: a person has to look at it."""

    def __init__(self, pages: list[int]) -> None:
        self.pages = pages
        shown = ", ".join(str(page + 1) for page in pages if page >= 0) or "none: hidden text"
        super().__init__(
            f"detectors find identifiers that nobody decided on (pages {shown}).",
            "Mark them, or give --unseen leave to let them stand.",
        )


def reader_name(given: str = "") -> str:
    """Return the name of the person at work, as it goes into the audit trail and file names.

    Raises:
        ConfigurationError: it holds other than letters, digits, ``.``, ``_`` and ``-``.
    """
    name = given or re.sub(r"[^A-Za-z0-9._-]", "_", _user())
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", name):
        raise ConfigurationError(
            "a reader's name has up to 40 letters, digits, dots, dashes and underscores."
        )
    return name


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # containers run under numbers without a name
        return f"uid-{os.getuid()}"


def find_record(store: Store, doc: str) -> Record:
    """Return the record of a document's proposal.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        record = read_record(store, doc)
    except ValueError:  # a key that leaves the store
        record = None
    if record is None:
        raise ConfigurationError(
            "there is no proposal for this document.", "See private/documents.csv for ids."
        )
    return record


@contextmanager
def alone(output: str) -> Iterator[None]:
    """Keep other reviews, and of a local output folder also runs, out of it for a while."""
    if is_remote(output):
        lock = StoreLock(open_store(output), RELEASING, "this outbox", patience=60, lease=1800)
        lock.acquire()
        try:
            yield
        finally:
            lock.release()
        return
    with (Path(output.removeprefix("file://")) / PRIVATE / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                "a run is writing to this output folder.", "Wait for it."
            ) from None
        yield
