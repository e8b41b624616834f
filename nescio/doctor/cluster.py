"""Checks of a cluster, through the Kubernetes API alone: nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import yaml
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from kubernetes.utils import parse_quantity
from urllib3.exceptions import HTTPError

from nescio.doctor.finding import Finding

APPLY: Final = "Apply manifests/: see docs/cluster.md."
FORBIDDEN: Final = "you may not look at it."
GPU: Final = "nvidia.com/gpu"
TIMEOUT_SECONDS: Final = 10
SECRETS: Final = ("nescio-steps-s3", "nescio-launcher-s3")
SECRET_KEYS: Final = ("accesskey", "secretkey")


class Right(NamedTuple):
    """One thing that a service account asks the API for."""

    verb: str
    resource: str
    name: str = ""
    group: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource} {self.name}".strip()


NEEDED: Final = (
    Right("get", "configmaps", "kfp-launcher"),
    Right("get", "secrets", "nescio-launcher-s3"),
    Right("list", "pods"),
    Right("create", "workflowtaskresults", group="argoproj.io"),
    Right("patch", "workflowtaskresults", group="argoproj.io"),
)
UNWANTED: Final = (Right("list", "secrets"), Right("create", "pods/exec"))


class Need(NamedTuple):
    """What a run asks of the quota at its widest: quantities by the quota's names."""

    amounts: dict[str, str]
    gpu: bool = False


def examine_cluster(api: Any, namespace: str, account: str, need: Need) -> Iterator[Finding]:
    """Check all that a run needs of a cluster, one finding each.

    Args:
        api: a configured ``kubernetes.client.ApiClient``.
        namespace: where runs take place.
        account: the service account of their pods.
        need: what a run asks for.
    """
    core = client.CoreV1Api(api)
    first = _ask(
        f"namespace {namespace}",
        lambda: core.read_namespace(namespace, _request_timeout=TIMEOUT_SECONDS),
        lambda _: "",
    )
    yield first
    if not first.fine and first.what != FORBIDDEN:
        return
    yield _ask(
        f"service account {account}",
        lambda: core.read_namespaced_service_account(
            account, namespace, _request_timeout=TIMEOUT_SECONDS
        ),
        lambda _: "",
    )
    yield _rights(api, namespace, account)
    for name in SECRETS:
        yield _secret(core, namespace, name)
    yield _config(core, namespace, "kfp-launcher", _launcher_fault)
    yield _config(core, namespace, "nescio-s3", _endpoint_fault)
    yield _quota(core, namespace, need)
    if need.gpu:
        yield _gpu_nodes(core)


def _ask(subject: str, read: Callable[[], Any], fault: Callable[[Any], str]) -> Finding:
    """Read one object and judge it; a refusal and an absence are findings, too."""
    try:
        found = read()
    except ApiException as error:
        if error.status == 404:
            return Finding(subject, False, "it is not there.", APPLY)
        if error.status in {401, 403}:
            what, remedy = FORBIDDEN, "Ask as an administrator of the cluster."
        else:
            what, remedy = f"the cluster answered HTTP {error.status}.", "Try again."
        return Finding(subject, False, what, remedy, seen=False)
    except (HTTPError, OSError) as error:
        what = f"the cluster does not answer ({type(error).__name__})."
        return Finding(subject, False, what, "Check the kubeconfig's context.", seen=False)
    wrong = fault(found)
    return Finding(subject, not wrong, wrong, APPLY if wrong else "")


def _rights(api: Any, namespace: str, account: str) -> Finding:
    reviews = client.AuthorizationV1Api(api)

    def allowed(right: Right) -> bool:
        resource, _, subresource = right.resource.partition("/")
        attributes = client.V1ResourceAttributes(
            namespace=namespace,
            verb=right.verb,
            resource=resource,
            subresource=subresource or None,
            name=right.name or None,
            group=right.group or None,
        )
        spec = client.V1SubjectAccessReviewSpec(
            user=f"system:serviceaccount:{namespace}:{account}", resource_attributes=attributes
        )
        review = client.V1SubjectAccessReview(spec=spec)
        answer = reviews.create_subject_access_review(review, _request_timeout=TIMEOUT_SECONDS)
        return bool(answer.status.allowed)

    def fault(_: None) -> str:
        missing = [str(right) for right in NEEDED if not allowed(right)]
        excess = [str(right) for right in UNWANTED if allowed(right)]
        said = [f"it may not {', '.join(missing)}."] if missing else []
        return " ".join(said + ([f"it may {', '.join(excess)}, which is too much."] * bool(excess)))

    # The questions are asked inside the read, so that a refusal to answer them is told apart.
    answers: list[str] = []
    return _ask(f"rights of {account}", lambda: answers.append(fault(None)), lambda _: answers[0])


def _secret(core: Any, namespace: str, name: str) -> Finding:
    def fault(secret: Any) -> str:
        missing = [key for key in SECRET_KEYS if not (secret.data or {}).get(key)]
        return f"it has no {' and no '.join(missing)}." if missing else ""

    return _ask(
        f"secret {name}",
        lambda: core.read_namespaced_secret(name, namespace, _request_timeout=TIMEOUT_SECONDS),
        fault,
    )


def _config(core: Any, namespace: str, name: str, fault: Callable[[Any], str]) -> Finding:
    return _ask(
        f"configuration {name}",
        lambda: core.read_namespaced_config_map(name, namespace, _request_timeout=TIMEOUT_SECONDS),
        lambda found: fault(found.data or {}),
    )


def _launcher_fault(data: dict[str, str]) -> str:
    root = data.get("defaultPipelineRoot", "")
    scheme = root.partition("://")[0]
    if scheme not in {"minio", "s3"}:
        return "its defaultPipelineRoot is no bucket of MinIO or S3."
    try:
        default = yaml.safe_load(data.get("providers", ""))[scheme]["default"]
        secret = default["credentials"]["secretRef"]["secretName"]
    except (yaml.YAMLError, KeyError, TypeError):
        return f"its providers name no secret for {scheme}."
    if secret not in SECRETS:
        return f"it names the secret {secret}, which the service account may not read."
    return "" if default.get("endpoint") else "it names no endpoint."


def _endpoint_fault(data: dict[str, str]) -> str:
    return "" if data.get("endpoint") else "it names no endpoint."


def _quota(core: Any, namespace: str, need: Need) -> Finding:
    def fault(found: Any) -> str:
        short = {}
        for quota in found.items:
            for name, amount in need.amounts.items():
                hard = (quota.spec.hard or {}).get(name)
                if hard is not None and parse_quantity(hard) < parse_quantity(amount):
                    short[name] = f"{name} {hard} < {amount}"
        return f"a run at full width asks for more: {', '.join(short.values())}." if short else ""

    found = _ask(
        "quota",
        lambda: core.list_namespaced_resource_quota(namespace, _request_timeout=TIMEOUT_SECONDS),
        fault,
    )
    if "full width" in found.what:
        return found._replace(remedy="Raise it, or expect pods to wait.")
    return found


def _gpu_nodes(core: Any) -> Finding:
    def fault(nodes: Any) -> str:
        free = [
            node
            for node in nodes.items
            if not node.spec.unschedulable
            and parse_quantity((node.status.allocatable or {}).get(GPU, "0")) >= 1
        ]
        return "" if free else f"no schedulable node offers {GPU}."

    found = _ask("GPU nodes", lambda: core.list_node(_request_timeout=TIMEOUT_SECONDS), fault)
    if "offers" in found.what:
        return found._replace(
            remedy="Install the device plugin, add a node, or submit the CPU pipeline."
        )
    return found
