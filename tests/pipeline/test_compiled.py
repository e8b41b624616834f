"""The compiled pipelines that are committed: fresh, of the designed shape, sized, never cached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nescio_components.images import CPU, GPU, TRAIN
from nescio_pipelines.compile import HERE, compile_all
from nescio_pipelines.resources import TASKS

ADVICE = "Run `make compile` and commit the result, or revert the change of the DAG."
PIPELINES = sorted(HERE.glob("*.yaml"))
DEIDENTIFY = [path for path in PIPELINES if path.stem.startswith("deidentify")]


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


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_every_executor_has_the_resources_of_the_table(path: Path) -> None:
    spec = load(path)
    for name, executor in spec["deploymentSpec"]["executors"].items():
        container = executor["container"]
        wanted = TASKS[name.removeprefix("exec-")]
        resources = container["resources"]
        assert resources["resourceCpuLimit"] == wanted.cpu_limit
        assert resources["resourceMemoryLimit"] == wanted.memory_limit
        assert resources["resourceCpuRequest"] == wanted.cpu_request
        assert resources["resourceMemoryRequest"] == wanted.memory_request
        assert ":latest" not in container["image"]


def tasks_of(path: Path) -> set[str]:
    """Return the tasks of the table that a package must have: no task is in none."""
    own = {
        "train": {name for name in TASKS if name.endswith("-tagger")},
        "release": {"release-reviewed"},
    }
    return own.get(path.stem) or set(TASKS) - set().union(*own.values())


def on_kubernetes(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a package asks of Kubernetes for each executor: its second document."""
    _, platform = yaml.safe_load_all(path.read_text())
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    return {name.removeprefix("exec-"): asked for name, asked in executors.items()}


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_every_task_gets_the_stores_credentials_by_name(path: Path) -> None:
    asked = on_kubernetes(path)
    assert set(asked) == tasks_of(path)
    for task, item in asked.items():
        secret, *others = item["secretAsEnv"]
        expected = [("nescio-notify", True)] if task == "notify" else []
        assert [(other["secretName"], other["optional"]) for other in others] == expected
        config, authority = item["configMapAsEnv"]
        assert authority == {
            "configMapName": "nescio-s3-ca",
            "configMapNameParameter": {"runtimeValue": {"constant": "nescio-s3-ca"}},
            "keyToEnv": [{"configMapKey": "ca.pem", "envVar": "NESCIO_S3_CA"}],
            "optional": True,
        }
        assert secret["secretName"] == "nescio-steps-s3"
        assert config["configMapName"] == "nescio-s3"
        names = [pair["envVar"] for pair in secret["keyToEnv"] + config["keyToEnv"]]
        assert sorted(names) == [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "NESCIO_S3_ENDPOINT",
            "NESCIO_S3_REGION",
        ]


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_every_task_has_the_time_limit_of_the_table(path: Path) -> None:
    found = {
        name: int(asked["activeDeadlineSeconds"]) for name, asked in on_kubernetes(path).items()
    }
    assert found == {name: TASKS[name].minutes * 60 for name in found} and found


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_every_pod_says_which_step_it_is(path: Path) -> None:
    """By this label the network policy lets notify out, and nobody else."""
    for name, asked in on_kubernetes(path).items():
        assert asked["podMetadata"]["labels"] == {"app.kubernetes.io/component": name}


def test_only_the_tagger_of_the_gpu_package_asks_for_a_gpu() -> None:
    for path in DEIDENTIFY:
        for name, executor in load(path)["deploymentSpec"]["executors"].items():
            wants = path.name == "deidentify-gpu.yaml" and name == "exec-predict-entities"
            container = executor["container"]
            assert container["image"] == (GPU if wants else CPU), f"{name} of {path.name}"
            accelerator = container["resources"].get("accelerator")
            if not wants:
                assert accelerator is None
                continue
            assert accelerator["resourceType"] == "nvidia.com/gpu"
            assert accelerator["resourceCount"] == "1"


def test_only_the_tagger_of_the_gpu_package_goes_to_nodes_with_a_gpu() -> None:
    for path in PIPELINES:
        for name, asked in on_kubernetes(path).items():
            wants = path.name == "deidentify-gpu.yaml" and name == "predict-entities"
            assert ("nodeSelector" in asked) is wants
            assert ("tolerations" in asked) is wants
    tagger = on_kubernetes(HERE / "deidentify-gpu.yaml")["predict-entities"]
    assert tagger["nodeSelector"]["labels"] == {"nvidia.com/gpu.present": "true"}
    (toleration,) = tagger["tolerations"]
    assert (toleration["key"], toleration["effect"]) == ("nvidia.com/gpu", "NoSchedule")


def test_the_gpu_package_is_the_same_dag_and_never_runs_on_a_cpu_unnoticed() -> None:
    cpu, gpu = load(HERE / "deidentify.yaml"), load(HERE / "deidentify-gpu.yaml")
    assert cpu["pipelineInfo"]["name"] == "nescio-deidentify"
    assert gpu["pipelineInfo"]["name"] == "nescio-deidentify-gpu"
    assert tasks(cpu) == tasks(gpu)
    defaults = [spec["root"]["inputDefinitions"]["parameters"] for spec in (cpu, gpu)]
    assert defaults[1]["runtime"].pop("defaultValue") == "cuda"
    assert defaults[0]["runtime"].pop("defaultValue") == "auto"
    assert defaults[0] == defaults[1]


def test_every_loop_has_a_bound_on_its_parallelism() -> None:
    loops = [
        task
        for task in tasks(load(HERE / "deidentify.yaml")).values()
        if "parameterIterator" in task
    ]
    assert len(loops) == 3
    for loop in loops:
        assert loop["iteratorPolicy"]["parallelismLimit"] == 10


def test_training_ends_with_a_model_that_was_measured_or_with_none() -> None:
    found = tasks(load(HERE / "train.yaml"))
    assert set(found) == {"train-tagger", "evaluate-tagger", "publish-tagger"}
    assert set(found["publish-tagger"]["dependentTasks"]) == {"train-tagger", "evaluate-tagger"}
    executors = load(HERE / "train.yaml")["deploymentSpec"]["executors"].values()
    assert {executor["container"]["image"] for executor in executors} == {TRAIN}


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_parameters_have_descriptions_and_defaults(path: Path) -> None:
    inputs = load(path)["root"]["inputDefinitions"]["parameters"]
    assert inputs
    for name, parameter in inputs.items():
        assert parameter.get("description"), f"{name} has no description"
        assert "defaultValue" in parameter, f"{name} has no default"
