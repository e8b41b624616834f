"""What a run's report was made from, kept in private so that a review can bring it up to date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio.report.checks import sum_up
from nescio.report.summary import (
    MAX_CERTIFICATES,
    MAX_PICTURES,
    Summary,
    pictures_of,
    sort_documents,
)
from nescio.store import PRIVATE, Store

KEY: Final = f"{PRIVATE}/report.json"


class Kept(NamedTuple):
    """The facts of a report, and the certificates that its table of checks was made from."""

    summary: Summary
    certificates: list[dict[str, Any]]


def write(store: Store, made: Kept) -> None:
    """Keep what a report was made from, in the place of what is there."""
    facts = asdict(made.summary)
    del facts["checks"]
    text = json.dumps({"summary": facts, "certificates": made.certificates})
    store.write(KEY, text.encode())


def read(store: Store) -> Kept | None:
    """Return what the last report was made from; None if nothing is kept."""
    try:
        data = json.loads(store.read(KEY))
        return Kept(
            Summary(**data["summary"], checks=sum_up(data["certificates"])), data["certificates"]
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # of another version
        return None


def with_release(
    made: Kept, doc: str, certificate: dict[str, Any], thumbnails: pa.Table | None
) -> Kept:
    """Return the same after the release of a document by a person.

    A document that is not among the run's stays out of its table, and has its certificate shown.
    """
    summary = made.summary
    old = next((row["outcome"] for row in summary.documents if row["doc"] == doc), "")
    metrics = dict(summary.metrics)
    if old and old != "released":
        for name, step in ((old, -1), ("released", 1)):
            key = f"documents_{name}"
            metrics[key] = max(0, metrics.get(key, 0) + step)
    news = {"outcome": "released", "reason": "", "remedy": ""}
    documents = [row | news if row["doc"] == doc else row for row in summary.documents]
    reasons: dict[str, int] = {}
    for row in documents:
        if row["reason"]:
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    others = [item for item in made.certificates if item["document"] != doc]
    certificates = [certificate, *others][:MAX_CERTIFICATES]
    pictures = [picture for picture in summary.pictures if picture["doc"] != doc]
    if thumbnails is not None and not summary.output_is_phi:
        pictures = [*pictures_of(thumbnails), *pictures][:MAX_PICTURES]
    return Kept(
        replace(
            summary,
            metrics=metrics | {"by_reason": reasons},
            documents=sort_documents(documents),
            checks=sum_up(certificates),
            pictures=pictures,
        ),
        certificates,
    )


def with_reviews(made: Kept, reviews: Sequence[dict[str, Any]]) -> Kept:
    """Return the same with what was decided in reviews."""
    found = list(reviews)
    summary = replace(
        made.summary, metrics=made.summary.metrics | {"reviews": found}, reviews=found
    )
    return made._replace(summary=summary)
