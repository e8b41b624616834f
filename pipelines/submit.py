"""Starts a run on a cluster, and waits for its state within a time limit of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nescio.errors import NescioError
from nescio_pipelines.client import PipelinesClient, api_errors, passing, quiet

FINAL_STATES: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})


@dataclass
class Order:
    """What to run: a compiled pipeline and how it is to appear on the cluster."""

    package: Path
    parameters: dict[str, Any]
    name: str
    experiment: str = "nescio"
    pipeline_root: str = ""
    """Where artifacts go; empty for the cluster's own default (kfp-launcher)."""
    service_account: str = ""

    def arguments(self) -> dict[str, Any]:
        """Return what starting and scheduling tell the client alike."""
        return {
            "pipeline_package_path": str(self.package),
            "params": self.parameters,
            "pipeline_root": self.pipeline_root or None,
            "service_account": self.service_account or None,
        }


def submit(client: PipelinesClient, order: Order) -> str:
    """Start a run and return its id.

    Raises:
        NescioError: the API does not answer, or refuses; it says why.
    """
    with quiet(), api_errors():
        experiment = client.create_experiment(order.experiment)
        started = client.run_pipeline(experiment.experiment_id, order.name, **order.arguments())
    return str(started.run_id)


def wait(
    client: PipelinesClient,
    run: str,
    limit_seconds: float,
    poll_seconds: float = 15.0,
    watch: Callable[[str], None] = lambda state: None,
) -> str:
    """Return the final state of a run.

    A pod that fits nowhere stays Pending for ever and no timeout on the cluster counts that, so
    the limit is kept here. An API that does not answer for a while does not end the waiting.

    Args:
        client: the connected client.
        run: id of the run.
        limit_seconds: seconds after which to stop waiting; the run itself goes on.
        poll_seconds: seconds between two questions.
        watch: called with each state that differs from the one before.

    Raises:
        NescioError: the limit is over, or the API refuses to answer.
    """
    deadline = time.monotonic() + limit_seconds
    state = ""
    while True:
        try:
            latest = client.run_state(run)
        except Exception as error:
            if not passing(error):
                with api_errors():
                    raise
            latest = state
        if latest != state:
            state = latest
            watch(state)
        if state in FINAL_STATES:
            return state
        if time.monotonic() + poll_seconds > deadline:
            raise NescioError(
                f"run {run} is still {state or 'without a state'} after the time limit.",
                "It goes on: look at it in the UI; a pod that fits on no node waits for ever.",
            )
        time.sleep(poll_seconds)
