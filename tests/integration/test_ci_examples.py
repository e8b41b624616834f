"""The examples of docs/ci.md: well formed, and their steps run as they stand there.

What GitHub and GitLab do themselves is played: expressions, variables, the shell. The commands are
real: pip installs the package from its source, and the `nescio` so installed submits to an API
server that answers as recorded, and reads the outcome from the object store as `watcher`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from conftest import ROOT
from packaging.specifiers import SpecifierSet

from integration.conftest import Server, declare, password_of, write_manifest
from integration.kfp_server import Cluster
from nescio.buckets import bootstrap
from nescio.store import open_store

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^## (\w+)[^\n]*\n\n```yaml\n(.*?)^```", re.M | re.S)
EXAMPLES: dict[str, str] = dict(EXAMPLE.findall(TEXT))
SCHEMAS = {"GitHub": "vendor.github-workflows", "GitLab": "vendor.gitlab-ci"}
GITHUB, GITLAB = (yaml.safe_load(EXAMPLES[name]) for name in ("GitHub", "GitLab"))
TOKEN = "a-token-for-ci"
FAILED = {"step": "collect", "status": "failed", "started": 1.0, "exit_code": 5, "error": "full."}
"""A step's record, which is not for `watcher` to read: who submits learns that the run failed."""


def job(platform: str) -> dict[str, Any]:
    """Return the only job of an example."""
    if platform == "GitHub":
        (found,) = GITHUB["jobs"].values()
    else:
        (found,) = GITLAB.values()
    return dict(found)


@pytest.mark.parametrize("platform", SCHEMAS)
@pytest.mark.parametrize("mistake", [("", ""), ("timeout", "time-out")], ids=["as it is", "typo"])
def test_an_example_is_what_its_platform_reads(
    tmp_path: Path, platform: str, mistake: tuple[str, str]
) -> None:
    """By the schemas that the platforms publish; a word that they do not know is found."""
    path = tmp_path / "example.yml"
    path.write_text(EXAMPLES[platform].replace(*mistake, 1) if mistake[0] else EXAMPLES[platform])
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[platform]]
    done = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if mistake[0] else 0), done.stdout


def test_both_run_on_a_python_that_the_package_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (setup,) = [step for step in job("GitHub")["steps"] if "setup-python" in step.get("uses", "")]
    tag = job("GitLab")["image"].removeprefix("python:").removesuffix("-slim")
    supported = SpecifierSet(project["requires-python"])
    assert setup["with"]["python-version"] in supported and tag in supported


class Runner(NamedTuple):
    """What a platform gives a job: variables and secrets, an environment, a shell."""

    variables: dict[str, str]
    environment: dict[str, str]

    def run(self, platform: str, wanted: str) -> subprocess.CompletedProcess[str]:
        """Run those steps of an example that hold a word."""
        scripts = self._github(wanted) if platform == "GitHub" else self._gitlab(wanted)
        ((script, given),) = scripts
        shell = ["bash", "-e"] if platform == "GitHub" else ["bash", "-eo", "pipefail"]
        return subprocess.run(
            [*shell, "-c", script], env=self.environment | given, cwd=self.environment["HOME"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def _github(self, wanted: str) -> list[tuple[str, dict[str, str]]]:
        """Fill in expressions; a name that is no variable and no secret here is an error."""
        steps = [step for step in job("GitHub")["steps"] if wanted in step.get("run", "")]
        return [
            (
                self._filled(step["run"]),
                {k: self._filled(v) for k, v in step.get("env", {}).items()},
            )
            for step in steps
        ]

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ (?:vars|secrets)\.(\w+) \}\}", lambda m: self.variables[m[1]], text)

    def _gitlab(self, wanted: str) -> list[tuple[str, dict[str, str]]]:
        """Take the job's variables where the project has none: a project's come first."""
        given = {**job("GitLab")["variables"], **self.variables}
        lines = [line for line in job("GitLab")["script"] if wanted in line]
        return [("\n".join(lines), given)] if lines else []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package's source, and where pip puts what it installs from it."""
    folder = tmp_path_factory.mktemp("ci")
    leave = shutil.ignore_patterns("__pycache__", "*.safetensors", "*.onnx", "*.skops")
    for name in ("nescio", "components", "pipelines"):
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, folder / "source")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a fresh machine that holds the dependencies, and no cluster."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    own = folder / "installed"
    places = (own / "bin", Path(sys.executable).parent, Path("/usr/bin"), Path("/bin"))
    return {
        "HOME": str(home),
        "RUNNER_TEMP": str(home),
        "PATH": os.pathsep.join(map(str, places)),
        "PYTHONPATH": str(own),
        # From its source into a folder, without dependencies and without an index.
        "PIP_TARGET": str(own),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of build isolation
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_UPGRADE": "1",
    }


