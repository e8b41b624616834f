"""release: what verified is published, the rest is quarantined with reasons; report and metrics."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nescio import __version__, tables
from nescio.code_version import code_version
from nescio.policy import load_policy
from nescio.report import MAX_CERTIFICATES, kept, render_report, summarise
from nescio.steps.keys import SECTION, pending_prefix, released_record_key
from nescio.steps.telemetry import read_records, run_prefix, step
from nescio.store import PRIVATE, Store, open_store


def run(
    shards: Sequence[Path],
    gathered: Path,
    decided: Path,
    outbox: str,
    run: str,
    policy: str,
    keep_names: bool,
    report: Path,
) -> dict[str, float]:
    """Publish the run's results in the outbox.

    Args:
        shards: the artifact folders that the redaction tasks wrote.
        gathered: the artifact folder of gather.
        decided: the artifact folder of decide.
        outbox: URI of the outbox.
        run: id of the run.
        policy: name or URI of the policy.
        keep_names: name released files as the inputs were named, instead of by opaque id.
        report: where the HTML report is written, too.

    Returns:
        The run's scalar metrics by name.
    """
    with step(outbox, run, "release") as record:
        target = open_store(outbox)
        documents = _settled(tables.read(gathered, "documents"), shards)
        names = _published_names(documents, keep_names)
        certificates = list(_certificates(target, documents, run))
        for row in documents:
            if row["outcome"] == "released":
                _publish(target, row, run, names[row["doc"]])
            elif row["outcome"] == "proposed":
                _lift_quarantine(target, row["doc"])
            elif row["outcome"] in {"quarantined", "refused"}:
                _quarantine(target, row, run)
        _write_private_list(target, documents, names)
        decisions = tables.read(decided, "decisions")
        _keep_decisions(target, decisions)
        summary = summarise(
            documents,
            decisions,
            tables.concat("thumbnails", [tables.read(shard, "thumbnails") for shard in shards]),
            read_records(outbox, run),
            load_policy(policy),
            certificates,
            _reviews(target, outbox),
        )
        target.write(SECTION, (decided / SECTION).read_bytes())
        html = render_report(summary)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(html, encoding="utf-8")
        target.write("report.html", html.encode())
        kept.write(target, kept.Kept(summary, certificates))
        target.write("metrics.json", json.dumps(summary.metrics, indent=2).encode())
        counts = Counter(row["outcome"] for row in documents)
        target.write(f"{run_prefix(run)}/manifest.json", _manifest(run, documents, policy))
        target.delete(pending_prefix(run))
        record |= dict(counts)
        return summary.scalars


def _reviews(target: Store, outbox: str) -> list[dict[str, Any]]:
    """Return what people decided on documents of this outbox."""
    if next(target.list(f"{PRIVATE}/review"), None) is None:
        return []
    from nescio.review.reported import reviews_of  # most runs have none, and need no PDF engine

    return reviews_of(outbox)


def decisions_key(doc: str) -> str:
    """Return the private key of a document's decisions, which `nescio explain` reads."""
    return f"{PRIVATE}/decisions/{doc}.parquet"


def _keep_decisions(target: Store, decisions: pa.Table) -> None:
    for doc in pc.unique(decisions["doc"]).to_pylist():
        buffer = io.BytesIO()
        pq.write_table(decisions.filter(pc.field("doc") == doc), buffer, compression="zstd")
        target.write(decisions_key(doc), buffer.getvalue())


def _settled(documents: pa.Table, shards: Sequence[Path]) -> list[dict[str, Any]]:
    """Merge the outcomes of redaction; a document without one is quarantined: fail closed."""
    outcomes = {
        row["doc"]: row
        for row in tables.concat(
            "outcomes", [tables.read(shard, "outcomes") for shard in shards]
        ).to_pylist()
    }
    lost = {
        "outcome": "quarantined",
        "reason": "lost",
        "remedy": "Run again: the document came back from no redaction task.",
    }
    rows: list[dict[str, Any]] = documents.to_pylist()
    for row in rows:
        if not row["outcome"]:
            end = outcomes.get(row["doc"], lost)
            row |= {name: end[name] for name in ("outcome", "reason", "remedy")}
    return rows


