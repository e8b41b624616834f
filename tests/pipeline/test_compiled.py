"""The compiled pipelines that are committed: fresh, of the designed shape, sized, never cached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nescio_pipelines.compile import HERE, compile_all
from nescio_pipelines.resources import TASKS

ADVICE = "Run `make compile` and commit the result, or revert the change of the DAG."
PIPELINES = sorted(HERE.glob("*.yaml"))


def load(path: Path) -> dict[str, Any]:
    """Return the first document of a compiled package: the pipeline specification."""
    return next(iter(yaml.safe_load_all(path.read_text())))


def tasks(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return every task of every (sub-)DAG by name."""
    dags = [spec["root"]["dag"]]
    dags += [item["dag"] for item in spec["components"].values() if "dag" in item]
    return {name: task for dag in dags for name, task in dag["tasks"].items()}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return compile_all(tmp_path_factory.mktemp("compiled"))


def test_committed_packages_are_what_the_code_compiles_to(compiled: list[Path]) -> None:
    assert {path.name for path in compiled} == {path.name for path in PIPELINES}, ADVICE
    for path in compiled:
        assert path.read_text() == (HERE / path.name).read_text(), f"{path.name} is stale. {ADVICE}"


def test_dag_has_the_designed_steps_in_the_designed_order() -> None:
    spec = load(HERE / "deidentify.yaml")
    found = tasks(spec)
    expected = {
        "gather": {"collect", "for-loop-2"},
        "predict-entities": {"gather"},
        "predict-context": {"gather"},
        "segment": {"gather", "predict-entities", "predict-context"},
        "decide": {"segment", "gather", "predict-context", "for-loop-4"},
        "release": {"gather", "decide", "for-loop-6"},
    }
    for task, upstream in expected.items():
        found_upstream = set(found[task].get("dependentTasks", []))
        assert len(found_upstream) == len(upstream), f"{task} waits for {found_upstream}. {ADVICE}"
        plain = {name for name in upstream if not name.startswith("for-loop")}
        assert plain <= found_upstream, f"{task} waits for {found_upstream}. {ADVICE}"
    assert {"extract", "hybrid-search", "redact", "collect", "notify"} <= set(found)


def test_notify_runs_whatever_happens() -> None:
    task = tasks(load(HERE / "deidentify.yaml"))["notify"]
    assert task["triggerPolicy"]["strategy"] == "ALL_UPSTREAM_TASKS_COMPLETED"


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_no_task_is_cached(path: Path) -> None:
    for name, task in tasks(load(path)).items():
        assert not task.get("cachingOptions", {}).get("enableCache"), f"{name} is cached"


def test_every_executor_has_the_resources_of_the_table() -> None:
    spec = load(HERE / "deidentify.yaml")
    for name, executor in spec["deploymentSpec"]["executors"].items():
        container = executor["container"]
        wanted = TASKS[name.removeprefix("exec-")]
        resources = container["resources"]
        assert resources["resourceCpuLimit"] == wanted.cpu_limit
        assert resources["resourceMemoryLimit"] == wanted.memory_limit
        assert resources["resourceCpuRequest"] == wanted.cpu_request
        assert resources["resourceMemoryRequest"] == wanted.memory_request
        assert ":latest" not in container["image"]


def test_every_loop_has_a_bound_on_its_parallelism() -> None:
    loops = [
        task
        for task in tasks(load(HERE / "deidentify.yaml")).values()
        if "parameterIterator" in task
    ]
    assert len(loops) == 3
    for loop in loops:
        assert loop["iteratorPolicy"]["parallelismLimit"] == 10


def test_parameters_have_descriptions() -> None:
    inputs = load(HERE / "deidentify.yaml")["root"]["inputDefinitions"]["parameters"]
    assert {"inbox", "outbox", "policy"} <= set(inputs)
    for name, parameter in inputs.items():
        assert parameter.get("description"), f"{name} has no description"
        assert "defaultValue" in parameter, f"{name} has no default"
