"""Decides, by the policy, what happens to each mention."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from nescio import tables
from nescio.policy.model import Policy


def decide(paragraphs: pa.Table, context: pa.Table, spans: pa.Table, policy: Policy) -> pa.Table:
    """Return the decision about each span that reaches the policy's threshold.

    Args:
        paragraphs: PARAGRAPHS of the run.
        context: CONTEXT of the run.
        spans: SPANS that hybrid search settled.
        policy: the policy.

    Returns:
        DECISIONS, numbered within each document.
    """
    pages = {
        (row["doc"], row["paragraph"]): row["page"]
        for row in paragraphs.select(["doc", "paragraph", "page"]).to_pylist()
    }
    counts: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    for span in spans.sort_by(
        [(n, "ascending") for n in ("doc", "paragraph", "start")]
    ).to_pylist():
        label, kind, doc = span["label"], span["kind"], span["doc"]
        if span["score"] < policy.threshold_of(label, kind):
            continue
        counts[doc] = counts.get(doc, -1) + 1
        rows.append(
            span
            | {
                "page": pages[doc, span["paragraph"]],
                "mention": counts[doc],
                "person": -1,
                "action": policy.rule(label, kind).action,
                "replacement": "",
                "why": policy.rule_name(label, kind),
            }
        )
    return tables.from_rows("decisions", rows)