def _published_names(documents: list[dict[str, Any]], keep_names: bool) -> dict[str, str]:
    names: dict[str, str] = {}
    taken: set[str] = set()
    for row in documents:
        stem = PurePath(row["path"]).stem if keep_names else row["doc"]
        name = stem if stem.casefold() not in taken else f"{stem}-{row['doc']}"
        taken.add(name.casefold())
        names[row["doc"]] = name
    return names


def _publish(target: Store, row: dict[str, Any], run: str, name: str) -> None:
    doc = row["doc"]
    pending = pending_prefix(run)
    _lift_quarantine(target, doc)
    target.move(f"{pending}/{doc}.certificate.json", f"released/{name}.certificate.json")
    target.move(f"{pending}/{doc}.pdf", f"released/{name}.pdf")
    note = {"outbox_key": row["outbox_key"], "file": f"released/{name}.pdf"}
    target.write(released_record_key(doc), json.dumps(note).encode())


def _certificates(
    target: Store, documents: list[dict[str, Any]], run: str
) -> Iterator[dict[str, Any]]:
    """Yield the certificates of this run, those that failed first, as many as a report shows."""
    order = {"quarantined": 0, "released": 1}
    own = [row for row in documents if row["outcome"] in order]
    own.sort(key=lambda row: (order[row["outcome"]], row["doc"]))
    for row in own[:MAX_CERTIFICATES]:
        with suppress(FileNotFoundError):  # quarantined before there was an output to check
            key = f"{pending_prefix(run)}/{row['doc']}.certificate.json"
            yield json.loads(target.read(key))


def _lift_quarantine(target: Store, doc: str) -> None:
    target.delete(f"quarantine/{doc}.json")
    target.delete(f"quarantine/{doc}.certificate.json")


def _quarantine(target: Store, row: dict[str, Any], run: str) -> None:
    """Say why a document is not released; an older release of it is withdrawn."""
    doc = row["doc"]
    _lift_quarantine(target, doc)
    with suppress(FileNotFoundError):
        failed = f"{pending_prefix(run)}/{doc}.certificate.json"
        target.move(failed, f"quarantine/{doc}.certificate.json")
    try:
        old = json.loads(target.read(released_record_key(doc)))["file"]
    except FileNotFoundError:
        pass
    else:
        target.delete(old)
        target.delete(old.removesuffix(".pdf") + ".certificate.json")
        target.delete(released_record_key(doc))
    facts = {name: row[name] for name in ("outcome", "reason", "remedy", "pages")}
    text = json.dumps({"document": doc} | facts, indent=2)
    target.write(f"quarantine/{doc}.json", text.encode())


def _write_private_list(
    target: Store, documents: list[dict[str, Any]], names: dict[str, str]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["path", "id", "outcome", "reason", "released_as"])
    for row in sorted(documents, key=lambda row: str(row["path"])):
        shown = row["outcome"] in {"released", "unchanged"}
        file = f"released/{names[row['doc']]}.pdf" if shown else ""
        writer.writerow([row["path"], row["doc"], row["outcome"], row["reason"], file])
    target.write(f"{PRIVATE}/documents.csv", text.getvalue().encode())


def _manifest(run: str, documents: list[dict[str, Any]], policy: str) -> bytes:
    manifest = {
        "run": run,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "outcomes": dict(Counter(row["outcome"] for row in documents)),
        "documents": [
            {"id": row["doc"]} | {name: row[name] for name in ("outcome", "reason", "remedy")}
            for row in documents
        ],
        "policy_hash": load_policy(policy).hash,
        "version": __version__,
        "code": code_version(),
    }
    return json.dumps(manifest, indent=2).encode()
