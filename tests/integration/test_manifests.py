"""The manifests, applied to a real Kubernetes API server, which then says who may what."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT

from integration.conftest import server_program
from integration.kube import Cluster, api_server
from nescio_pipelines.deidentify import PARALLELISM
from nescio_pipelines.platform import COMPONENT_LABEL
from nescio_pipelines.resources import TASKS

OVERLAYS = ("dev", "production")
RUNNER = "pipeline-runner"


def built(overlay: str) -> list[dict[str, Any]]:
    """Return the objects that an overlay consists of."""
    command = [str(server_program("kubectl")), "kustomize", f"{ROOT}/manifests/overlays/{overlay}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(text))


def only(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """Return the one object of that kind and name."""
    (found,) = [
        item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name
    ]
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with api_server(tmp_path_factory.mktemp("cluster")) as running:
        running.run("apply", "--server-side", "-k", f"{ROOT}/manifests/overlays/dev")
        yield running


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_server_accepts_an_overlay_again_and_again(cluster: Cluster, overlay: str) -> None:
    folder = f"{ROOT}/manifests/overlays/{overlay}"
    for _ in range(2):
        said = cluster.run(
            "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", folder
        )
        assert len(said.splitlines()) == len(built(overlay))


def test_an_unknown_field_would_have_been_refused(cluster: Cluster) -> None:
    """What the test above relies on: the server validates, it does not just store."""
    job = only(built("dev"), "Job", "nescio-bootstrap")
    job["spec"]["backOffLimit"] = 1
    with pytest.raises(AssertionError, match="backOffLimit"):
        cluster.run(
            "apply", "--server-side", "--dry-run=server", "-f", "-", given=yaml.safe_dump(job)
        )


def test_production_holds_no_secret_and_no_server_of_its_own() -> None:
    kinds = {item["kind"] for item in built("production")}
    assert not kinds & {"Secret", "StatefulSet", "Service"}
    assert (
        "disableSSL: false"
        in only(built("production"), "ConfigMap", "kfp-launcher")["data"]["providers"]
    )


@pytest.mark.parametrize(
    ("verb", "resource", "name", "group"),
    [
        ("get", "configmaps", "kfp-launcher", ""),
        ("get", "secrets", "nescio-launcher-s3", ""),
        ("list", "pods", "", ""),
        ("create", "workflowtaskresults", "", "argoproj.io"),
        ("patch", "workflowtaskresults", "", "argoproj.io"),
    ],
)
def test_a_run_may_do_what_kfp_needs(
    cluster: Cluster, verb: str, resource: str, name: str, group: str
) -> None:
    assert cluster.may(RUNNER, verb, resource, name, group)


@pytest.mark.parametrize(
    ("verb", "resource", "name", "group"),
    [
        ("list", "secrets", "", ""),
        ("get", "secrets", "nescio-minio-root", ""),
        ("get", "secrets", "nescio-reader-s3", ""),
        ("update", "configmaps", "kfp-launcher", ""),
        ("get", "configmaps", "nescio-buckets", ""),
        ("create", "pods", "", ""),
        ("create", "pods/exec", "", ""),
        ("get", "pods/log", "", ""),
        ("delete", "workflows", "", "argoproj.io"),
        ("create", "rolebindings", "", "rbac.authorization.k8s.io"),
        ("create", "jobs", "", "batch"),
    ],
)
def test_a_run_may_not_do_more(
    cluster: Cluster, verb: str, resource: str, name: str, group: str
) -> None:
    assert not cluster.may(RUNNER, verb, resource, name, group)


@pytest.mark.parametrize("resource", ["secrets", "configmaps", "pods"])
def test_the_bootstrap_account_may_ask_the_cluster_nothing(cluster: Cluster, resource: str) -> None:
    assert not cluster.may("nescio-bootstrap", "get", resource)
    assert not cluster.get("serviceaccount", "nescio-bootstrap")["automountServiceAccountToken"]


def workloads(overlay: str) -> dict[str, dict[str, Any]]:
    """Return the pod templates of an overlay by the name of what makes them."""
    found = {}
    for item in built(overlay):
        spec = item.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[item["metadata"]["name"]] = spec["template"]
    return found


def test_the_overlays_make_the_pods_that_the_documentation_names() -> None:
    assert set(workloads("dev")) == {"nescio-bootstrap", "minio"}
    assert set(workloads("production")) == {"nescio-bootstrap", "nescio-schedule", "nescio-watch"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_confined(overlay: str) -> None:
    for template in workloads(overlay).values():
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            confined = container["securityContext"]
            assert confined["readOnlyRootFilesystem"]
            assert not confined["allowPrivilegeEscalation"]
            assert confined["capabilities"]["drop"] == ["ALL"]
            assert not container["image"].endswith(":latest") and ":" in container["image"]
            assert {"cpu", "memory"} <= set(container["resources"]["limits"])


def test_every_secret_that_a_pod_must_have_exists_in_dev() -> None:
    """Those of production are made elsewhere, under the names that dev has."""
    secrets = {item["metadata"]["name"] for item in built("dev") if item["kind"] == "Secret"}
    for overlay in OVERLAYS:
        for template in workloads(overlay).values():
            pod = template["spec"]
            mounted = {v["secret"]["secretName"] for v in pod.get("volumes", []) if "secret" in v}
            entries = [entry for one in pod["containers"] for entry in one.get("env", [])]
            named = [entry.get("valueFrom", {}).get("secretKeyRef") for entry in entries]
            needed = {item["name"] for item in named if item and not item.get("optional")}
            assert mounted | needed <= secrets


def test_the_nightly_job_calls_what_the_command_line_understands() -> None:
    """The arguments in the manifest are those of the commands, and the cron has six fields."""
    from typer.main import get_command

    from nescio.cli import app
    from nescio_pipelines.parameters import find_package, parse_parameters
    from nescio_pipelines.schedule import check_cron

    commands = get_command(app).commands  # type: ignore[attr-defined]
    schedule, watch = (
        workloads("production")[name]["spec"]["containers"][0]["args"]
        for name in ("nescio-schedule", "nescio-watch")
    )
    create = commands["schedule"].commands["create"]
    given = create.make_context("create", schedule[3:]).params
    assert given["name"] == "nightly" and given["replace"]
    assert check_cron(given["cron"])
    assert parse_parameters(find_package(given["package"]), given["param"])
    given = commands["watch"].make_context("watch", watch[2:]).params
    assert given["outbox"] == "s3://nescio-outbox" and given["within"] == 26


def test_only_who_tells_how_a_night_ended_reaches_the_receiver() -> None:
    policy = only(built("production"), "NetworkPolicy", "allow-notify")["spec"]
    (rule,) = policy["podSelector"]["matchExpressions"]
    assert (rule["key"], set(rule["values"])) == (COMPONENT_LABEL, {"notify", "watch"})
    watch = workloads("production")["nescio-watch"]["metadata"]["labels"]
    assert watch[COMPONENT_LABEL] == "watch"


def amount(text: str) -> float:
    """Return a Kubernetes quantity in cores or bytes."""
    from kubernetes.utils import parse_quantity

    return float(parse_quantity(text))


@pytest.mark.parametrize(
    "field", ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]
)
def test_the_quota_has_room_for_the_widest_loop_and_its_drivers(field: str) -> None:
    objects = built("production")
    hard = only(objects, "ResourceQuota", "nescio")["spec"]["hard"]
    kind, _, what = field.partition(".")
    attribute = f"{what}_{kind.removesuffix('s')}"
    widest = max(
        PARALLELISM * amount(getattr(TASKS[name], attribute))
        for name in ("extract", "hybrid-search", "redact")
    )
    (limits,) = only(objects, "LimitRange", "nescio")["spec"]["limits"]
    default = limits["defaultRequest" if kind == "requests" else "default"][what]
    # Beside each step stand a driver and Argo's wait container, at the LimitRange's default.
    assert amount(hard[field]) >= widest + 2 * PARALLELISM * amount(default)


def test_all_traffic_is_denied_but_what_is_named(cluster: Cluster) -> None:
    policy = cluster.get("networkpolicy", "deny-all")["spec"]
    assert policy["podSelector"] == {}
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in policy and "egress" not in policy
