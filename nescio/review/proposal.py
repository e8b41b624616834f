"""The proposal: the original with a Redact annotation for each mention, none of them applied."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq

from nescio.errors import QuarantinedError
from nescio.extract import open_pdf
from nescio.flags import Flags
from nescio.isolation import Limits, run_isolated
from nescio.original import NEEDED, Original
from nescio.policy import frozen, thawed
from nescio.policy.explain import sentence
from nescio.redact.boxes import OFF_PAGE
from nescio.redact.overlay import Style
from nescio.review.annotations import read_marks, write_marks
from nescio.review.marks import Mark, fingerprints, shown_quad, to_shown
from nescio.review.xfdf import write_xfdf
from nescio.store import PRIVATE, Store

TOKEN_KEY: Final = "/NescioProposal"
"""Entry of a proposal's document information that holds its token."""

TOKEN_LENGTH: Final = 24


@dataclass(frozen=True)
class Record:
    """What ties a proposal to its original, and what its release needs. Private.

    Attributes:
        token: digest of the original and of all that was proposed; part of each mark's name.
        original_sha256: of the original's bytes.
        file_id: permanent identifier (ID) of the proposal's PDF, hexadecimal.
        pages: of the original.
        outbox_key: of the document, under the policy, model and code that proposed.
        style: how removals look.
        boxes: ``tight`` or ``quantised``.
        own_marks: marks that the original has of itself, counted by kind and place.
        flags: page (from 0, as text) -> why a person has to look at it.
        raster: which pages become pictures at the release: ``never``, ``needed`` or ``all``.
        web_links: whether links to the web that hold no secret stay.
        reading: how surely the text of a mark (mention and page, ``12.0``) was read, if not fully.
        policy: what decided, as ``nescio.policy.frozen`` says it; empty in older proposals.
        this_year: the year in which the run counts as done.
        pictured: number of pages with pictures, which take longer to verify.
    """

    token: str
    original_sha256: str
    file_id: str
    pages: int
    outbox_key: str
    style: str
    boxes: str
    own_marks: dict[str, int]
    reading: dict[str, float] = field(default_factory=dict)
    flags: dict[str, list[str]] = field(default_factory=dict)
    raster: str = "never"
    web_links: bool = False
    policy: dict[str, Any] = field(default_factory=dict)
    this_year: int = 0
    pictured: int = 0


def proposal_key(doc: str, suffix: str) -> str:
    """Return the private key of one of a proposal's files.

    Suffixes: pdf, xfdf, json, parquet (REDACTIONS), decisions.parquet (their DECISIONS),
    paragraphs.parquet and words.parquet (what was read of the document).
    """
    return f"{PRIVATE}/proposal/{doc}.{suffix}"


def reviewed_key(doc: str) -> str:
    """Return the private key of the REDACTIONS by which a reviewed document was released."""
    return f"{PRIVATE}/review/{doc}.parquet"


