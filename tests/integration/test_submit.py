"""`nescio submit` against an API server that answers as recorded; results in a real MinIO."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from conftest import CommandLine

from integration.conftest import Server, free_port, write_manifest
from integration.kfp_server import Cluster, recorded
from nescio.errors import ConfigurationError, NescioError
from nescio.outcome import exit_code, read_failure, read_outcome
from nescio.store import open_store
from nescio_pipelines.client import Connection, connect
from nescio_pipelines.parameters import find_package, parse_parameters
from nescio_pipelines.submit import Order, submit, wait

PACKAGE = find_package("deidentify")


@pytest.fixture
def outbox(minio_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    name = f"b-{uuid.uuid4().hex[:12]}"
    minio_server.client.make_bucket(bucket_name=name)
    return f"s3://{name}/outbox"


def test_a_run_is_started_with_the_shipped_pipeline_and_its_link_is_printed(
    cluster: Cluster, nescio: CommandLine
) -> None:
    arguments = ("-p", "policy=safe-harbor", "-p", "keep_names=true", "-p", "pages_per_shard=20")
    code, out, _ = nescio("submit", "--experiment", "Default", *arguments)
    assert code == 0
    ((run, body),) = cluster.runs.items()
    assert f"{cluster.url}/#/runs/details/{run}" in out
    parameters = {"policy": "safe-harbor", "keep_names": True, "pages_per_shard": 20}
    assert body["runtime_config"]["parameters"] == parameters
    assert body["experiment_id"] == recorded("list_experiments")["response"]["experiments"][0][
        "experiment_id"
    ]  # fmt: skip
    assert set(recorded("create_run_with_spec")["request"]) - {"description"} <= set(body)


def test_an_experiment_that_is_not_there_is_made(cluster: Cluster, nescio: CommandLine) -> None:
    assert nescio("submit", "--experiment", "nights")[0] == 0
    (body,) = cluster.runs.values()
    assert body["experiment_id"] == "id-of-nights"


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("polcy=everything", "Did you mean policy"),
        ("policy", "name=value"),
        ("keep_names=perhaps", "must be of type BOOLEAN"),
        ("pages_per_shard=many", "must be of type NUMBER_INTEGER"),
        ("outbox=/home/out", "must be s3://"),
    ],
)
def test_a_wrong_parameter_is_refused_before_the_cluster_is_asked(
    cluster: Cluster, nescio: CommandLine, pair: str, message: str
) -> None:
    code, _, err = nescio("submit", "-p", pair)
    assert code == 2 and message in " ".join(err.split())
    assert not cluster.requests


def test_the_servers_refusal_is_said_in_its_own_words(cluster: Cluster) -> None:
    order = Order(PACKAGE, {"nosuch": "1"}, "bad", "Default")
    with pytest.raises(ConfigurationError, match="not required by pipeline: nosuch"):
        submit(connect(Connection()), order)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"released": 2}, 0),
        ({"released": 1, "unchanged": 1}, 0),
        ({}, 0),
        ({"released": 1, "quarantined": 1}, 3),
        ({"refused": 2}, 4),
    ],
)
def test_the_exit_code_follows_from_the_manifest(
    cluster: Cluster,
    nescio: CommandLine,
    outbox: str,
    monkeypatch: pytest.MonkeyPatch,
    outcomes: dict[str, int],
    expected: int,
) -> None:
    cluster.states = ["PENDING", "RUNNING", "SUCCEEDED"]
    start = cluster._start

    def start_and_finish(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, answer = start(body)
        write_manifest(outbox, answer["run_id"], outcomes)
        return status, answer

    monkeypatch.setattr(cluster, "_start", start_and_finish)
    code, out, _ = nescio(
        "submit", "--experiment", "Default", "--wait", "--poll", "0.01", "-p", f"outbox={outbox}"
    )
    assert code == expected
    assert [line.strip() for line in out.splitlines()[2:5]] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert ("encrypted" in out) == ("refused" in outcomes or "quarantined" in outcomes)


def test_success_without_a_manifest_is_no_success(
    cluster: Cluster, nescio: CommandLine, outbox: str
) -> None:
    code, _, err = nescio("submit", "--experiment", "Default", "--wait", "-p", f"outbox={outbox}")
    assert code == 5 and "manifest is not in the outbox" in err


def test_a_failed_run_exits_as_its_failed_step_would(
    cluster: Cluster, nescio: CommandLine, outbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.states = ["RUNNING", "FAILED"]
    start = cluster._start

    def start_and_fail(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, answer = start(body)
        record = {"step": "collect", "status": "failed", "started": 1.0, "exit_code": 2}
        record["error"] = "the policy does not exist."
        key = f"private/runs/{answer['run_id']}/steps/collect.json"
        open_store(outbox).write(key, json.dumps(record).encode())
        return status, answer

    monkeypatch.setattr(cluster, "_start", start_and_fail)
    arguments = ("--experiment", "Default", "--wait", "--poll", "0.01", "-p", f"outbox={outbox}")
    code, _, err = nescio("submit", *arguments)
    assert code == 2 and "step collect failed: the policy does not exist." in err


@pytest.mark.parametrize("state", ["FAILED", "CANCELED", "SKIPPED", "SUCCEEDED"])
def test_every_final_state_ends_the_waiting(cluster: Cluster, state: str) -> None:
    client = connect(Connection())
    cluster.states = ["PENDING", "RUNNING", "CANCELING", state]
    run = submit(client, Order(PACKAGE, {}, "run", "Default"))
    assert wait(client, run, limit_seconds=20, poll_seconds=0.01) == state


def test_a_server_that_fails_for_a_while_does_not_end_the_waiting(cluster: Cluster) -> None:
    client = connect(Connection())
    cluster.failures = 3
    run = submit(client, Order(PACKAGE, {}, "run", "Default"))
    assert wait(client, run, limit_seconds=20, poll_seconds=0.01) == "SUCCEEDED"
    assert cluster.failures == 0


def test_a_run_that_never_ends_is_left_after_the_time_limit(cluster: Cluster) -> None:
    client = connect(Connection())
    cluster.states = ["RUNNING"]
    run = submit(client, Order(PACKAGE, {}, "run", "Default"))
    with pytest.raises(NescioError, match="still RUNNING after the time limit"):
        wait(client, run, limit_seconds=0.2, poll_seconds=0.05)


def test_a_run_that_vanished_ends_the_waiting_at_once(cluster: Cluster) -> None:
    with pytest.raises(ConfigurationError, match="not found"):
        wait(connect(Connection()), "00000000-0000-0000-0000-000000000000", limit_seconds=20)


def test_the_token_file_is_read_again_for_every_request(cluster: Cluster, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    cluster.token = "first"
    client = connect(Connection(token_file=str(token)))
    run = submit(client, Order(PACKAGE, {}, "run", "Default"))
    cluster.token = "second"
    token.write_text("second\n")
    assert wait(client, run, limit_seconds=20) == "SUCCEEDED"
    assert set(cluster.tokens) == {"first", "second"}


def test_refused_credentials_are_said_in_one_line(cluster: Cluster, nescio: CommandLine) -> None:
    cluster.token = "another"
    code, _, err = nescio("submit", "--experiment", "Default")
    assert code == 2 and "refuses these credentials (HTTP 401)" in err


def test_a_server_that_is_down_is_said_in_one_line(nescio: CommandLine) -> None:
    code, _, err = nescio("submit", "--host", f"http://127.0.0.1:{free_port()}")
    assert code == 5 and "does not answer" in err and err.count("\n") == 1


def test_no_host_is_a_configuration_error(
    nescio: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KF_PIPELINES_ENDPOINT", raising=False)
    code, _, err = nescio("submit")
    assert code == 2 and "KF_PIPELINES_ENDPOINT" in err


def test_waiting_without_access_to_the_bucket_is_refused_before_a_run_starts(
    cluster: Cluster, nescio: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NESCIO_S3_ENDPOINT", raising=False)
    code, _, err = nescio("submit", "--wait")
    assert code == 2 and "NESCIO_S3_ENDPOINT" in err
    assert not cluster.runs


def test_outcomes_are_read_from_folders_as_from_buckets(tmp_path: Path) -> None:
    write_manifest(str(tmp_path), "r1", {"released": 1, "refused": 1})
    assert exit_code(read_outcome(str(tmp_path), "r1")["outcomes"]) == 3
    assert "no step says why" in str(read_failure(str(tmp_path), "r2", "CANCELED"))


def test_a_required_parameter_without_a_value_is_named(tmp_path: Path) -> None:
    package = tmp_path / "p.yaml"
    parameters = {"x": {"parameterType": "STRING"}}
    package.write_text(json.dumps({"root": {"inputDefinitions": {"parameters": parameters}}}))
    with pytest.raises(ConfigurationError, match="needs parameters: x"):
        parse_parameters(package, [])
