"""Applies an edited proposal: decisions, redaction, proof, release, all or nothing."""

from __future__ import annotations

import fcntl
import getpass
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

import pyarrow.compute as pc
import pymupdf

from nescio.errors import ConfigurationError, ExitCode, NescioError, QuarantinedError
from nescio.lock import StoreLock
from nescio.ocr import read_text
from nescio.passwords import load_passwords
from nescio.redact import open_prepared, redact_document
from nescio.redact.boxes import BoxWidth
from nescio.redact.overlay import Style
from nescio.redact.redact import Raster
from nescio.review import audit
from nescio.review.compare import Changes, compare
from nescio.review.edited import check_original, read_edited
from nescio.review.marks import Mark
from nescio.review.others import cover_others, others_of
from nescio.review.proposal import Record, read_proposed, read_record, read_redactions
from nescio.review.publish import learn, publish
from nescio.store import PRIVATE, Store, is_remote, open_store

RELEASING: Final = f"{PRIVATE}/review.lock"
"""The lock of whoever releases a document in a bucket."""

Others = Literal["ask", "cover", "leave"]


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


def apply_proposal(
    output: str,
    doc: str,
    edited: Path,
    original: Path,
    *,
    passwords: str = "",
    others: Others = "ask",
) -> Applied:
    """Release a document as a person decided in its edited proposal.

    Args:
        output: URI of the outbox with the proposal.
        doc: opaque id of the document.
        edited: the proposal's PDF or XFDF, as edited.
        original: the file that was proposed, unchanged.
        passwords: URI of the password file; empty for none.
        others: what is done where the text under a new mark stands elsewhere, too.

    Raises:
        ConfigurationError: there is no such proposal, one of the files is not what it has to be,
            or ``others`` has to be decided.
        NescioError: what was decided could not be proven to be gone; nothing was released.
    """
    store = open_store(output)
    record = find_record(store, doc)
    check_original(original, record)
    marks = read_edited(edited, record)
    job = Reviewed(
        output, doc, record, original, load_passwords(passwords).of(str(original.resolve()))
    )
    return release_marks(job, lambda _: marks, others=others, tell=True)


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
    marks_of: Callable[[pymupdf.Document], list[Mark]],
    *,
    others: Others = "ask",
    also: Mapping[str, Any] | None = None,
    tell: bool = False,
    fingerprint: str = "",
) -> Applied:
    """Redact, verify and release a document by the marks that a person left.

    Args:
        job: the document.
        marks_of: gives the marks, for the original as it was opened.
        others: what is done where the text under a new mark stands elsewhere, too.
        also: more facts for the certificate: numbers, no text.
        tell: put each decision into the audit trail; the review page has done so already.
        fingerprint: of the decisions, if they come from a log.

    Raises:
        ConfigurationError: ``others`` has to be decided, or the proposal is not the stored one.
        NescioError: what was decided could not be proven to be gone; nothing was released.
    """
    store, doc, record = open_store(job.output), job.doc, job.record
    if find_record(store, doc).token != record.token:
        raise ConfigurationError(
            "another proposal has taken the place of this one.", "Begin the review again."
        )
    with open_prepared(job.original, job.password) as document:
        proposed = read_redactions(store, doc)
        changes = compare(document, proposed, marks_of(document), record.token, doc)
        places = others_of(document, changes)
        if places and others == "ask":
            raise OthersError(sorted({place.page for place in places}), len(places))
        if others == "cover":
            cover_others(places, changes)
        learnt = learn(
            document,
            doc,
            changes,
            proposed,
            record.token,
            job.undecided,
            _kept_pages(store, doc, record.pages),
        )
    kept = changes.rejected_texts
    kept = kept + ([place.text for place in places] if others == "leave" else [])
    counts = changes.counts()
    counts["others_covered"] = len(places) if others == "cover" else 0
    counts["flagged_pages"] = len(record.flags)
    said: dict[str, Any] = counts | dict(also or {})
    who = job.who or reader_name()
    if tell:
        _tell(job.output, who, doc, changes)
    with _alone(job.output), tempfile.TemporaryDirectory(prefix="nescio-") as name:
        out = Path(name) / f"{doc}.pdf"
        try:
            result = redact_document(
                job.original,
                out,
                changes.table(),
                password=job.password,
                style=cast(Style, record.style),
                boxes=cast(BoxWidth, record.boxes),
                kept=kept,
                raster=cast(Raster, record.raster),
                web_links=record.web_links,
                ocr=read_text,
                open_flags=[],  # the person who releases it had its flagged pages to look at
            )
        except QuarantinedError as error:
            audit.record(job.output, who, doc, "not_released")
            failed = NescioError(f"not released: {error.what}", error.remedy, doc)
            failed.exit_code = ExitCode.NONE_RELEASED
            raise failed from None
        trail = audit.record(job.output, who, doc, "released")
        facts = result.certificate.to_dict() | {"document": doc, "review": said}
        facts |= {"audit": {"entries": trail.entries, "last_hash": trail.hash}}
        file = publish(store, doc, record, out, facts, changes, learnt, fingerprint)
    numbers = {name: value for name, value in said.items() if isinstance(value, int)}
    return Applied(file, numbers, changes.empty)


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
def _alone(output: str) -> Iterator[None]:
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
