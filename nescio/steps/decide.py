"""decide: all spans, linked into people and judged by the policy, packed for redaction."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio import tables
from nescio.blobs import pack
from nescio.errors import NescioError
from nescio.policy import (
    Mapping,
    ObjectLedger,
    Policy,
    VaultLedger,
    decide,
    load_policy,
    merged,
    open_vault,
    population_risk,
)
from nescio.redact import is_distinctive
from nescio.risk import Scores, anonymisation_section, score
from nescio.search import Conflict, ReferenceIndex, repeats, settle_people
from nescio.steps.keys import SECTION
from nescio.steps.references import REFERENCE, only_index
from nescio.steps.telemetry import run_year, step
from nescio.store import PRIVATE, open_store

PAGES_PER_SHARD: Final = 200
MAX_SHARDS: Final = 100
MAPPING_KEY: Final = f"{PRIVATE}/mapping.jsonl"


def run(
    shards: Sequence[Path],
    segmented: Path,
    gathered: Path,
    context: Path,
    outbox: str,
    run: str,
    policy: str,
    vault: str,
    vault_key: str,
    folder: Path,
    uri: str,
) -> list[str]:
    """Write the decisions of the run, and for each redaction shard its documents' share.

    Args:
        shards: the artifact folders that the search tasks wrote.
        segmented: the artifact folder of segment.
        gathered: the artifact folder of gather.
        context: the artifact folder of predict_context.
        outbox: URI of the outbox.
        run: id of the run.
        policy: name or URI of the policy.
        vault: path or URI of the encrypted mapping of all runs; empty for the outbox's own.
        vault_key: path or URI of its key file; empty for the environment's key.
        folder: where the artifact is written.
        uri: the artifact's URI, from which loop items are made.

    Returns:
        The URI of each redaction shard's folder; at least one.

    Raises:
        NescioError: a search shard is missing or doubled.
    """
    with step(outbox, run, "decide") as record:
        _check_complete(
            tables.read(segmented, "blobs"),
            tables.concat("blobs", [tables.read(shard, "blobs") for shard in shards]),
        )
        spans = tables.concat("spans", [tables.read(shard, "spans") for shard in shards])
        paragraphs = tables.read(gathered, "paragraphs")
        contexts = tables.read(context, "context")
        rules, year = load_policy(policy), run_year(outbox, run)
        spans = merged(paragraphs, spans, rules)
        spans, people = settle_people(paragraphs, spans, contexts)
        again = repeats(paragraphs, spans, _hides_distinctive(rules))
        spans = tables.concat("spans", [spans, again])
        with Mapping(_ledger(outbox, vault, vault_key)) as mapping:
            decisions = decide(
                paragraphs,
                contexts,
                spans,
                rules,
                people.assignments,
                mapping,
                run=run,
                this_year=year,
            )
        tables.write(folder, "decisions", decisions)
        scores = score(paragraphs, decisions)
        docs = pc.unique(paragraphs["doc"]).to_pylist()
        if index := only_index(segmented / REFERENCE, docs):
            reference = ReferenceIndex(index)
            population = population_risk(
                paragraphs, decisions, rules, reference.known(), reference.people, year
            )
            scores = scores._replace(population=population)
        facts = rules.model_dump(mode="json") | {"hash": rules.hash}
        section = anonymisation_section(scores, decisions, facts)
        (folder / SECTION).write_text(section, encoding="utf-8")
        record["scores"] = scalars_of(scores)
        record |= {"people": len(people.persons), "conflicts": conflicts_of(people.conflicts)}
        documents = tables.read(gathered, "documents")
        pending = documents.filter(pc.field("outcome") == "")
        groups = _groups(pending)
        parts, pages = (tables.read(gathered, name) for name in ("parts", "pages"))
        for number, docs in enumerate(groups):
            own = folder / f"shard=r{number:03d}"
            for name, table in (
                ("documents", pending),
                ("parts", parts),
                ("pages", pages),
                ("decisions", decisions),
                ("paragraphs", paragraphs),
            ):
                tables.write(own, name, table.filter(pc.is_in(table["doc"], docs)))
        record |= {"decisions": len(decisions), "shards": len(groups)}
        return [f"{uri}/shard=r{number:03d}" for number in range(len(groups))]


def _groups(documents: pa.Table) -> list[pa.Array]:
    """Pack whole documents into shards of about equal numbers of pages."""
    rows: list[dict[str, Any]] = documents.select(["doc", "pages"]).to_pylist()
    pages = [row["pages"] for row in rows]
    wanted = min(len(rows), MAX_SHARDS, max(2, math.ceil(sum(pages) / PAGES_PER_SHARD)))
    if sum(pages) < PAGES_PER_SHARD // 10:
        wanted = 1
    bins = [members for members in pack(pages, max(1, wanted)) if members] or [[]]
    return [pa.array([rows[i]["doc"] for i in members], pa.string()) for members in bins]


def _ledger(outbox: str, vault: str, vault_key: str) -> ObjectLedger | VaultLedger:
    """Return the vault, else the outbox's own mapping: draws are in it before output shows them."""
    if vault:
        return open_vault(vault, vault_key)
    return ObjectLedger(open_store(outbox), MAPPING_KEY)


def _hides_distinctive(policy: Policy) -> Callable[[dict[str, Any], str], bool]:
    """Return which spans are hidden wherever their text stands: the verifier looks for the same."""

    def counts(span: dict[str, Any], text: str) -> bool:
        label, kind = span["label"], span["kind"]
        hidden = policy.rule(label, kind).action != "keep"
        sure = span["score"] >= policy.threshold_of(label, kind)
        return hidden and sure and is_distinctive(label, text)

    return counts


def conflicts_of(conflicts: Sequence[Conflict]) -> list[dict[str, str]]:
    """Return which subjects a person has to look at, by opaque ids, as the scores name them."""
    return [
        {
            "subject": f"{conflict.doc}/{conflict.person}",
            "other": f"{conflict.doc}/{conflict.other}",
            "about": conflict.about,
        }
        for conflict in conflicts
    ]


def scalars_of(scores: Scores) -> dict[str, float]:
    """Return the scores that are single numbers; what could not be estimated is left out."""
    after, before = scores.reidentification.after, scores.reidentification.before
    expected = [item.expected for item in scores.residual if not math.isnan(item.expected)]
    found = {
        "risk_average_before": before.average,
        "risk_average_after": after.average,
        "risk_maximum_before": before.maximum,
        "risk_maximum_after": after.maximum,
        "risk_threshold": after.threshold,
        "utility_share_kept": scores.utility.share,
    }
    if scores.population is not None:
        found |= {
            "risk_population_members": scores.population.members,
            "risk_population_average_before": scores.population.before.average,
            "risk_population_average_after": scores.population.after.average,
            "risk_population_maximum_before": scores.population.before.maximum,
            "risk_population_maximum_after": scores.population.after.maximum,
        }
    if expected:
        found["residual_mentions_expected"] = sum(expected)
    return {name: round(value, 4) for name, value in found.items() if not math.isnan(value)}


def _check_complete(expected: pa.Table, got: pa.Table) -> None:
    key = [(name, "ascending") for name in ("doc", "paragraph")]
    if not expected.sort_by(key).equals(got.sort_by(key)):
        raise NescioError(
            f"{len(got)} of {len(expected)} paragraphs came back from the search.",
            "Run again: a lost shard would be a leak.",
        )