@pytest.fixture
def runner(
    installed: Path, cluster: Cluster, minio_server: Server, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:  # fmt: skip
    """A project on GitHub or GitLab, a cluster, and an object store as the bootstrap leaves it."""
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    user, password = "watcher", password_of("watcher")
    if minio_server.real:
        bootstrap(*declare(tmp_path))
    else:  # moto's server has one user, who may do everything
        user, password = (
            minio_server.environment[f"AWS_{x}"] for x in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
        )
        if not minio_server.client.bucket_exists(bucket_name="nescio-outbox"):
            minio_server.client.make_bucket(bucket_name="nescio-outbox")
    token = tmp_path / "token"
    token.write_text(TOKEN)
    cluster.token = TOKEN
    variables = {
        "NESCIO_SOURCE": (installed / "source").as_uri(),
        "KF_PIPELINES_ENDPOINT": cluster.url,
        "NESCIO_S3_ENDPOINT": minio_server.environment["NESCIO_S3_ENDPOINT"],
        "KF_PIPELINES_TOKEN": TOKEN,
        "KF_TOKEN": str(token),
        "NESCIO_WATCHER_KEY": user,
        "NESCIO_WATCHER_SECRET": password,
        "AWS_ACCESS_KEY_ID": user,
        "AWS_SECRET_ACCESS_KEY": password,
    }
    return Runner(variables, environment(installed))


@pytest.mark.parametrize("platform", SCHEMAS)
def test_the_package_is_installed_from_where_the_project_says(
    platform: str, runner: Runner, installed: Path
) -> None:
    shutil.rmtree(installed / "installed", ignore_errors=True)
    done = runner.run(platform, "pip install")
    assert done.returncode == 0, done.stderr
    assert (installed / "installed" / "bin" / "nescio").is_file()
    assert (installed / "installed" / "nescio_pipelines" / "deidentify.yaml").is_file()


@pytest.mark.parametrize("platform", SCHEMAS)
@pytest.mark.parametrize(
    ("state", "outcomes", "code"),
    [
        ("SUCCEEDED", {"released": 2}, 0),
        ("SUCCEEDED", {"released": 1, "quarantined": 1}, 3),
        ("SUCCEEDED", {"refused": 2}, 4),
        ("FAILED", {}, 5),
    ],
)
def test_a_job_ends_as_its_run_did_and_quarantine_is_a_warning(
    platform: str,
    state: str,
    outcomes: dict[str, int],
    code: int,
    runner: Runner,
    cluster: Cluster,
    minio_server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster.states = [state]
    start = cluster._start

    def start_and_finish(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, answer = start(body)
        if outcomes:
            write_manifest("s3://nescio-outbox", answer["run_id"], outcomes)
        else:
            key = f"private/runs/{answer['run_id']}/steps/collect.json"
            open_store("s3://nescio-outbox").write(key, json.dumps(FAILED).encode())
        return status, answer

    monkeypatch.setattr(cluster, "_start", start_and_finish)
    done = runner.run(platform, "nescio submit")
    said = done.stdout + done.stderr
    assert done.returncode == (0 if platform == "GitHub" and code == 3 else code), said
    (body,) = cluster.runs.values()
    parameters = {"inbox": "s3://nescio-inbox", "policy": "safe-harbor"}
    assert body["runtime_config"]["parameters"] == parameters
    if code == 5:
        assert ("cannot be read" if minio_server.real else "step collect failed: full.") in said
    assert set(cluster.tokens) == {TOKEN} and TOKEN not in said
    if platform == "GitHub":
        assert ("::warning::" in said) == (code == 3)
    else:
        assert job("GitLab")["allow_failure"]["exit_codes"] == 3
