"""Redacts one document: clear, rebuild, verify, and only then give it its name."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa

from nescio.errors import DocumentError, QuarantinedError, UnverifiedError
from nescio.extract import inspect
from nescio.redact.boxes import BoxWidth, by_page
from nescio.redact.certificate import Certificate
from nescio.redact.clear import Plan, clear
from nescio.redact.links import KeptLinks
from nescio.redact.overlay import Style
from nescio.redact.rebuild import rebuild
from nescio.redact.secrets import title_search
from nescio.redact.verification import Detector, verify
from nescio.redact.verify_ocr import Reader

Raster = Literal["never", "needed", "all"]
"""Which pages become pictures of themselves: none, those that nothing else makes safe, or all."""

PAGE_CHECKS: Final = frozenset({1, 5, 7, 17, 19, 20, 24, 29, 31, 34})
"""Checks that a page which failed them may pass when it is redacted more thoroughly."""

WITH_PAGES: Final = frozenset({9})
"""Checks of all streams, which may pass with the pages whose text the streams show."""


@dataclass(frozen=True)
class RedactionResult:
    """What was done to one document.

    Attributes:
        pages: pages of the output.
        boxes: places that were cleared.
        seconds: wall time by step.
        certificate: the verifier's findings.
        notes: what the output has lost or what a reader should know, as short stable codes.
    """

    pages: int
    boxes: int
    seconds: dict[str, float]
    certificate: Certificate
    notes: tuple[str, ...] = field(default=())


def redact_document(
    pdf: Path,
    out: Path,
    redactions: pa.Table,
    *,
    password: str | None = None,
    style: Style = "box",
    boxes: BoxWidth = "tight",
    raster: Raster = "never",
    pictures: Collection[int] = (),
    web_links: bool = False,
    kept: Iterable[str] = (),
    detector: Detector | None = None,
    ocr: Reader | None = None,
    open_flags: Sequence[int] | None = None,
) -> RedactionResult:
    """Write a redacted, rebuilt and verified copy of ``pdf`` to ``out``, or nothing.

    Pages that do not verify are redacted a second time, more thoroughly, and if ``raster``
    allows it a third time as pictures of themselves; what then fails is not released.

    Args:
        pdf: the document.
        out: where the output goes; it appears whole and verified, or not at all.
        redactions: REDACTIONS of this document.
        password: of the document.
        style: how a removal without replacement text looks.
        boxes: ``tight`` boxes are as wide as what they hide; ``quantised`` ones take in whole
            neighbouring words until their width tells nothing.
        raster: ``needed`` turns pages into pictures where nothing else verifies, ``all`` does
            so with every page: no text, font or path of the original is left.
        pictures: pages (from 0) that become pictures whatever ``raster`` says.
        web_links: keep links to addresses of the web that hold no secret and touch no box.
        kept: texts that the policy decided to keep.
        detector: runs detection on the output; any finding quarantines the document.
        ocr: reads pictures, so that the verifier can look for secrets in them.
        open_flags: pages that still wait for a person; any quarantines the document.

    Raises:
        RefusedError: the document cannot be opened.
        QuarantinedError: no safe output could be proven (``redaction_failed``,
            ``verification_failed``).
    """
    seconds: dict[str, float] = {}
    whole = range(inspect(pdf, password).pages) if raster == "all" else pictures
    plan = Plan(
        by_page(redactions),
        password,
        style,
        quantised=boxes == "quantised",
        pictures=frozenset(whole),
    )
    attempts = 3 if raster == "needed" else 2
    with tempfile.TemporaryDirectory(prefix=".nescio-", dir=out.parent) as name:
        fresh = Path(name) / f"{out.stem}.pdf"
        certificate: Certificate | None = None
        for attempt in range(attempts):
            if certificate is not None:
                plan = _escalate(plan, certificate, attempt)
            with _as_quarantine():
                notes = _build(pdf, fresh, plan, seconds, web_links)
                certificate = verify(
                    fresh,
                    pdf,
                    redactions,
                    password=password,
                    style=style,
                    kept=kept,
                    detector=detector,
                    pictures=plan.pictures,
                    boxes=boxes,
                    web_links=web_links,
                    ocr=ocr,
                    open_flags=open_flags,
                )
            seconds["verify"] = seconds.get("verify", 0.0) + certificate.seconds
            if not _may_pass(certificate):
                break
        assert certificate is not None
        if certificate.verdict != "verified":
            raise _unproven(certificate)
        fresh.replace(out)
    return RedactionResult(certificate.pages, certificate.boxes, seconds, certificate, notes)


def _build(
    pdf: Path, fresh: Path, plan: Plan, seconds: dict[str, float], web_links: bool
) -> tuple[str, ...]:
    cleared = fresh.with_suffix(".cleared")
    start = time.perf_counter()
    result = clear(pdf, cleared, plan)
    seconds["clear"] = seconds.get("clear", 0.0) + time.perf_counter() - start
    start = time.perf_counter()
    secrets = title_search(box for boxes in plan.places.values() for box in boxes)
    links = KeptLinks(result.boxed, secrets) if web_links else None
    count = rebuild(result.files, fresh, result.bookmarks, result.hardened, result.codecs, links)
    seconds["rebuild"] = seconds.get("rebuild", 0.0) + time.perf_counter() - start
    for file in result.files:
        file.unlink()
    return (*result.notes, f"web_links_kept:{count}") if count else result.notes


def _escalate(plan: Plan, certificate: Certificate, attempt: int) -> Plan:
    """Ask for more on the pages that failed: thorough first, pictures last."""
    pages = {
        page for check in certificate.failed for page in check.pages if check.number in PAGE_CHECKS
    }
    if attempt == 1:
        return replace(plan, thorough=plan.thorough | pages)
    return replace(plan, pictures=plan.pictures | pages)


def _may_pass(certificate: Certificate) -> bool:
    """Say whether another attempt can help: all that failed are pages that can be done again."""
    failed = [check for check in certificate.failed if check.number not in WITH_PAGES]
    return bool(failed) and all(check.number in PAGE_CHECKS and check.pages for check in failed)


@contextmanager
def _as_quarantine() -> Iterator[None]:
    """Turn what goes wrong inside the libraries into quarantine, without its message."""
    try:
        yield
    except DocumentError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise QuarantinedError(
            f"redaction stopped with {type(error).__name__}.",
            "Print the document to a new PDF and try again.",
            reason="redaction_failed",
        ) from error


def _unproven(certificate: Certificate) -> UnverifiedError:
    failed = ", ".join(f"{check.name} ({check.count})" for check in certificate.failed)
    return UnverifiedError(
        f"the output did not verify: {failed}.",
        "A person has to look at the document: its proposal waits for `nescio review`.",
        certificate=certificate.to_dict(),
    )
