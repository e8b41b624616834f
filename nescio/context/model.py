"""The context models: scores of ``dep_flag`` and names of sections, one batch call each."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from nescio.context.features import NAMES
from nescio.context.sections import normalise

TRUSTED: Final = (
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.preprocessing._label.LabelEncoder",
)
"""Types of scikit-learn that the model files may hold; any other estimator is not loaded."""

BUCKETS: Final = 2**12
"""Words are hashed into so many columns."""

MOST_WORDS: Final = 80
"""Words of a paragraph that the section model reads."""


class Models(NamedTuple):
    """What training has stored."""

    same_heading: Any
    section: Any
    threshold: float  # dep_flag is true from this score up
    against_rule: float  # and from this one where the rule says that a heading opens
    section_threshold: float  # a section is named from this probability up


@cache
def models() -> Models:
    """Load the models once in a process.

    Raises:
        ValueError: the files hold types that are not trusted, or another set of features.
    """
    skops_io = _skops_io()
    folder = resources.files("nescio.models").joinpath("context")
    facts = json.loads(folder.joinpath("config.json").read_text(encoding="utf-8"))
    if tuple(facts["features"]) != NAMES:
        raise ValueError("nescio/models/context was trained on other features: train it again")
    same_heading, section = (
        skops_io.loads(folder.joinpath(name).read_bytes(), trusted=list(TRUSTED))
        for name in ("same_heading.skops", "section.skops")
    )
    return Models(
        same_heading, section, facts["threshold"], facts["against_rule"], facts["section_threshold"]
    )


def _skops_io() -> Any:
    """Import skops, with as much of scikit-learn as the models need.

    For its own list of trusted types skops asks for all estimators, which imports all of
    scikit-learn, and torch where that is installed: four seconds of CPU in place of one and a half.
    ``TRUSTED`` names the few that are used here; the answer is an empty list.
    """
    import sklearn.utils

    if "skops.io" in sys.modules:
        return sys.modules["skops.io"]
    estimators = sklearn.utils.all_estimators
    sklearn.utils.all_estimators = list
    try:
        return importlib.import_module("skops.io")
    finally:
        sklearn.utils.all_estimators = estimators


def same_heading_scores(features: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    """Return the probability that each paragraph stands under the heading before it.

    Args:
        features: n rows of ``nescio.context.features.pair_features``.

    Returns:
        n scores in [0, 1]; a row's score does not depend on the other rows.
    """
    if not len(features):
        return np.zeros(0)
    # One thread: on a busy machine, threads that wait for each other cost more than they bring.
    with _threads().limit(limits=1, user_api="openmp"):
        scores: npt.NDArray[np.float64] = models().same_heading.predict_proba(np.asarray(features))
    return scores[:, 1]


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def section_text(heading: str, text: str) -> str:
    """Return what the section model reads: words of the heading, marked, and of the text."""
    marked = [f"heading_{word}" for word in normalise(heading).split()[:12]]
    return " ".join([*marked, *normalise(text[:2_000]).split()[:MOST_WORDS]])


def hashed(texts: Sequence[str]) -> Any:
    """Return a sparse matrix of n texts x BUCKETS, each row of length 1."""
    from sklearn.feature_extraction.text import HashingVectorizer

    # Signs would let two words cancel out; short texts cannot afford that.
    return HashingVectorizer(
        n_features=BUCKETS, alternate_sign=False, token_pattern=r"\S+", binary=True
    ).transform(texts)


def name_sections(texts: Sequence[str]) -> list[str]:
    """Name the section of each text of ``section_text``, or ``""`` where it is not clear."""
    if not len(texts):
        return []
    held = models()
    probabilities = held.section.predict_proba(hashed(texts))
    best = probabilities.argmax(axis=1)
    return [
        str(held.section.classes_[place]) if row[place] >= held.section_threshold else ""
        for row, place in zip(probabilities, best, strict=True)
    ]
