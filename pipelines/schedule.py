"""Recurring runs: made, listed, paused, resumed, deleted; one at a time, never catching up."""

from __future__ import annotations

import re
from typing import NamedTuple

from nescio.errors import ConfigurationError
from nescio_pipelines.client import PipelinesClient, api_errors, quiet
from nescio_pipelines.submit import Order

CRON_FIELDS = ("second", "minute", "hour", "day of month", "month", "day of week")


class Schedule(NamedTuple):
    """One recurring run as the API knows it."""

    id: str
    name: str
    cron: str
    """Empty for a schedule by period, made elsewhere."""
    status: str
    max_concurrency: int
    no_catchup: bool


def check_cron(expression: str) -> str:
    """Return the expression if it has six fields and one start a minute at most.

    The API server accepts five fields, too, and reads them as seconds first: ``0 2 * * *`` ran
    every hour at two minutes past, not every night at two.

    Raises:
        ConfigurationError: anything else; the message offers what was probably meant.
    """
    fields = expression.split()
    if len(fields) == 5:
        raise ConfigurationError(
            "this cron expression has five fields; Kubeflow Pipelines wants six, seconds first, "
            "and would read these five as second, minute, hour, day and month.",
            f"You probably mean: '0 {' '.join(fields)}'.",
        )
    if len(fields) != len(CRON_FIELDS):
        raise ConfigurationError(
            f"a cron expression has six fields: {', '.join(CRON_FIELDS)}.",
            "Every night at two: '0 0 2 * * *'.",
        )
    if not re.fullmatch(r"[0-5]?\d", fields[0]):
        raise ConfigurationError(
            "the first field, the second, must be one number from 0 to 59.",
            "Anything else starts many runs in one minute.",
        )
    return " ".join(fields)


def create(
    client: PipelinesClient, order: Order, cron: str, enabled: bool = True, replace: bool = False
) -> str:
    """Make a recurring run of the package and return its id.

    Args:
        client: the connected client.
        order: what to run, and under which name.
        cron: six fields, seconds first.
        enabled: whether it starts runs at once.
        replace: delete schedules of this name before, instead of refusing.

    Raises:
        ConfigurationError: the cron expression is not safe, the name is taken, or the API refuses.
    """
    expression = check_cron(cron)
    older = [schedule.id for schedule in list_all(client) if schedule.name == order.name]
    if older and not replace:
        raise ConfigurationError(
            "a schedule of this name exists; two would run side by side.",
            "Use --replace, or choose another name.",
        )
    for identity in older:
        with quiet(), api_errors():
            client.delete_recurring_run(identity)
    with quiet(), api_errors():
        experiment = client.create_experiment(order.experiment)
        made = client.create_recurring_run(
            experiment.experiment_id,
            order.name,
            cron_expression=expression,
            # The API knows no documents of last night: the outbox says what is still to do.
            no_catchup=True,
            max_concurrency=1,
            enabled=enabled,
            **order.arguments(),
        )
    return str(made.recurring_run_id)


def list_all(client: PipelinesClient) -> list[Schedule]:
    """Return every recurring run that these credentials may see, page by page."""
    found: list[Schedule] = []
    token = ""
    while True:
        with quiet(), api_errors():
            answer = client.list_recurring_runs(page_token=token, page_size=100)
        for item in answer.recurring_runs or []:
            trigger = item.trigger.cron_schedule if item.trigger else None
            found.append(
                Schedule(
                    str(item.recurring_run_id),
                    str(item.display_name),
                    str(trigger.cron) if trigger else "",
                    str(item.status),
                    int(item.max_concurrency or 0),
                    bool(item.no_catchup),
                )
            )
        token = answer.next_page_token or ""
        if not token:
            return found


def find(client: PipelinesClient, name: str) -> Schedule:
    """Return the schedule with this name or id.

    Raises:
        ConfigurationError: there is none, or several have the name.
    """
    matching = [item for item in list_all(client) if name in (item.name, item.id)]
    if len(matching) != 1:
        what = "several schedules have this name." if matching else "there is no such schedule."
        raise ConfigurationError(what, "`nescio schedule list` shows names and ids.")
    return matching[0]


def pause(client: PipelinesClient, name: str) -> None:
    """Stop a schedule from starting runs; a run that is going goes on."""
    identity = find(client, name).id
    with quiet(), api_errors():
        client.disable_recurring_run(identity)


def resume(client: PipelinesClient, name: str) -> None:
    """Let a schedule start runs again, from its next slot on."""
    identity = find(client, name).id
    with quiet(), api_errors():
        client.enable_recurring_run(identity)


def delete(client: PipelinesClient, name: str) -> None:
    """Delete a schedule with its workflows and pods; the records of its runs stay."""
    identity = find(client, name).id
    with quiet(), api_errors():
        client.delete_recurring_run(identity)
