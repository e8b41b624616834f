"""What a run's manifest and records mean as an exit code, on a laptop and on a cluster."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nescio.errors import ExitCode, NescioError
from nescio.steps.telemetry import read_records, run_prefix
from nescio.store import PRIVATE, open_store

RUNS: Final = f"{PRIVATE}/runs"


def came_through(outcomes: Mapping[str, int]) -> int:
    """Return how many documents were released or proposed, now or by an earlier run."""
    return sum(outcomes.get(name, 0) for name in ("released", "unchanged", "proposed"))


def held_back(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line without PHI for each document that was not released: id, reason, remedy."""
    for item in manifest["documents"]:
        if item["outcome"] in {"quarantined", "refused"}:
            yield f"{item['outcome']}: document {item['id']}: {item['reason']}. {item['remedy']}"


def exit_code(outcomes: Mapping[str, int]) -> ExitCode:
    """Return 0 if all documents (or none) came through, 3 if some did, 4 if none did.

    Args:
        outcomes: number of documents by outcome, as in a run's manifest.
    """
    fine = came_through(outcomes)
    if fine == sum(outcomes.values()):
        return ExitCode.OK
    return ExitCode.PARTIAL if fine else ExitCode.NONE_RELEASED


def failure(records: Sequence[Mapping[str, Any]]) -> NescioError:
    """Make one error, with its exit code, of what the steps of a failed run recorded."""
    failed = [record for record in records if record["status"] == "failed"]
    if not failed:
        return NescioError("the pipeline failed before any step could say why.")
    first = failed[0]
    error = NescioError(f"step {first['step']} failed: {first['error']}")
    error.exit_code = ExitCode(first["exit_code"])
    return error


def read_outcome(outbox: str, run: str) -> dict[str, Any]:
    """Return the manifest of a run that succeeded.

    Raises:
        NescioError: there is none: whatever the cluster says, nothing proves a release.
    """
    try:
        data = open_store(outbox).read(f"{run_prefix(run)}/manifest.json")
    except FileNotFoundError:
        raise NescioError(
            f"run {run} is said to have succeeded, but its manifest is not in the outbox.",
            "Check that outbox and NESCIO_S3_ENDPOINT are those of the cluster.",
        ) from None
    manifest: dict[str, Any] = json.loads(data)
    return manifest


def last_manifest(outbox: str) -> dict[str, Any] | None:
    """Return the manifest of the run that ended last, with ``ended`` (seconds since 1970).

    Returns:
        None if no run has ended well, or all were cleaned away.
    """
    store = open_store(outbox)
    found: list[dict[str, Any]] = [
        json.loads(store.read(entry.key))
        for entry in store.list(RUNS)
        if entry.key.endswith("/manifest.json")
    ]
    for manifest in found:
        ended = datetime.datetime.strptime(manifest["finished"], "%Y-%m-%dT%H:%M:%SZ")
        manifest["ended"] = ended.replace(tzinfo=datetime.UTC).timestamp()
    return max(found, key=lambda manifest: float(manifest["ended"]), default=None)


def read_failure(outbox: str, run: str, state: str) -> NescioError:
    """Say why a run ended in another state than SUCCEEDED, from what its steps wrote.

    The outbox may let these credentials read manifests alone: then it is said that it failed.
    """
    try:
        records = read_records(outbox, run)
    except NescioError as error:
        return NescioError(
            f"run {run} ended {state}; what its steps recorded cannot be read: {error.what}",
            "Look at the run in the UI.",
        )
    if any(record["status"] == "failed" for record in records):
        return failure(records)
    steps = [record["step"] for record in records if record["step"] != "notify"]
    last = f"; the last step on record is {steps[-1]}" if steps else ""
    return NescioError(
        f"run {run} ended {state} and no step says why{last}.",
        "Look at the run in the UI: it was terminated, or a pod was killed or never scheduled.",
    )
