"""notify: the run's last word, from its manifest and the final status together."""

from __future__ import annotations

import json
from typing import Final

from nescio.steps.telemetry import read_records, run_prefix
from nescio.store import open_store

SUCCESS_STATES: Final = {"COMPLETE", "SUCCEEDED"}
"""A cluster says COMPLETE, a local run SUCCEEDED; neither alone proves that a release was made."""


def run(outbox: str, run: str, state: str) -> str:
    """Say in one line, without PHI, how the run ended.

    Args:
        outbox: URI of the outbox.
        run: id of the run.
        state: final state that Kubeflow Pipelines reports, a weak witness.

    Returns:
        The line, which is also printed to the log.
    """
    line = closing_line(outbox, run, state)
    print(line, flush=True)
    return line


def closing_line(outbox: str, run: str, state: str) -> str:
    """Compose the line: done only with a manifest and a state of success."""
    try:
        manifest = json.loads(open_store(outbox).read(f"{run_prefix(run)}/manifest.json"))
    except FileNotFoundError:
        manifest = None
    if manifest and state in SUCCESS_STATES:
        counts = ", ".join(f"{number} {name}" for name, number in manifest["outcomes"].items())
        return f"run {run} done: {counts or 'no documents'}"
    failed = [item for item in read_records(outbox, run) if item["status"] == "failed"]
    reason = f": step {failed[0]['step']}: {failed[0]['error']}" if failed else ""
    return f"run {run} failed (state {state}){reason}"