def write_proposal(
    store: Store,
    pdf: Path,
    document: dict[str, Any],
    tables_of: tuple[pa.Table, pa.Table, pa.Table],
    *,
    password: str | None = None,
    style: str,
    boxes: str,
    flags: Flags | None = None,
    raster: str = "never",
    web_links: bool = False,
    pictured: int = 0,
    original: Original | None = None,
) -> Record:
    """Write the proposal of one document into the outbox's private folder.

    If the same was proposed before, its files stand as they are: a person may be at work in
    them. An older proposal of something else is kept beside it as ``<id>.old.pdf``.

    Args:
        store: the outbox.
        pdf: the original.
        document: its row of DOCUMENTS.
        tables_of: DECISIONS, REDACTIONS and (of paragraphs with a mention) WORDS of the document.
        password: of the original; the proposal is written without one.
        style: how removals will look.
        boxes: ``tight`` or ``quantised``.
        flags: pages at which a person has to look, and why.
        raster: pages that will become pictures: ``never``, ``needed`` or ``all``.
        web_links: whether links to the web that hold no secret will stay.
        pictured: number of pages with pictures, which take longer to verify.
        original: all that the run knows of the document, for the detectors that will look at
            what a person releases.

    Raises:
        QuarantinedError: the annotations cannot be written into this file, or not within the
            limits of time and memory of a document of this length.
    """
    decisions, redactions, words = tables_of
    doc = document["doc"]
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    token = _token(sha256, redactions, [style, boxes, raster, web_links])
    old = read_record(store, doc)
    if old is not None and old.token == token and store.exists(proposal_key(doc, "pdf")):
        return old
    when = time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime())
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        out = Path(name) / "proposal.pdf"
        limits = Limits.for_pages(document["pages"])
        given = (decisions, redactions, words)
        drawn = run_isolated(limits, _draw, pdf, password, given, token, when, out)
        data = out.read_bytes()
    record = Record(
        token,
        sha256,
        drawn.file_id,
        document["pages"],
        document["outbox_key"],
        style,
        boxes,
        drawn.own,
        _doubts(decisions, words),
        {str(page): list(why) for page, why in (flags or {}).items()},
        raster,
        web_links,
        frozen(original.policy) if original else {},
        original.this_year if original else 0,
        pictured,
    )
    if old is not None and store.exists(proposal_key(doc, "pdf")):
        store.move(proposal_key(doc, "pdf"), proposal_key(doc, "old.pdf"))
    _write_table(store, proposal_key(doc, "parquet"), redactions)
    _write_table(store, proposal_key(doc, "decisions.parquet"), decisions)
    if original is not None:
        _write_table(store, proposal_key(doc, "paragraphs.parquet"), original.paragraphs)
        _write_table(store, proposal_key(doc, "words.parquet"), original.words.select(NEEDED))
    store.write(proposal_key(doc, "json"), json.dumps(asdict(record), indent=2).encode())
    xfdf = write_xfdf(drawn.marks, f"{doc}.pdf", drawn.file_id, when)
    store.write(proposal_key(doc, "xfdf"), xfdf)
    store.write(proposal_key(doc, "pdf"), data)
    return record


def read_record(store: Store, doc: str) -> Record | None:
    """Return the record of a document's proposal, if it has one."""
    try:
        return Record(**json.loads(store.read(proposal_key(doc, "json"))))
    except FileNotFoundError:
        return None


