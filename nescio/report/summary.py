"""The facts of a run that its report and its metrics show."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pyarrow as pa

from nescio import __version__
from nescio.report.checks import Checks, sum_up

MAX_PICTURES: Final = 24
"""Thumbnails in one report: it must open at once, however large the run."""
MAX_DOCUMENTS: Final = 500
MAX_CONFLICTS: Final = 500
MAX_CERTIFICATES: Final = 200


class PolicyFacts(Protocol):
    """What the report says of a policy."""

    name: str
    output_is_phi: bool

    @property
    def hash(self) -> str:
        """SHA-256 of all that decides."""
        ...


@dataclass(frozen=True)
class Summary:
    """What a run found and did, without PHI: opaque ids, counts, times, redacted pictures."""

    metrics: dict[str, Any]
    documents: list[dict[str, Any]]
    types: list[dict[str, Any]]
    pages: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    pictures: list[dict[str, Any]]
    """None where the policy's output is still PHI."""
    scores: dict[str, float]
    rules: list[dict[str, Any]]
    """Each expert rule with its price."""
    conflicts: list[dict[str, str]]
    """Pairs of subjects that context says are one and their data say are not, by opaque ids."""
    output_is_phi: bool
    checks: Checks
    """What the verifier said of this run's documents."""
    reviews: list[dict[str, Any]] = field(default_factory=list)
    """What people decided, as ``nescio.review.reported.reviews_of`` says it."""

    @property
    def scalars(self) -> dict[str, float]:
        """The metrics that are single numbers, as KFP shows them."""
        numbers = (int, float)
        return {k: float(v) for k, v in self.metrics.items() if isinstance(v, numbers)}


def summarise(
    documents: Sequence[dict[str, Any]],
    decisions: pa.Table,
    pictures: pa.Table,
    records: Sequence[dict[str, Any]],
    policy: PolicyFacts,
    certificates: Sequence[dict[str, Any]] = (),
    reviews: Sequence[dict[str, Any]] = (),
) -> Summary:
    """Count what a run did.

    Args:
        documents: rows of DOCUMENTS with their final outcomes.
        decisions: DECISIONS of the run.
        pictures: THUMBNAILS of the released documents.
        records: the steps' own records.
        policy: the policy that decided.
        certificates: those of this run's documents, as in their files.
        reviews: what people decided on documents of this outbox.
    """
    shown = decisions.select(["doc", "page", "label", "kind", "action", "sources"]).to_pylist()
    hidden = [row for row in shown if row["action"] != "keep"]
    outcomes = Counter(row["outcome"] for row in documents)
    steps = _steps(records)
    metrics: dict[str, Any] = {
        "documents": len(documents),
        "documents_released": outcomes["released"],
        "documents_quarantined": outcomes["quarantined"],
        "documents_refused": outcomes["refused"],
        "documents_unchanged": outcomes["unchanged"],
        "documents_proposed": outcomes["proposed"],
        "pages": sum(row["pages"] for row in documents),
        "mentions_hidden": len(hidden),
        "mentions_kept": len(shown) - len(hidden),
        "seconds": round(sum(step["seconds"] for step in steps), 3),
    }
    metrics |= {
        "policy": policy.name,
        "policy_hash": policy.hash,
        "version": __version__,
        "by_label": dict(Counter(row["label"] for row in hidden)),
        "by_reason": dict(Counter(row["reason"] for row in documents if row["reason"])),
        "steps": steps,
    }
    scores = _merged(records, "scores")
    metrics |= scores | _merged(records, "references")
    conflicts = [conflict for record in records for conflict in record.get("conflicts", ())]
    metrics |= {"people_conflicts": len(conflicts), "conflicts": conflicts[:MAX_CONFLICTS]}
    metrics |= {"reviews": list(reviews)}
    return Summary(
        metrics,
        _documents(documents, hidden),
        _types(shown),
        _pages(hidden),
        steps,
        pictures_of(pictures) if not policy.output_is_phi else [],
        scores,
        [rule for record in records for rule in record.get("rules", ())],
        conflicts[:MAX_CONFLICTS],
        policy.output_is_phi,
        sum_up(certificates),
        list(reviews),
    )


def _merged(records: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    return {key: value for record in records for key, value in record.get(name, {}).items()}


def _documents(
    documents: Sequence[dict[str, Any]], hidden: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    mentions = Counter(row["doc"] for row in hidden)
    names = ("doc", "outcome", "reason", "remedy", "pages")
    rows = [
        {name: row[name] for name in names} | {"mentions": mentions[row["doc"]]}
        for row in documents
    ]
    return sort_documents(rows)[:MAX_DOCUMENTS]


def sort_documents(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of the report's table in its order: what a person must act on stands first."""
    order = {"quarantined": 0, "refused": 1, "proposed": 2, "released": 3, "unchanged": 4}
    return sorted(rows, key=lambda row: (order[row["outcome"]], row["doc"]))


def _types(decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in decisions:
        groups[row["label"], row["kind"]].append(row)
    return [
        {
            "label": label,
            "kind": kind,
            "mentions": len(rows),
            "hidden": sum(row["action"] != "keep" for row in rows),
            "pages": len({(row["doc"], row["page"]) for row in rows}),
            "sources": dict(Counter(source for row in rows for source in row["sources"])),
        }
        for (label, kind), rows in sorted(groups.items())
    ]


def _pages(hidden: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return, for each document, the number of hidden mentions of each page that has some."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for row in hidden:
        counts[row["doc"]][row["page"]] += 1
    return [
        {"doc": doc, "pages": sorted((page + 1, number) for page, number in pages.items())}
        for doc, pages in sorted(counts.items())
    ][:MAX_DOCUMENTS]


def _steps(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each step once: shards added up, in order of their first start."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["step"]].append(record)
    return [
        {
            "step": name,
            "shards": len(group),
            "seconds": round(sum(record["seconds"] for record in group), 3),
            "longest_seconds": max(record["seconds"] for record in group),
            "peak_mib": round(max(record["peak_bytes"] for record in group) / 2**20),
        }
        for name, group in groups.items()
    ]


def pictures_of(pictures: pa.Table) -> list[dict[str, Any]]:
    """Return the first THUMBNAILS as a page shows them."""
    rows = pictures.slice(0, MAX_PICTURES).to_pylist()
    return [
        {
            "doc": row["doc"],
            "page": row["page"] + 1,
            "boxes": row["boxes"],
            "uri": "data:image/jpeg;base64," + base64.b64encode(row["jpeg"]).decode(),
        }
        for row in rows
    ]
