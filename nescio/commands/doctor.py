"""`nescio doctor`: is all there that a run on a cluster needs?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nescio.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from nescio.doctor import Finding, Need


def doctor(
    namespace: Annotated[str, typer.Option(help="Namespace of the runs.")] = "nescio",
    service_account: Annotated[
        str, typer.Option(help="Service account of the runs' pods.")
    ] = "pipeline-runner",
    inbox: Annotated[str, typer.Option(help="Bucket of the documents.")] = "s3://nescio-inbox",
    outbox: Annotated[str, typer.Option(help="Bucket of the results.")] = "s3://nescio-outbox",
    artifacts: Annotated[
        str, typer.Option(help="Bucket of the intermediates.")
    ] = "s3://nescio-artifacts",
    gpu: Annotated[bool, typer.Option(help="Also look for nodes with a GPU.")] = False,
    cluster: Annotated[bool, typer.Option(help="Look at the cluster.")] = True,
    storage: Annotated[bool, typer.Option(help="Look at the buckets.")] = True,
) -> None:
    """Say of each thing a run needs on a cluster whether it is fine, else how to mend it.

    The cluster is the current context's (KUBECONFIG), or the one this runs in; buckets are reached
    as the steps reach them (NESCIO_S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY). Nothing
    is changed but for one small object that is written to outbox and artifacts and deleted.
    """
    healthy = True
    for finding in findings(
        namespace, service_account, inbox, outbox, artifacts, gpu, cluster, storage
    ):
        print(finding, flush=True)
        healthy &= finding.fine
    raise typer.Exit(ExitCode.OK if healthy else ExitCode.USAGE)


def findings(
    namespace: str = "nescio",
    account: str = "pipeline-runner",
    inbox: str = "s3://nescio-inbox",
    outbox: str = "s3://nescio-outbox",
    artifacts: str = "s3://nescio-artifacts",
    gpu: bool = False,
    cluster: bool = True,
    storage: bool = True,
) -> Iterator[Finding]:
    """Yield what the checks of cluster and buckets find, one after the other."""
    from nescio.doctor import examine_buckets, examine_cluster

    if cluster:
        yield from examine_cluster(_api(), namespace, account, widest_need(gpu))
    if storage:
        yield from examine_buckets(inbox, outbox, artifacts)


def cluster_is_configured() -> bool:
    """Say whether a cluster can be asked: by a kubeconfig, or because this runs in a pod of it."""
    try:
        _api()
    except ConfigurationError:
        return False
    return True


def _api() -> Any:
    from kubernetes import client, config

    # Given by name, since the client has read the variable long before, at its import.
    named = os.environ.get("KUBECONFIG", "")
    try:
        # Not config.load_config, which prints on stdout, where others want JSON.
        if named or Path("~/.kube/config").expanduser().exists():
            config.load_kube_config(config_file=named or None)
        else:
            config.load_incluster_config()
    except config.ConfigException:
        raise ConfigurationError(
            "no cluster is configured.", "Set KUBECONFIG, or use --no-cluster."
        ) from None
    settings = client.Configuration.get_default_copy()
    settings.retries = 1
    return client.ApiClient(settings)


def widest_need(gpu: bool) -> Need:
    """Return what the pods of the widest loop ask for together, by the quota's names."""
    from kubernetes.utils import parse_quantity

    from nescio.doctor import Need
    from nescio_pipelines.deidentify import PARALLELISM
    from nescio_pipelines.resources import TASKS

    amounts = {}
    for kind in ("request", "limit"):
        for resource in ("cpu", "memory"):
            each = [
                parse_quantity(getattr(TASKS[task], f"{resource}_{kind}"))
                for task in ("extract", "hybrid-search", "redact")
            ]
            amounts[f"{kind}s.{resource}"] = str(max(each) * PARALLELISM)
    if gpu:
        amounts["requests.nvidia.com/gpu"] = "1"
    return Need(amounts, gpu)
