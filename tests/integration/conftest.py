"""Real servers for tests: found on PATH, else where `.ci/run` unpacked them; required in CI.

Elsewhere moto's server stands in for MinIO; tests of what it lacks are skipped with the reason.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT, find_program
from minio import Minio

from integration.kfp_server import Cluster, running
from nescio.store import open_store

BUCKETS = ROOT / "manifests" / "base" / "buckets"
USERS = ("steps", "launcher", "sender", "reader", "watcher")


def server_program(name: str) -> Path:
    """Return the program of a server; without it skip, saying why, or fail in CI."""
    if found := find_program(name):
        return found
    if os.environ.get("CI"):
        pytest.fail(f"CI has no {name}: this test must run for real there")
    pytest.skip(f"no {name} on PATH nor in .cache/bin: this test needs the real server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server(NamedTuple):
    """A running object store: a client of its administrator, the environment for `nescio`."""

    client: Minio
    environment: dict[str, str]
    real: bool = True
    """Whether it is MinIO, and not what stands in for it."""

    def need(self, *lacking: str) -> None:
        """Skip a test of what moto's server lacks."""
        if not self.real:
            pytest.skip(f"moto's server has no {' and no '.join(lacking)}: needs the real MinIO")


def server_of(address: str, user: str, password: str, real: bool) -> Server:
    return Server(
        Minio(endpoint=address, access_key=user, secret_key=password, secure=False),
        {
            "NESCIO_S3_ENDPOINT": f"http://{address}",
            "AWS_ACCESS_KEY_ID": user,
            "AWS_SECRET_ACCESS_KEY": password,
        },
        real,
    )


@pytest.fixture(scope="session")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """MinIO where it is, and always in CI; else moto's server."""
    if os.environ.get("CI") or find_program("minio"):
        with _minio(tmp_path_factory.mktemp("minio")) as server:
            yield server
    else:
        with _moto() as server:
            yield server


@contextmanager
def _moto() -> Iterator[Server]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield server_of(f"127.0.0.1:{port}", "admin", "admin-password", real=False)
    finally:
        server.stop()


@contextmanager
def _minio(folder: Path) -> Iterator[Server]:
    program, port = server_program("minio"), free_port()
    user, password = "admin", "admin-password"
    environment = os.environ | {
        "MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password, "MINIO_BROWSER": "off",
    }  # fmt: skip
    address = f"127.0.0.1:{port}"
    command = [str(program), "server", str(folder), "--address", address]
    with (folder.parent / "minio.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_live(f"http://{address}/minio/health/live")
        yield server_of(address, user, password, real=True)
    finally:
        process.terminate()
        process.wait(timeout=20)


def password_of(user: str) -> str:
    """Return the password that a test gives a user of the object store."""
    return f"password-of-{user}"


def declare(folder: Path) -> tuple[Path, Path]:
    """Write what the bootstrap Job is given, and return the two folders.

    Returns:
        The declaration, flat as a mounted ConfigMap is, and a folder with a secret a user.
    """
    declared, secrets = folder / "buckets", folder / "users"
    declared.mkdir()
    for path in BUCKETS.rglob("*.*"):
        shutil.copy(path, declared)
    for user in USERS:
        (secrets / user).mkdir(parents=True)
        (secrets / user / "accesskey").write_text(user)
        (secrets / user / "secretkey").write_text(f"{password_of(user)}\n")
    return declared, secrets


def write_manifest(outbox: str, run: str, outcomes: dict[str, int]) -> None:
    """Write what the last step of a run leaves in the outbox."""
    documents = [
        {"id": f"d{number}", "outcome": outcome, "reason": "encrypted", "remedy": "Give it."}
        for number, outcome in enumerate(outcomes)
    ]
    manifest = {"run": run, "outcomes": outcomes, "documents": documents}
    open_store(outbox).write(f"private/runs/{run}/manifest.json", json.dumps(manifest).encode())


def wait_until_live(url: str) -> None:
    """Wait until MinIO answers that it is ready."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("MinIO did not start within 30 s")


@pytest.fixture
def bucket(minio_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket, reached through the environment as in a pod."""
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    name = f"b-{uuid.uuid4().hex[:12]}"
    minio_server.client.make_bucket(bucket_name=name)
    return name


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.delenv("KF_PIPELINES_SA_TOKEN_PATH", raising=False)
    with running(Cluster()) as cluster:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", cluster.url)
        yield cluster
