"""What a compiled package says of the cluster beyond the DAG: secrets by name, and GPUs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

from kfp import dsl

from nescio_components.images import GPU

Target = Literal["", "cpu", "gpu"]

GPU_RESOURCE: Final = "nvidia.com/gpu"
ON_GPU: Final = frozenset({"predict-entities"})
COMPONENT_LABEL: Final = "app.kubernetes.io/component"
"""On every pod; the network policies let that of notify, and no other, reach outside."""

STORE_SECRET: Final = "nescio-steps-s3"
STORE_SECRET_KEYS: Final = {"accesskey": "AWS_ACCESS_KEY_ID", "secretkey": "AWS_SECRET_ACCESS_KEY"}
STORE_CONFIG: Final = "nescio-s3"
STORE_CONFIG_KEYS: Final = {"endpoint": "NESCIO_S3_ENDPOINT", "region": "NESCIO_S3_REGION"}
AUTHORITY_CONFIG: Final = "nescio-s3-ca"
AUTHORITY_CONFIG_KEYS: Final = {"ca.pem": "NESCIO_S3_CA"}
NOTIFY_SECRET: Final = "nescio-notify"
NOTIFY_SECRET_KEYS: Final = {
    "webhook-secret": "NESCIO_NOTIFY_SECRET",
    "smtp-host": "NESCIO_SMTP_HOST",
    "smtp-tls": "NESCIO_SMTP_TLS",
    "smtp-user": "NESCIO_SMTP_USER",
    "smtp-password": "NESCIO_SMTP_PASSWORD",
    "smtp-from": "NESCIO_SMTP_FROM",
}

_target: ContextVar[Target] = ContextVar("target", default="")


@contextmanager
def compiled_for(target: Target) -> Iterator[None]:
    """Let all tasks that are made within be for a cluster, without or with a GPU."""
    token = _target.set(target)
    try:
        yield
    finally:
        _target.reset(token)


def placed(task: dsl.PipelineTask, name: str, minutes: int) -> dsl.PipelineTask:
    """Give a task its time limit, the store's credentials and, if it is to run on one, a GPU.

    A local run needs neither: there the environment is the caller's.

    Args:
        task: a task of the DAG.
        name: its name, without the number that KFP may have added.
        minutes: how long its pod may run.
    """
    target = _target.get()
    if not target:
        return task
    from kfp import kubernetes

    kubernetes.set_timeout(task, minutes * 60)
    kubernetes.add_pod_label(task, COMPONENT_LABEL, name)
    kubernetes.use_secret_as_env(task, STORE_SECRET, STORE_SECRET_KEYS)
    kubernetes.use_config_map_as_env(task, STORE_CONFIG, STORE_CONFIG_KEYS)
    # Only stores whose certificate comes from a private authority need it.
    kubernetes.use_config_map_as_env(task, AUTHORITY_CONFIG, AUTHORITY_CONFIG_KEYS, optional=True)
    if name == "notify":  # whoever wants no message needs no secret
        kubernetes.use_secret_as_env(task, NOTIFY_SECRET, NOTIFY_SECRET_KEYS, optional=True)
    if target == "gpu" and name in ON_GPU:
        task.set_container_image(GPU)
        task.set_accelerator_type(GPU_RESOURCE).set_accelerator_limit(1)
        # The label is the GPU operator's node feature discovery; the taint is the usual one.
        kubernetes.add_node_selector(task, "nvidia.com/gpu.present", "true")
        kubernetes.add_toleration(task, key=GPU_RESOURCE, operator="Exists", effect="NoSchedule")
    return task
