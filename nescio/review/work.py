"""The parts of a reviewed release that read PDFs: each runs in a process of its own, with limits.

What comes back is plain data, so that a hostile file that brings its process down, or never ends,
costs one document and one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

import pyarrow as pa

from nescio import tables
from nescio.errors import UnverifiedError
from nescio.extract.page_flags import FLAG_UNREADABLE
from nescio.ocr import read_text
from nescio.original import Original
from nescio.redact import open_prepared, redact_document
from nescio.redact.boxes import BoxWidth
from nescio.redact.overlay import Style
from nescio.redact.redact import Raster
from nescio.report.thumbnails import thumbnails
from nescio.review.compare import Changes, compare
from nescio.review.confidential import Confidential, Hidden, hide
from nescio.review.covers import Cover
from nescio.review.desk import Entry, marks_from
from nescio.review.marks import Mark
from nescio.review.others import Other, cover_others, others_of
from nescio.review.proposal import Record, mark_name
from nescio.review.publish import Learnt, learn
from nescio.undecided import undecided

Others = Literal["ask", "cover", "leave"]

DETECTORS: Final = 33
"""Number of the check that runs detectors on the output."""


@dataclass(frozen=True)
class Task:
    """What is to be made of a person's marks.

    Attributes:
        doc: opaque id of the document.
        token: of its proposal.
        proposed: REDACTIONS as proposed.
        marks: what a person left, from an edited file or from the review page.
        others: what is done where the text under new marks stands elsewhere.
        confidential: texts that have to go, too.
        undecided: names of marks that were left open.
        kept_pages: pages on which the policy lets a mention stand.
    """

    doc: str
    token: str
    proposed: pa.Table
    marks: Sequence[Mark] | Sequence[Entry]
    others: Others
    confidential: tuple[Confidential, ...]
    undecided: Set[str]
    kept_pages: Set[int]


class Settled(NamedTuple):
    """What follows from a person's marks."""

    changes: Changes
    places: list[Other]
    hidden: Hidden
    learnt: Learnt


def settle(pdf: Path, password: str | None, task: Task) -> Settled:
    """Turn a person's marks into decisions on the original.

    Raises:
        RefusedError: the original cannot be opened.
    """
    with open_prepared(pdf, password) as document:
        marks = [
            mark if isinstance(mark, Mark) else marks_from(document, [mark])[0]
            for mark in task.marks
        ]
        changes = compare(document, task.proposed, marks, task.token, task.doc)
        places = others_of(document, changes)
        if task.others == "cover":
            cover_others(places, changes)
        learnt = learn(
            document,
            task.doc,
            changes,
            task.proposed,
            task.token,
            task.undecided,
            task.kept_pages,
        )
        pages = range(document.page_count)
        hidden = hide(Cover(document), task.doc, pages, task.confidential, changes)
    return Settled(changes, places, hidden, learnt)


class Look(NamedTuple):
    """How the output looks, and what of it is known."""

    record: Record
    kept: list[str]
    original: Original | None
    """For the detectors; None to run none."""


class Released(NamedTuple):
    """What was made: the certificate, and THUMBNAILS."""

    certificate: dict[str, Any]
    thumbnails: pa.Table


def redact(
    pdf: Path, out: Path, password: str | None, redactions: pa.Table, look: Look
) -> Released:
    """Redact and verify by decisions.

    Pages whose fonts do not tell what they show become pictures: a person saw these, and their
    text layer says something else, also to a search.

    Raises:
        DocumentError: nothing could be released.
    """
    record = look.record
    result = redact_document(
        pdf,
        out,
        redactions,
        password=password,
        style=cast(Style, record.style),
        boxes=cast(BoxWidth, record.boxes),
        kept=look.kept,
        raster=cast(Raster, record.raster),
        pictures=[int(page) for page, why in record.flags.items() if FLAG_UNREADABLE in why],
        web_links=record.web_links,
        ocr=read_text,
        detector=partial(undecided, original=look.original) if look.original else None,
        open_flags=[],  # the person who releases it had its flagged pages to look at
    )
    certificate = result.certificate.to_dict() | {"notes": list(result.notes)}
    return Released(certificate, thumbnails(out, out.stem, redactions))


def as_decided(original: Original, changes: Changes, token: str) -> Original:
    """Return what is known of a document with what a person decided instead of what was proposed.

    Mentions whose mark was rejected or moved on a page are decided to stand.
    """
    rows: list[dict[str, Any]] = original.decisions.to_pylist()
    standing = {
        row["mention"]
        for row in original.redactions.select(["mention", "page"]).to_pylist()
        if changes.verdicts.get(mark_name(token, row["mention"], row["page"]))
        in ("rejected", "moved")
    }
    decided = [row | {"action": "keep"} if row["mention"] in standing else row for row in rows]
    return replace(
        original,
        decisions=tables.from_rows("decisions", decided),
        redactions=changes.table(),
    )


def found_by_detectors(error: UnverifiedError) -> list[int]:
    """Return the pages (from 0) on which detectors alone found something; none if more failed."""
    checks: Sequence[Mapping[str, Any]] = error.certificate.get("checks", ())
    failed = [check for check in checks if check["status"] == "failed"]
    if [check["number"] for check in failed] != [DETECTORS]:
        return []
    return sorted(failed[0]["pages"]) or [-1]
