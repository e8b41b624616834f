"""Draft text for the anonymisation report that goes with a document to EMA or Health Canada."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

import pyarrow as pa

from nescio.risk.reidentification import THRESHOLD
from nescio.risk.residual import ASSUMPTIONS as RESIDUAL_ASSUMPTIONS
from nescio.risk.scores import Scores
from nescio.risk.subjects import ASSUMPTIONS as SUBJECT_ASSUMPTIONS

TEMPLATE: Final = "data/anonymisation_report.md.j2"


def anonymisation_section(scores: Scores, decisions: pa.Table, policy: Mapping[str, Any]) -> str:
    """Return the draft, in Markdown; a person completes what stands in square brackets.

    It holds counts, opaque ids and the policy, never text of a document.

    Args:
        scores: of the run.
        decisions: DECISIONS of the run.
        policy: at least its ``title`` and ``hash``.
    """
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters["risk"] = lambda value: f"{value:.4f}"
    environment.filters["count"] = lambda value: "—" if math.isnan(value) else f"{value:.1f}"
    source = resources.files("nescio.risk").joinpath(TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(source).render(
        scores=scores,
        policy=policy,
        actions=_actions(decisions),
        assumptions={"residual": RESIDUAL_ASSUMPTIONS, "subjects": SUBJECT_ASSUMPTIONS},
        recommended=THRESHOLD,
    )


def _actions(decisions: pa.Table) -> Sequence[tuple[str, str, int]]:
    """Return label, action and number of mentions, sorted."""
    rows = decisions.select(["label", "action"]).to_pylist()
    counted = Counter((row["label"], row["action"]) for row in rows)
    return [(label, action, number) for (label, action), number in sorted(counted.items())]
