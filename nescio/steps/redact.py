"""redact: the documents of one shard are cleared, rebuilt and verified, each on its own."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.boxes import redactions_of
from nescio.errors import DocumentError, QuarantinedError, UnverifiedError
from nescio.flags import flags_of, hold_back
from nescio.isolation import Limits, preload, run_isolated
from nescio.original import Original
from nescio.passwords import Passwords, load_passwords
from nescio.policy import Policy, load_policy
from nescio.steps.extract import failure
from nescio.steps.keys import pending_prefix
from nescio.steps.telemetry import run_year, step
from nescio.store import Store, local_folder, open_store

Style = Literal["", "box", "white", "label"]
BoxWidth = Literal["tight", "quantised"]
Raster = Literal["never", "needed", "all"]


def run(
    shard: str,
    inbox: str,
    outbox: str,
    run: str,
    passwords: str,
    policy: str,
    style: Style,
    boxes: BoxWidth,
    raster: Raster,
    web_links: bool,
    propose: bool,
    folder: Path,
) -> None:
    """Redact one shard; what verified waits in the run's private folder for release.

    Args:
        shard: URI of the shard's folder, written by decide.
        inbox: URI of the inbox.
        outbox: URI of the outbox.
        run: id of the run.
        passwords: URI of the password file; empty for none.
        policy: name or URI of the policy, which says how a removal looks.
        style: ``box``, ``white`` or ``label`` instead; empty for the policy's own.
        boxes: ``tight`` or ``quantised``.
        raster: pages that become pictures: ``never``, ``needed`` or ``all``.
        web_links: keep links to the web that hold no secret.
        propose: write proposals for a person, and redact nothing yet.
        folder: where outcomes and thumbnails are written.
    """
    with step(outbox, run, "redact", shard.rpartition("=")[2]) as record:
        preload("nescio.warm")
        rules, year = load_policy(policy), run_year(outbox, run)
        look = style or rules.style
        seconds: Counter[str] = Counter()
        outcomes: list[dict[str, Any]] = []
        pictures: list[pa.Table] = []
        known = load_passwords(passwords)
        source, target = open_store(inbox), open_store(outbox)
        with local_folder(shard) as own, tempfile.TemporaryDirectory(prefix="nescio-") as name:
            for document in tables.read(own, "documents").to_pylist():
                how = How(rules, look, boxes, raster, web_links, year)
                job = Job(own, document, source, target, known, run, how)
                try:
                    if propose:
                        job.propose(Path(name))
                    else:
                        done = job.redact(Path(name))
                        pictures.append(done.thumbnails)
                        seconds.update(done.seconds)
                    outcome = {"outcome": "proposed" if propose else "released"}
                    outcome |= {"reason": "", "remedy": ""}
                    outcomes.append(outcome | {"doc": document["doc"], "pages": document["pages"]})
                except DocumentError as error:
                    outcomes.append(failure(error, document))
                except Exception as error:  # one bad document never stops the others
                    strange = QuarantinedError(
                        f"{type(error).__name__} while redacting.",
                        "Report this error; the document was not released.",
                        document["doc"],
                        "redaction_failed",
                    )
                    outcomes.append(failure(strange, document))
        tables.write(folder, "outcomes", tables.from_rows("outcomes", outcomes))
        tables.write(folder, "thumbnails", tables.concat("thumbnails", pictures))
        record |= {
            "documents": len(outcomes),
            "pages": sum(row["pages"] for row in outcomes),
            "quarantined": sum(row["outcome"] == "quarantined" for row in outcomes),
            "split": {name: round(value, 3) for name, value in seconds.items()},
        }


class How(NamedTuple):
    """How a run's outputs are to look; the fields are those of :func:`run`."""

    policy: Policy
    style: Literal["box", "white", "label"]
    boxes: BoxWidth
    raster: Raster
    web_links: bool
    this_year: int


class Redacted(NamedTuple):
    """What came of one document: its certificate, THUMBNAILS, and seconds by part of the work."""

    certificate: dict[str, Any]
    thumbnails: pa.Table
    seconds: dict[str, float]


