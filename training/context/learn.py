"""Fits the models of ``dep_flag`` and section, and chooses the thresholds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from nescio.context.features import pair_features
from nescio.context.model import hashed, section_text
from nescio.context.predict import RULE_THRESHOLD, pairs_of
from training.context.documents import Gold

JOIN_COST: Final = 5
"""A join too many (state carried into another's text) costs as much as so many cuts too many."""

UNSEEN_TITLES: Final = frozenset(
    {
        "assessment", "presenting complaint", "pmh", "personal circumstances", "findings",
        "blood tests", "diagnostic studies", "course", "log of care", "notes from the chart",
        "current medications", "recommendations",
    }
)  # fmt: skip
"""Headings of the generator, one for each section, that the section model never learns from."""

SEED: Final = 20_240


class Pairs(NamedTuple):
    """What there is to learn ``dep_flag`` from, a row a pair."""

    features: npt.NDArray[np.float64]
    same: npt.NDArray[np.bool_]
    rule: npt.NDArray[np.bool_]  # what the rule says
    layouts: list[str]


def pairs_to_learn(documents: Sequence[Gold]) -> Pairs:
    """Return the pairs that the model decides and the gold knows."""
    features, same, rule, layouts = [], [], [], []
    for document in documents:
        for pair, gold in zip(pairs_of(document.paragraphs), document.same, strict=True):
            if gold is None or pair.settled:
                continue
            features.append(
                pair_features(pair.paragraph, pair.before, pair.typography, pair.verdict)
            )
            same.append(gold)
            rule.append(pair.verdict.score >= RULE_THRESHOLD)
            layouts.append(document.layout.partition(",")[0])
    return Pairs(np.array(features, float), np.array(same), np.array(rule), layouts)


def _classifier() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=80, max_leaf_nodes=15, min_samples_leaf=10, early_stopping=False,
        random_state=SEED,
    )  # fmt: skip


def choose_threshold(pairs: Pairs) -> tuple[float, dict[str, int]]:
    """Choose the threshold of ``dep_flag`` on layouts that each fit has not seen.

    Returns:
        The threshold that costs least (JOIN_COST a join too many, 1 a cut too many), and the
        errors there beside the rule's.
    """
    scores = cross_val_predict(
        _classifier(), pairs.features, pairs.same, groups=pairs.layouts, cv=GroupKFold(4),
        method="predict_proba",
    )[:, 1]  # fmt: skip

    def errors(says: npt.NDArray[np.bool_]) -> tuple[int, int]:
        return int((says & ~pairs.same).sum()), int((~says & pairs.same).sum())

    grid = np.round(np.arange(0.3, 0.96, 0.05), 2)
    costs = [JOIN_COST * joins + cuts for joins, cuts in (errors(scores >= t) for t in grid)]
    best = float(grid[int(np.argmin(costs))])
    found = dict(zip(("joins", "cuts"), errors(scores >= best), strict=True))
    found |= dict(zip(("rule_joins", "rule_cuts"), errors(pairs.rule), strict=True))
    return best, found | {"pairs": len(pairs.same)}


def learn_same_heading(pairs: Pairs) -> Any:
    """Fit the model of ``dep_flag``."""
    return _classifier().fit(pairs.features, pairs.same)


def unseen(title: str) -> bool:
    """Whether a heading is one of those kept from the section model."""
    return title.rstrip(":").casefold() in UNSEEN_TITLES


def learn_sections(documents: Sequence[Gold], texts: dict[str, list[str]]) -> Any:
    """Fit the section model.

    What stands in a study report is in no section of a record: the model learns to leave it
    alone, so that it never puts a report's text where a policy might not look for patients.
    Half of the paragraphs are learned once more without their heading.
    """
    rng = random.Random(SEED)
    examples: list[tuple[str, str]] = []
    for document in documents:
        reports = document.name.startswith("report", len("context "))
        for row, head, section in zip(
            document.paragraphs, document.heads, document.sections, strict=True
        ):
            if section is None or unseen(head) or (reports and rng.random() < 0.7):
                continue
            target = "" if reports else section
            examples.append((section_text(head, row["text"]), target))
            if head and target and rng.random() < 0.5:
                examples.append((section_text("", row["text"]), target))
    for section, group in texts.items():
        examples += [(section_text("", text), section) for text in group]
    return LogisticRegression(C=10, max_iter=200).fit(
        hashed([text for text, _ in examples]), [section for _, section in examples]
    )
