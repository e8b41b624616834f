"""notify: the run's last word, from its manifest and the final status together."""

from __future__ import annotations

import json
from typing import Any, Final

from nescio import __version__, notices
from nescio.errors import NescioError
from nescio.steps.telemetry import read_records, run_prefix, step
from nescio.store import open_store

SUCCESS_STATES: Final = {"COMPLETE", "SUCCEEDED"}
"""A cluster says COMPLETE, a local run SUCCEEDED; neither alone proves that a release was made."""


def run(outbox: str, run: str, state: str, target: str = "") -> str:
    """Say in one line, without PHI, how the run ended, and send it to who wants to know.

    A message that cannot be delivered is said in one line, recorded beside the other steps, and
    fails this task: a night of which nobody hears must not look like one that went well.

    Args:
        outbox: URI of the outbox.
        run: id of the run.
        state: final state that Kubeflow Pipelines reports, a weak witness.
        target: where to send it: ``https://…``, ``mailto:…``, or empty for nowhere.

    Returns:
        The line, which is also printed to the log.
    """
    said = message(outbox, run, state)
    print(said["text"], flush=True)
    if target:
        with step(outbox, run, "notify"):
            notices.send(target, said)
    return str(said["text"])


def message(outbox: str, run: str, state: str) -> dict[str, Any]:
    """Compose what is sent: the run's id, whether it went well, counts, and one line for people.

    No document is named, not even by its opaque id. An outbox that does not answer, a likely cause
    of failure, must not keep the message from being sent.
    """
    try:
        outcomes, text = _closing(outbox, run, state)
    except (NescioError, FileNotFoundError) as error:  # the latter: there is no such bucket
        outcomes, text = None, f"run {run} failed (state {state}): {error}"
    return {
        "event": "run_finished",
        "run": run,
        "succeeded": outcomes is not None,
        "state": state,
        "outcomes": outcomes or {},
        "text": text,
        "version": __version__,
    }


def _closing(outbox: str, run: str, state: str) -> tuple[dict[str, int] | None, str]:
    """Return counts and the line; counts only with a manifest and a state of success."""
    try:
        manifest = json.loads(open_store(outbox).read(f"{run_prefix(run)}/manifest.json"))
    except FileNotFoundError:
        manifest = None
    if manifest and state in SUCCESS_STATES:
        outcomes: dict[str, int] = manifest["outcomes"]
        counts = ", ".join(f"{number} {name}" for name, number in outcomes.items())
        return outcomes, f"run {run} done: {counts or 'no documents'}"
    failed = [item for item in read_records(outbox, run) if item["status"] == "failed"]
    reason = f": step {failed[0]['step']}: {failed[0]['error']}" if failed else ""
    return None, f"run {run} failed (state {state}){reason}"
