"""The cpu image, confined as on a cluster: what is in it, and the whole DAG run in it.

Needs an engine and the image that `.ci/image` builds; skipped, with the reason, where there is
none, unless NESCIO_IMAGE_REQUIRED says that there must be one.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from conftest import SECRETS, write_record

from integration.conftest import server_program
from integration.image_site import CONFINED, Site, docker, launch_through, running_site
from integration.kfp_server import Cluster, running
from nescio.s3 import S3Store
from nescio_components.images import CPU

LARGEST_BYTES = 1_200_000_000

pytestmark = [
    pytest.mark.timeout(900),  # a container a task, on machines that are busy
    pytest.mark.filterwarnings("ignore:Task .* have no effect in the current local runner"),
]


def missing(reason: str) -> None:
    """Skip with the reason, or fail where the image must be there."""
    if os.environ.get("NESCIO_IMAGE_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def image() -> str:
    """Return the image's name; the engine has it."""
    try:
        command = ["docker", "image", "inspect", CPU]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        missing("no docker on PATH: the image is not tried")
    else:
        if done.returncode:
            missing(f"no engine, or it has no {CPU}; `.ci/image` builds it")
    return CPU


def confined(image: str, *command: str) -> str:
    """Run a command in the image without network; the test fails if it fails."""
    line = ["docker", "run", "--rm", "--network=none", *CONFINED, image, *command]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_small_and_healthy_as_nobody_on_a_read_only_root(image: str) -> None:
    inspect = ["docker", "image", "inspect", "-f", "{{.Size}}", image]
    size = int(subprocess.run(inspect, capture_output=True, text=True, check=True).stdout)
    assert size < LARGEST_BYTES
    assert confined(image, "nescio", "--version").startswith("nescio ")
    assert confined(image, "id", "-u").strip() == "65532"


def test_there_is_no_compiler_no_pip_and_no_source_tree_in_it(image: str) -> None:
    found = confined(image, "sh", "-c", "command -v gcc cc make pip; ls /src; true")
    assert found == ""


def test_what_was_taken_out_is_not_missed(image: str) -> None:
    """All that a step may import imports, the optional halves included."""
    modules = (
        "nescio_components.predict_entities, nescio_pipelines.deidentify, nescio_pipelines.submit, "
        "kfp.local, rapidocr, pymupdf, pyarrow.parquet, pyarrow.csv, pandas, sklearn, skops.io, "
        "onnxruntime, minio, kubernetes"
    )
    assert confined(image, "python", "-c", f"import {modules}; print('all')").strip() == "all"


def test_the_nightly_job_makes_its_schedule_from_within(image: str) -> None:
    """As `manifests/nightly/schedule.yaml` calls it, with nothing to write to but /tmp."""
    with running(Cluster()) as pipelines:
        endpoint = f"KF_PIPELINES_ENDPOINT={pipelines.url}"
        line = ["docker", "run", "--rm", "--network=host", "--env", endpoint, *CONFINED, image]
        line += ["nescio", "schedule", "create", "nightly", "--replace", "--cron=0 0 2 * * *"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        assert len(pipelines.recurring) == 1


@pytest.fixture(scope="module")
def site(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with running_site(image, server_program("minio"), folder) as site:
        yield site


def test_its_network_reaches_minio_and_has_no_way_out(image: str, site: Site) -> None:
    tried = (
        "import socket\n"
        "socket.create_connection(('minio', 9000), 30).close()\n"
        "try: socket.create_connection(('192.0.2.1', 443), 3)\n"
        "except OSError: print('no way out')"
    )
    run = ["run", "--rm", f"--network={site.network}", *CONFINED, image, "python", "-c", tried]
    assert docker(*run) == "no way out"
    assert docker("network", "inspect", "-f", "{{.Internal}}", site.network) == "true"


def test_the_whole_dag_runs_in_it_with_all_its_artifacts_in_minio(
    image: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nescio_pipelines.deidentify import deidentify

    record = write_record(tmp_path / "a.pdf", pages=2)
    site.client("sender").fput_object("nescio-inbox", "ward/zubrowska.pdf", str(record))
    root = tmp_path / "told"
    launch_through(site, root, monkeypatch)
    deidentify(inbox="s3://nescio-inbox", outbox="s3://nescio-outbox")

    outbox = S3Store("s3://nescio-outbox", site.client("steps"))
    (key,) = [entry.key for entry in outbox.list("private/runs") if "manifest" in entry.key]
    assert json.loads(outbox.read(key))["outcomes"] == {"released": 1}
    released = S3Store("s3://nescio-outbox", site.client("reader"))
    (pdf,) = [entry.key for entry in released.list("released") if entry.key.endswith(".pdf")]
    with pymupdf.open(released.fetch(pdf, tmp_path)) as document:
        text = "".join(page.get_text() for page in document)
    assert text.count("DISCHARGE SUMMARY") == 2
    assert not sum(secret.casefold() in text.casefold() for secret in SECRETS)

    artifacts = S3Store("s3://nescio-artifacts/runs", site.client("launcher"))
    stored = {part for entry in artifacts.list() for part in entry.key.split("/")}
    assert stored >= {"collect", "extract", "gather", "segment", "decide", "redact", "release"}
    left = [path for path in root.rglob("*") if path.is_file()]
    assert left and {path.name for path in left} == {"executor_output.json"}
    told = " ".join(path.read_text() for path in left)
    assert not sum(secret.casefold() in told.casefold() for secret in SECRETS)
