"""Redacts one document: clear, rebuild, verify, and only then give it its name."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pymupdf

from nescio.errors import DocumentError, QuarantinedError
from nescio.redact import apply, overlay
from nescio.redact.boxes import Box, by_page
from nescio.redact.certificate import Certificate
from nescio.redact.overlay import Style
from nescio.redact.prepare import open_prepared
from nescio.redact.rebuild import rebuild
from nescio.redact.verify import verify

BoxWidth = Literal["tight", "quantised"]


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
) -> RedactionResult:
    """Write a redacted, rebuilt and verified copy of ``pdf`` to ``out``, or nothing.

    Args:
        pdf: the document.
        out: where the output goes; it appears whole and verified, or not at all.
        redactions: REDACTIONS of this document.
        password: of the document.
        style: how a removal without replacement text looks.
        boxes: ``tight`` boxes are as wide as what they hide.

    Raises:
        RefusedError: the document cannot be opened.
        QuarantinedError: no safe output could be proven (``redaction_failed``,
            ``verification_failed``).
    """
    seconds: dict[str, float] = {}
    places = by_page(redactions)
    with tempfile.TemporaryDirectory(prefix=".nescio-", dir=out.parent) as name:
        cleared, fresh = Path(name) / "cleared.pdf", Path(name) / "fresh.pdf"
        try:
            pages = _clear(pdf, cleared, places, password, style, seconds)
            start = time.perf_counter()
            rebuild(cleared, fresh)
            seconds["rebuild"] = time.perf_counter() - start
        except DocumentError:
            raise
        except Exception as error:
            raise QuarantinedError(
                f"redaction stopped with {type(error).__name__}.",
                "Convert the file with another tool and try again.",
                reason="redaction_failed",
            ) from error
        certificate = verify(fresh, pdf, redactions, password=password, style=style)
        seconds["verify"] = certificate.seconds
        if certificate.verdict != "verified":
            raise QuarantinedError(
                "the output did not verify: "
                + ", ".join(f"{check.name} ({check.count})" for check in certificate.failed)
                + ".",
                "A person has to look at the document.",
                reason="verification_failed",
            )
        fresh.replace(out)
    return RedactionResult(pages, certificate.boxes, seconds, certificate)


def _clear(
    pdf: Path,
    cleared: Path,
    places: dict[int, list[Box]],
    password: str | None,
    style: Style,
    seconds: dict[str, float],
) -> int:
    """Remove what stands in the boxes and write the document, not rebuilt yet; return its pages."""
    start = time.perf_counter()
    with open_prepared(pdf, password) as document:
        seconds["prepare"] = time.perf_counter() - start
        start = time.perf_counter()
        for page in document.pages():
            _clear_page(page, places.get(page.number, []), style)
        document.subset_fonts()
        document.save(cleared, garbage=1, deflate=True)
        seconds["apply"] = time.perf_counter() - start
        return int(document.page_count)


def _clear_page(page: pymupdf.Page, boxes: Sequence[Box], style: Style) -> None:
    with apply.unrotated(page) as matrix:
        text, images = apply.read_text(page), apply.images_of(page)
        apply.clear_outside(page, text, images)
        if boxes:
            rects = [pymupdf.Rect(box.rect) * matrix for box in boxes]
            cleared = apply.clear_boxes(page, [tuple(rect) for rect in rects], text, images)
            overlay.draw(page, list(zip(boxes, rects, strict=True)), cleared, style)
