"""What each task may use on a cluster: one table, applied to every task, asserted in tests."""

from __future__ import annotations

from typing import Final, NamedTuple

from kfp import dsl

from nescio_pipelines.platform import placed


class Resources(NamedTuple):
    """Requests and limits of one task's pod."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str


TASKS: Final[dict[str, Resources]] = {
    "collect": Resources("500m", "1", "512Mi", "1Gi"),
    "extract": Resources("1", "2", "1Gi", "2Gi"),
    "gather": Resources("500m", "1", "1Gi", "3Gi"),
    "predict-entities": Resources("2", "4", "2Gi", "4Gi"),
    "predict-context": Resources("1", "2", "1Gi", "3Gi"),
    "segment": Resources("500m", "1", "1Gi", "3Gi"),
    "hybrid-search": Resources("1", "1", "1Gi", "2Gi"),
    "decide": Resources("1", "1", "1Gi", "3Gi"),
    "redact": Resources("2", "2", "1536Mi", "3Gi"),
    "release": Resources("500m", "1", "512Mi", "2Gi"),
    "notify": Resources("100m", "500m", "128Mi", "512Mi"),
}


def sized(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Give a task its resources and its place, and turn its caching off.

    The cache's key is provenance, not content (KFP 2.17): a changed inbox under an unchanged URI
    would be a hit, and a partly cached loop fails its gather.
    """
    name = task.name.rstrip("-0123456789")
    resources = TASKS[name]
    task.set_caching_options(False)
    task.set_cpu_request(resources.cpu_request).set_cpu_limit(resources.cpu_limit)
    task.set_memory_request(resources.memory_request).set_memory_limit(resources.memory_limit)
    return placed(task, name)
