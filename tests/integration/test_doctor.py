"""`nescio doctor` against a real Kubernetes API server and a real MinIO."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from conftest import ROOT
from typer.testing import CliRunner

from integration.conftest import Server
from integration.kfp_server import Cluster as KubeflowPipelines
from integration.kfp_server import running
from integration.kube import STRANGER, Cluster, api_server
from nescio.cli import app
from nescio.errors import ConfigurationError

Doctor = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with api_server(tmp_path_factory.mktemp("cluster")) as server:
        yield server


@pytest.fixture
def installed(cluster: Cluster) -> Cluster:
    """The cluster with the manifests as they are, whatever an earlier test did to them."""
    cluster.run(
        "apply", "--server-side", "--force-conflicts", "-k", f"{ROOT}/manifests/overlays/dev"
    )
    return cluster


@pytest.fixture
def doctor(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Call the command; give its exit code and lines."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))

    def call(*options: str) -> tuple[int, list[str]]:
        result = CliRunner().invoke(app, ["doctor", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout.splitlines()

    return call


def missing(lines: list[str]) -> list[str]:
    assert all(line.startswith(("fine ", "missing ")) for line in lines)
    return [line for line in lines if line.startswith("missing")]


def test_a_bare_cluster_lacks_the_namespace(doctor: Doctor) -> None:
    code, lines = doctor("--no-storage", "--namespace", "elsewhere")
    assert code == 2
    assert len(lines) == 1 and "namespace elsewhere: it is not there. Apply manifests/" in lines[0]


def test_after_the_manifests_all_is_fine(installed: Cluster, doctor: Doctor) -> None:
    code, lines = doctor("--no-storage")
    assert missing(lines) == [] and code == 0
    assert len(lines) == 8


def test_a_deleted_secret_and_an_emptied_one_are_named(installed: Cluster, doctor: Doctor) -> None:
    installed.run("delete", "secret", "nescio-steps-s3", "-n", "nescio")
    installed.run(
        "patch", "secret", "nescio-launcher-s3", "-n", "nescio", "-p",
        '{"data": {"secretkey": null}}',
    )  # fmt: skip
    code, lines = doctor("--no-storage")
    assert code == 2
    first, second = missing(lines)
    assert "secret nescio-steps-s3: it is not there." in first
    assert "secret nescio-launcher-s3: it has no secretkey." in second


def test_a_right_that_is_lost_or_too_wide_is_named(installed: Cluster, doctor: Doctor) -> None:
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}]
    installed.run(
        "patch", "role", "pipeline-runner", "-n", "nescio", "--type=merge",
        "-p", json.dumps({"rules": rules}),
    )  # fmt: skip
    _, lines = doctor("--no-storage")
    (line,) = missing(lines)
    assert "may not get configmaps kfp-launcher, list pods" in line
    assert "may list secrets, which is too much" in line
    assert "exec" not in line


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"defaultPipelineRoot": "gs://elsewhere"}, "no bucket of MinIO or S3"),
        ({"providers": "minio: {}"}, "name no secret for minio"),
        ({"providers": "minio: ["}, "name no secret for minio"),
    ],
)
def test_a_wrong_launcher_configuration_is_named(
    installed: Cluster, doctor: Doctor, change: dict[str, str], said: str
) -> None:
    installed.run(
        "patch", "configmap", "kfp-launcher", "-n", "nescio", "-p", json.dumps({"data": change})
    )
    (line,) = missing(doctor("--no-storage")[1])
    assert "kfp-launcher" in line and said in line


def test_a_quota_that_is_too_small_is_named_with_both_numbers(
    installed: Cluster, doctor: Doctor
) -> None:
    hard = {"spec": {"hard": {"requests.cpu": "3"}}}
    installed.run("patch", "resourcequota", "nescio", "-n", "nescio", "-p", json.dumps(hard))
    (line,) = missing(doctor("--no-storage")[1])
    assert "requests.cpu 3 < 20" in line and "Raise it" in line


def test_a_gpu_is_looked_for_among_the_nodes(installed: Cluster, doctor: Doctor) -> None:
    (line,) = missing(doctor("--no-storage", "--gpu")[1])
    assert "no schedulable node offers nvidia.com/gpu" in line
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "g"}}
    installed.run("create", "-f", "-", given=json.dumps(node))
    installed.run(
        "patch", "node", "g", "--subresource=status", "--type=merge",
        "-p", json.dumps({"status": {"allocatable": {"nvidia.com/gpu": "1"}}}),
    )  # fmt: skip
    # No controller runs here that would take the taint of a new node away.
    installed.run("patch", "node", "g", "-p", json.dumps({"spec": {"unschedulable": False}}))
    assert missing(doctor("--no-storage", "--gpu")[1]) == []


def test_no_configured_cluster_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    result = CliRunner().invoke(app, ["doctor", "--no-storage"])
    assert "no cluster is configured" in str(result.exception)


@pytest.fixture
def storage(minio_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    return minio_server


def options(prefix: str) -> list[str]:
    roles = ("inbox", "outbox", "artifacts")
    return ["--no-cluster", *(f"--{role}=s3://{prefix}-{role}" for role in roles)]


def test_buckets_are_tried_and_left_as_they_were(storage: Server, doctor: Doctor) -> None:
    for role in ("inbox", "outbox"):
        storage.client.make_bucket(bucket_name=f"doctor-{role}")
    code, lines = doctor(*options("doctor"))
    (line,) = missing(lines)
    assert code == 2 and "artifacts s3://doctor-artifacts: there is no such bucket." in line
    storage.client.make_bucket(bucket_name="doctor-artifacts")
    code, lines = doctor(*options("doctor"))
    assert code == 0 and len(lines) == 3
    for role in ("inbox", "outbox", "artifacts"):
        assert not list(storage.client.list_objects(f"doctor-{role}", recursive=True))


def test_a_user_without_rights_is_told_which_bucket_refused(
    storage: Server, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.need("users")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-password")
    code, lines = doctor(*options("doctor"))
    assert code == 2 and len(missing(lines)) == 3
    assert all("refused a request" in line and "bootstrap Job" in line for line in lines)


def test_a_folder_is_no_bucket(doctor: Doctor, tmp_path: Path) -> None:
    code, lines = doctor("--no-cluster", "--inbox", str(tmp_path))
    assert code == 2 and "this is no bucket" in lines[0]


@pytest.fixture
def pipelines(monkeypatch: pytest.MonkeyPatch) -> Iterator[KubeflowPipelines]:
    with running(KubeflowPipelines()) as server:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", server.url)
        yield server


def submit(*options: str) -> Result:
    return CliRunner().invoke(app, ["submit", "--experiment", "Default", *options])


@pytest.mark.parametrize("options", [(), ("--doctor",)])
def test_submit_looks_first_and_sends_nothing_that_could_not_run(
    installed: Cluster,
    storage: Server,
    doctor: Doctor,
    pipelines: KubeflowPipelines,
    options: tuple[str, ...],
) -> None:
    for bucket in ("nescio-inbox", "nescio-outbox", "nescio-artifacts"):
        if not storage.client.bucket_exists(bucket_name=bucket):
            storage.client.make_bucket(bucket_name=bucket)
    fine = submit(*options)
    assert fine.exit_code == 0 and len(pipelines.runs) == 1
    assert len(fine.stderr.splitlines()) == (11 if options else 0)
    installed.run("delete", "secret", "nescio-steps-s3", "-n", "nescio")
    refused = submit(*options)
    assert isinstance(refused.exception, ConfigurationError)
    assert "nothing was submitted: 1 of these" in str(refused.exception)
    assert "secret nescio-steps-s3: it is not there." in refused.stderr
    assert len(pipelines.runs) == 1
    assert submit("--no-doctor").exit_code == 0 and len(pipelines.runs) == 2


def test_submit_looks_where_runs_take_place(
    installed: Cluster, doctor: Doctor, pipelines: KubeflowPipelines
) -> None:
    refused = submit("--namespace", "elsewhere")
    assert "namespace elsewhere: it is not there." in refused.stderr and not pipelines.runs


@pytest.mark.parametrize("server", ["https://127.0.0.1:9", ""])
def test_what_nobody_could_look_at_stops_only_who_asked_for_it(
    server: str, pipelines: KubeflowPipelines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A cluster that does not answer, or none at all: a person with a token may still submit."""
    kubeconfig = tmp_path / "kubeconfig"
    if server:
        known = {
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "current-context": "c",
        }
        kubeconfig.write_text(json.dumps(known))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    asked = submit("--doctor")
    assert isinstance(asked.exception, ConfigurationError) and not pipelines.runs
    assert submit().exit_code == 0 and len(pipelines.runs) == 1


def test_a_person_without_rights_on_the_cluster_may_submit(
    installed: Cluster, doctor: Doctor, pipelines: KubeflowPipelines,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    settings = yaml.safe_load(installed.kubeconfig.read_text())
    settings["users"][0]["user"] = {"token": STRANGER}
    stranger = tmp_path / "stranger"
    stranger.write_text(yaml.safe_dump(settings))
    monkeypatch.setenv("KUBECONFIG", str(stranger))
    code, lines = doctor("--no-storage")
    assert code == 2 and any("you may not look at it" in line for line in missing(lines))
    assert submit().exit_code == 0 and len(pipelines.runs) == 1