def redact_one(
    pdf: Path,
    out: Path,
    original: Original,
    flagged: list[int],
    password: str | None,
    how: How,
) -> Redacted:
    """Redact and verify one document, in a process of its own.

    Args:
        pdf: the document.
        out: where the verified output goes.
        original: what the run knows and decided of it.
        flagged: pages at which a person has to look.
        password: of the document.
        how: how the output is to look.

    Raises:
        DocumentError: nothing could be released.
    """
    from nescio.ocr import read_text
    from nescio.redact import redact_document
    from nescio.report.thumbnails import thumbnails
    from nescio.undecided import undecided

    result = redact_document(
        pdf,
        out,
        original.redactions,
        password=password,
        style=original.style,
        boxes=how.boxes,
        raster=how.raster,
        web_links=how.web_links,
        ocr=read_text,
        detector=partial(undecided, original=original),
        open_flags=flagged,
    )
    pictures = thumbnails(out, out.stem, original.redactions)
    certificate = result.certificate.to_dict() | {"notes": list(result.notes)}
    return Redacted(certificate, pictures, result.seconds)


class Job:
    """The redaction of one document."""

    def __init__(
        self,
        own: Path,
        document: dict[str, Any],
        source: Store,
        target: Store,
        passwords: Passwords,
        run: str,
        how: How,
    ) -> None:
        self.own, self.document, self.doc = own, document, document["doc"]
        self.source, self.target, self.run = source, target, run
        self.password = passwords.of(document["path"], document["key"])
        self.how = how

    def redact(self, scratch: Path) -> Redacted:
        """Put the verified PDF and its certificate into the run's folder."""
        flags = flags_of(self._pages)
        if flags:
            self.propose(scratch)
        hold_back(self.doc, flags)
        pdf = self.source.fetch(self.document["key"], scratch, self.document["etag"])
        out = scratch / f"{self.doc}.pdf"
        original = self._original()
        limits = Limits.for_pages(self.document["pages"], self._pictured())
        key = f"{pending_prefix(self.run)}/{self.doc}"
        try:
            result = run_isolated(
                limits,
                redact_one,
                pdf,
                out,
                original,
                list(flags),
                self.password,
                self.how,
            )
        except UnverifiedError as error:
            self._keep_certificate(key, error.certificate)
            self.propose(scratch)
            raise
        self._keep_certificate(key, result.certificate)
        self.target.upload(out, f"{key}.pdf")
        out.unlink()
        return result

    def _keep_certificate(self, key: str, certificate: dict[str, Any]) -> None:
        text = json.dumps(certificate | {"document": self.doc}, indent=2)
        self.target.write(f"{key}.certificate.json", text.encode())

    def propose(self, scratch: Path) -> None:
        """Put the document, with marks for a person to edit, into the private folder."""
        from nescio.review.proposal import write_proposal

        original = self._original()
        hidden = pc.field("action") != "keep"
        touched = pc.unique(original.decisions.filter(hidden)["paragraph"])
        words = original.words.filter(pc.field("paragraph").isin(touched))
        write_proposal(
            self.target,
            self.source.fetch(self.document["key"], scratch, self.document["etag"]),
            self.document,
            (original.decisions, original.redactions, words),
            password=self.password,
            style=self.how.style,
            boxes=self.how.boxes,
            flags=flags_of(self._pages),
            raster=self.how.raster,
            web_links=self.how.web_links,
            pictured=self._pictured(),
            original=original,
        )

    def _original(self) -> Original:
        """Read what the run knows of this document, and where its mentions stand."""
        decisions, paragraphs, words = (
            self._mine("decisions"),
            self._mine("paragraphs"),
            self._words(),
        )
        redactions = redactions_of(decisions, words, paragraphs)
        how = self.how
        return Original(
            paragraphs, words, decisions, redactions, how.policy, how.style, how.this_year
        )

    @cached_property
    def _pages(self) -> pa.Table:
        return self._mine("pages")

    def _pictured(self) -> int:
        """Return how many pages have pictures or were read by OCR."""
        pages = self._pages
        seen = pc.or_(pc.greater(pages["images"], 0), pc.less(pages["confidence"], 1))
        return int(
            pc.sum(pc.or_(seen, pc.greater(pc.list_value_length(pages["flags"]), 0))).as_py() or 0
        )

    def _mine(self, name: str) -> pa.Table:
        return tables.read(self.own, name).filter(pc.field("doc") == self.doc)

    def _words(self) -> pa.Table:
        """Read the words of this document, part by part."""
        found = []
        for uri in pc.unique(self._mine("parts")["words_uri"]).to_pylist():
            with local_folder(uri) as folder:
                words = tables.read(folder, "words")
                found.append(words.filter(pc.field("doc") == self.doc))
        return tables.concat("words", found)
