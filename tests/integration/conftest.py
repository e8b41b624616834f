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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT, find_program
from minio import Minio

from integration.kfp_server import Cluster, running
from nescio.store import open_store

BUCKETS = ROOT / "manifests" / "base" / "buckets"
USER, PASSWORD = "admin", "admin-password"
"""The administrator of an object store of these tests."""
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
        yield server_of(f"127.0.0.1:{port}", USER, PASSWORD, real=False)
    finally:
        server.stop()


@contextmanager
def serving(command: Sequence[str], log: Path, **environment: str) -> Iterator[None]:
    """Run a server's program for as long as the context lasts; it may not be ready at once."""
    with log.open("w") as lines:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=lines, stderr=lines, cwd=log.parent
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def minio_at(folder: Path, *options: str) -> Iterator[str]:
    """Start MinIO on a folder of data, with more options; yield its address, ready or not."""
    address = f"127.0.0.1:{free_port()}"
    command = [str(server_program("minio")), "server", str(folder), "--address", address, *options]
    environment = {
        "MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": PASSWORD, "MINIO_BROWSER": "off",
    }  # fmt: skip
    with serving(command, folder.parent / f"{folder.name}.log", **environment):
        yield address


@contextmanager
def _minio(folder: Path) -> Iterator[Server]:
    with minio_at(folder) as address:
        wait_until_live(f"http://{address}/minio/health/live")
        yield server_of(address, USER, PASSWORD, real=True)


def wait_for_bucket(client: Minio, name: str) -> None:
    """Make a bucket as soon as a server can."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            client.make_bucket(bucket_name=name)
            return
        except Exception:  # until all of its parts are up, errors are of many kinds
            time.sleep(0.2)
    pytest.fail("the object store did not start within a minute")


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
