"""redact: the documents of one shard are cleared, rebuilt and verified, each on its own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.boxes import redactions_of
from nescio.errors import DocumentError, QuarantinedError
from nescio.passwords import Passwords, load_passwords
from nescio.policy import load_policy
from nescio.redact import redact_document
from nescio.report import thumbnails
from nescio.review.proposal import write_proposal
from nescio.steps.extract import failure
from nescio.steps.telemetry import run_prefix, step
from nescio.store import Store, local_folder, open_store

Style = Literal["", "box", "white", "label"]
BoxWidth = Literal["tight", "quantised"]


def run(
    shard: str,
    inbox: str,
    outbox: str,
    run: str,
    passwords: str,
    policy: str,
    style: Style,
    boxes: BoxWidth,
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
        propose: write proposals for a person, and redact nothing yet.
        folder: where outcomes and thumbnails are written.
    """
    with step(outbox, run, "redact", shard.rpartition("=")[2]) as record:
        look = style or load_policy(policy).style
        outcomes: list[dict[str, Any]] = []
        pictures: list[pa.Table] = []
        known = load_passwords(passwords)
        source, target = open_store(inbox), open_store(outbox)
        with local_folder(shard) as own, tempfile.TemporaryDirectory(prefix="nescio-") as name:
            for document in tables.read(own, "documents").to_pylist():
                job = Job(own, document, source, target, known, run, look, boxes)
                try:
                    if propose:
                        job.propose(Path(name))
                    else:
                        pictures.append(job.redact(Path(name)))
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
        }


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
        style: Literal["box", "white", "label"],
        boxes: BoxWidth,
    ) -> None:
        self.own, self.document, self.doc = own, document, document["doc"]
        self.source, self.target, self.run = source, target, run
        self.password = passwords.of(document["path"], document["key"])
        self.style, self.boxes = style, boxes

    def redact(self, scratch: Path) -> pa.Table:
        """Put the verified PDF and its certificate into the run's folder; return thumbnails."""
        redactions = redactions_of(self._mine("decisions"), self._words(), self._mine("paragraphs"))
        pdf = self.source.fetch(self.document["key"], scratch, self.document["etag"])
        out = scratch / f"{self.doc}.pdf"
        result = redact_document(
            pdf, out, redactions, password=self.password, style=self.style, boxes=self.boxes
        )
        pending = pending_prefix(self.run)
        certificate = json.dumps(result.certificate.to_dict() | {"document": self.doc}, indent=2)
        self.target.write(f"{pending}/{self.doc}.certificate.json", certificate.encode())
        pictures = thumbnails(out, self.doc, redactions)
        self.target.upload(out, f"{pending}/{self.doc}.pdf")
        out.unlink()
        return pictures

    def propose(self, scratch: Path) -> None:
        """Put the document, with marks for a person to edit, into the private folder."""
        decisions, words = self._mine("decisions"), self._words()
        redactions = redactions_of(decisions, words, self._mine("paragraphs"))
        write_proposal(
            self.target,
            self.source.fetch(self.document["key"], scratch, self.document["etag"]),
            self.document,
            (decisions, redactions, words),
            password=self.password,
            style=self.style,
            boxes=self.boxes,
        )

    def _mine(self, name: str) -> pa.Table:
        return tables.read(self.own, name).filter(pc.field("doc") == self.doc)

    def _words(self) -> pa.Table:
        """Read the words of this document's paragraphs with a mention, part by part."""
        decisions = self._mine("decisions")
        touched = pc.unique(decisions.filter(pc.field("action") != "keep")["paragraph"])
        found = []
        for uri in pc.unique(self._mine("parts")["words_uri"]).to_pylist():
            with local_folder(uri) as folder:
                words = tables.read(folder, "words")
                mine = pc.field("doc") == self.doc
                found.append(words.filter(mine & pc.field("paragraph").isin(touched)))
        return tables.concat("words", found)


def pending_prefix(run: str) -> str:
    """Return the private prefix under which verified files wait for release."""
    return f"{run_prefix(run)}/pending"
