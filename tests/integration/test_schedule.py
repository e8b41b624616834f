"""`nescio schedule` against an API server that answers as recorded."""

from __future__ import annotations

import pytest
from conftest import CommandLine

from integration.kfp_server import Cluster, recorded
from nescio.errors import ConfigurationError
from nescio_pipelines.client import Connection, connect
from nescio_pipelines.parameters import find_package
from nescio_pipelines.schedule import check_cron
from nescio_pipelines.submit import Order

PACKAGE = find_package("deidentify")
CREATE = ("schedule", "create", "nightly", "--experiment", "Default", "--cron")


def test_a_schedule_neither_catches_up_nor_overlaps(
    cluster: Cluster,
    nescio: CommandLine,
) -> None:
    code, out, _ = nescio(*CREATE, "0 0 2 * * *", "-p", "policy=safe-harbor")
    assert code == 0
    body = next(body for method, _, body in cluster.requests if method == "POST")
    assert body["no_catchup"] is True
    assert int(body["max_concurrency"]) == 1
    assert body["mode"] == "ENABLE"
    assert body["trigger"]["cron_schedule"]["cron"] == "0 0 2 * * *"
    assert body["runtime_config"]["parameters"] == {"policy": "safe-harbor"}
    wanted = set(recorded("create_recurring_run")["request"])
    # Made by version there, by package here.
    assert wanted - {"description", "pipeline_version_reference"} <= set(body)
    (identity,) = cluster.recurring
    assert f"{cluster.url}/#/recurringrun/details/{identity}" in out


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 2 * * *", "You probably mean: '0 0 2 * * *'"),
        ("bogus", "has six fields"),
        ("@daily", "has six fields"),
        ("* 0 2 * * *", "must be one number"),
        ("*/5 0 2 * * *", "must be one number"),
    ],
)
def test_an_unsafe_cron_expression_is_explained_and_refused(
    cluster: Cluster,
    nescio: CommandLine,
    cron: str,
    message: str,
) -> None:
    code, _, err = nescio(*CREATE, cron)
    assert code == 2 and message in " ".join(err.split())
    assert not cluster.requests
    with pytest.raises(ConfigurationError):
        check_cron(cron)


def test_schedules_are_listed_paused_resumed_and_deleted_by_name(
    cluster: Cluster,
    nescio: CommandLine,
) -> None:
    for name in ("weekly", "nightly"):
        nescio("schedule", "create", name, "--experiment", "Default", "--cron", "0 0 2 * * 1")
    _, out, _ = nescio("schedule", "list")
    assert [line.split()[-1] for line in out.splitlines()] == ["weekly", "nightly"]
    assert [line.split()[1] for line in out.splitlines()] == ["ENABLED", "ENABLED"]
    assert nescio("schedule", "pause", "nightly")[0] == 0
    assert [item["status"] for item in cluster.recurring.values()] == ["ENABLED", "DISABLED"]
    assert nescio("schedule", "resume", "nightly")[0] == 0
    assert [item["status"] for item in cluster.recurring.values()] == ["ENABLED", "ENABLED"]
    assert nescio("schedule", "delete", "nightly")[0] == 0
    assert [item["display_name"] for item in cluster.recurring.values()] == ["weekly"]
    code, _, err = nescio("schedule", "delete", "nightly")
    assert code == 2 and "no such schedule" in err


def test_a_second_schedule_of_the_same_name_is_refused(
    cluster: Cluster,
    nescio: CommandLine,
) -> None:
    assert nescio(*CREATE, "0 0 2 * * *")[0] == 0
    code, _, err = nescio(*CREATE, "0 0 3 * * *")
    assert code == 2 and "exists" in err
    assert len(cluster.recurring) == 1


def test_a_schedule_takes_the_place_of_the_one_before_if_asked(
    cluster: Cluster,
    nescio: CommandLine,
) -> None:
    """As after an upgrade, and as the Job of the manifests does at every apply."""
    assert nescio(*CREATE, "0 0 2 * * *", "--replace")[0] == 0
    (first,) = cluster.recurring
    assert nescio(*CREATE, "0 0 3 * * *", "--replace")[0] == 0
    (second,) = cluster.recurring
    assert second != first


def test_the_servers_refusal_of_a_cron_expression_is_said(
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nescio_pipelines import schedule

    monkeypatch.setattr(schedule, "check_cron", lambda expression: expression)
    with pytest.raises(ConfigurationError, match="Expected 5 to 6 fields"):
        schedule.create(connect(Connection()), Order(PACKAGE, {}, "x", "Default"), "bogus")