def _write_table(store: Store, key: str, table: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    store.write(key, buffer.getvalue())


def read_proposed(store: Store, doc: str) -> pa.Table:
    """Return the DECISIONS that a proposal was made from.

    Raises:
        FileNotFoundError: the proposal is older than this file.
    """
    return pq.read_table(io.BytesIO(store.read(proposal_key(doc, "decisions.parquet"))))


def read_original(store: Store, doc: str, record: Record) -> Original | None:
    """Return what the run knew of a document when it was proposed, words without their edges.

    Returns:
        None if the proposal is older than these files.
    """
    if not record.policy:
        return None
    paragraphs, words = (
        pq.read_table(io.BytesIO(store.read(proposal_key(doc, f"{name}.parquet"))))
        for name in ("paragraphs", "words")
    )
    return Original(
        paragraphs,
        words,
        read_proposed(store, doc),
        read_redactions(store, doc),
        thawed(record.policy),
        cast(Style, record.style),
        record.this_year,
    )


def read_redactions(store: Store, doc: str) -> pa.Table:
    """Return the REDACTIONS that were proposed for a document."""
    return pq.read_table(io.BytesIO(store.read(proposal_key(doc, "parquet"))))


def mark_name(token: str, mention: int, page: int) -> str:
    """Return the stable name (NM) of a mention's mark on one page."""
    return f"nescio.{token}.{mention}.{page}"


def mark_owner(name: str) -> str | None:
    """Return the token in a mark's name, or None if the name is not Nescio's."""
    parts = name.split(".")
    return parts[1] if len(parts) == 4 and parts[0] == "nescio" else None


def _token(sha256: str, redactions: pa.Table, how: list[str | bool]) -> str:
    rows = json.dumps([sha256, how, redactions.to_pylist()], sort_keys=True)
    return hashlib.sha256(rows.encode()).hexdigest()[:TOKEN_LENGTH]


def marks_of(
    pdf: Path,
    password: str | None,
    decisions: pa.Table,
    redactions: pa.Table,
    words: pa.Table,
    token: str,
) -> Iterator[Mark]:
    """Yield the marks of a proposal: one for each mention and page on which it stands."""
    facts = {row["mention"]: row for row in decisions.to_pylist()}
    reading = _confidences(words)
    groups: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in redactions.to_pylist():
        if row["page"] != OFF_PAGE:
            groups.setdefault((row["page"], row["mention"]), []).append(row)
    with open_pdf(pdf, password) as document:
        matrices = {page: to_shown(document[page]) for page in {page for page, _ in groups}}
        for (page, mention), rows in sorted(groups.items()):
            matrix = matrices[page]
            quads = tuple(
                shown_quad((row["x0"], row["y0"], row["x1"], row["y1"]), matrix) for row in rows
            )
            fact = facts[mention]
            read = reading.get((fact["paragraph"], page), 1.0)
            yield Mark(
                "Redact",
                page,
                quads,
                mark_name(token, mention, page),
                f"{fact['label']} {fact['kind']}".strip(),
                _contents(fact, read),
                rows[0]["replacement"],
            )


def _contents(fact: dict[str, Any], read: float) -> str:
    kind = f" ({fact['kind']})" if fact["kind"] else ""
    return (
        f"{fact['label']}{kind}: {fact['action']}\n"
        f"Confidence {fact['score']:.2f}, reading confidence {read:.2f}\n"
        f"{sentence(fact)}"
    )


def _confidences(words: pa.Table) -> dict[tuple[int, int], float]:
    """Return how surely the least sure word of each paragraph was read: 1 for a text layer."""
    found: dict[tuple[int, int], float] = {}
    for row in words.select(["paragraph", "page", "confidence"]).to_pylist():
        key = (row["paragraph"], row["page"])
        found[key] = min(found.get(key, 1.0), row["confidence"])
    return found


def _doubts(decisions: pa.Table, words: pa.Table) -> dict[str, float]:
    """Return how surely marks were read, by mention and page: those that were read with doubt."""
    reading = _confidences(words)
    found: dict[str, float] = {}
    pages: dict[int, set[int]] = {}
    for paragraph, page in reading:
        pages.setdefault(paragraph, set()).add(page)
    for row in decisions.select(["mention", "paragraph"]).to_pylist():
        for page in pages.get(row["paragraph"], ()):
            if (sure := reading[row["paragraph"], page]) < 1:
                found[f"{row['mention']}.{page}"] = round(sure, 3)
    return found


class _Drawn(NamedTuple):
    """A proposal's marks, its permanent identifier, and the marks that the original has itself."""

    marks: list[Mark]
    file_id: str
    own: dict[str, int]


def _draw(
    pdf: Path,
    password: str | None,
    given: tuple[pa.Table, pa.Table, pa.Table],
    token: str,
    when: str,
    out: Path,
) -> _Drawn:
    """Write the proposal's PDF to ``out``, in a process of its own."""
    marks = list(marks_of(pdf, password, *given, token))
    try:
        with pikepdf.open(pdf, password=password or "") as file:
            own = dict(fingerprints(read_marks(file)))
            write_marks(file, marks, when)
            file.docinfo[TOKEN_KEY] = pikepdf.String(token)
            file.save(out, static_id=False)
        with pikepdf.open(out) as file:
            file_id = bytes(file.trailer.ID[0]).hex()
    except pikepdf.PdfError:
        raise QuarantinedError(
            "the marks cannot be written into this file.",
            "Print the document to a new PDF and try again.",
            reason="proposal_failed",
        ) from None
    return _Drawn(marks, file_id, own)
