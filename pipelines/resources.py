"""What each task may use on a cluster: one table, applied to every task, asserted in tests."""

from __future__ import annotations

from typing import Final, NamedTuple

from kfp import dsl

from nescio_pipelines.platform import placed


class Resources(NamedTuple):
    """Requests, limits and longest life of one task's pod."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str
    minutes: int
    """After these the pod is killed and the run fails. Far above what the largest shard takes: it
    is there for what hangs. Time that a pod is Pending does not count (`submit` has its own)."""


TASKS: Final[dict[str, Resources]] = {
    "collect": Resources("500m", "1", "512Mi", "1Gi", 120),
    "extract": Resources("1", "2", "1Gi", "2Gi", 240),
    "gather": Resources("500m", "1", "1Gi", "3Gi", 60),
    "predict-entities": Resources("2", "4", "2Gi", "4Gi", 480),
    "predict-context": Resources("1", "2", "1Gi", "3Gi", 120),
    "segment": Resources("500m", "1", "1Gi", "3Gi", 60),
    "hybrid-search": Resources("1", "1", "1Gi", "2Gi", 120),
    "decide": Resources("1", "1", "1Gi", "3Gi", 120),
    "redact": Resources("2", "2", "1536Mi", "3Gi", 240),
    "release": Resources("500m", "1", "512Mi", "2Gi", 60),
    "notify": Resources("100m", "500m", "128Mi", "512Mi", 10),
    "release-reviewed": Resources("2", "2", "1536Mi", "3Gi", 240),
    "train-tagger": Resources("2", "4", "4Gi", "8Gi", 720),
    "evaluate-tagger": Resources("2", "4", "2Gi", "4Gi", 240),
    "publish-tagger": Resources("500m", "1", "512Mi", "1Gi", 30),
}


def sized(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Give a task its resources, its place and its time, and turn its caching off.

    The cache's key is provenance, not content (KFP 2.17): a changed inbox under an unchanged URI
    would be a hit, and a partly cached loop fails its gather.
    """
    name = task.name.rstrip("-0123456789")
    resources = TASKS[name]
    task.set_caching_options(False)
    task.set_cpu_request(resources.cpu_request).set_cpu_limit(resources.cpu_limit)
    task.set_memory_request(resources.memory_request).set_memory_limit(resources.memory_limit)
    return placed(task, name, resources.minutes)
