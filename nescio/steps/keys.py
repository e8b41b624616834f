"""Where steps leave files for one another, so that none imports another to know it."""

from __future__ import annotations

from typing import Final

from nescio.steps.telemetry import run_prefix
from nescio.store import PRIVATE

SECTION: Final = "anonymisation-report.md"
"""Draft of the section for regulators, in decide's artifact and in the outbox."""


def pending_prefix(run: str) -> str:
    """Return the private prefix under which verified files wait for release."""
    return f"{run_prefix(run)}/pending"


def released_record_key(doc: str) -> str:
    """Return the private key under which release notes what it published for a document."""
    return f"{PRIVATE}/released/{doc}.json"
