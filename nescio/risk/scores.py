"""All scores of a run in one call."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from nescio.risk.reidentification import THRESHOLD, Comparison, Population, compare
from nescio.risk.residual import Residual, residuals
from nescio.risk.subjects import subjects_of
from nescio.risk.utility import Utility, utility


class Scores(NamedTuple):
    """What a privacy officer asks of a run."""

    residual: list[Residual]
    reidentification: Comparison
    utility: Utility
    population: Population | None = None
    """Against a reference population, where one was given."""


def score(paragraphs: pa.Table, decisions: pa.Table, threshold: float = THRESHOLD) -> Scores:
    """Compute residual, re-identification and utility of a run.

    Args:
        paragraphs: PARAGRAPHS.
        decisions: DECISIONS of the same documents.
        threshold: largest maximum risk that passes.
    """
    subjects = subjects_of(decisions, paragraphs)
    return Scores(
        residuals(decisions),
        compare(subjects.before, subjects.after, threshold),
        utility(paragraphs, decisions),
    )
