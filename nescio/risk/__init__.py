"""The scores: residual, re-identification, utility, each with formula and source."""

from nescio.risk.intervals import Interval, clopper_pearson, wilson
from nescio.risk.reidentification import (
    THRESHOLD,
    Comparison,
    Population,
    Record,
    Risk,
    compare,
    journalist,
    prosecutor,
    required_k,
    zip3_bound,
)
from nescio.risk.report import anonymisation_section
from nescio.risk.residual import Residual, chapman, residuals, unseen_interval
from nescio.risk.scores import Scores, score
from nescio.risk.subjects import QUASI_IDENTIFIERS, Subjects, subjects_of
from nescio.risk.utility import Utility, utility, utility_against

__all__ = [
    "QUASI_IDENTIFIERS",
    "THRESHOLD",
    "Comparison",
    "Interval",
    "Population",
    "Record",
    "Residual",
    "Risk",
    "Scores",
    "Subjects",
    "Utility",
    "anonymisation_section",
    "chapman",
    "clopper_pearson",
    "compare",
    "journalist",
    "prosecutor",
    "required_k",
    "residuals",
    "score",
    "subjects_of",
    "unseen_interval",
    "utility",
    "utility_against",
    "wilson",
    "zip3_bound",
]
