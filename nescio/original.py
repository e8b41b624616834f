"""What a run knows of one document before it is redacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

from nescio.policy import Policy

NEEDED: Final = ["page", "paragraph", "start", "end", "x0", "y0", "x1", "y1"]
"""Columns of WORDS that are looked at after redaction."""


@dataclass(frozen=True)
class Original:
    """What is known of one document before redaction.

    Attributes:
        paragraphs: its PARAGRAPHS.
        words: WORDS of all of them.
        decisions: its DECISIONS.
        redactions: its REDACTIONS.
        policy: what decided.
        style: how removals look.
        this_year: the year in which the run counts as done.
    """

    paragraphs: pa.Table
    words: pa.Table
    decisions: pa.Table
    redactions: pa.Table
    policy: Policy
    style: Literal["box", "white", "label"]
    this_year: int
