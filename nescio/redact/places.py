"""From the boxes that were decided to the places that are cleared and checked."""

from __future__ import annotations

from collections.abc import Mapping

import pymupdf

from nescio.redact.boxes import Box
from nescio.redact.quantise import quantise
from nescio.redact.shared_images import spread


def final_places(
    document: pymupdf.Document, decided: Mapping[int, list[Box]], quantised: bool
) -> dict[int, list[Box]]:
    """Return page -> boxes: those decided, widened if asked, and where pictures are shared.

    Redaction and verification both start from here, each with the original in its own hands.
    """
    places = quantise(document, decided) if quantised else dict(decided)
    return spread(document, places)
