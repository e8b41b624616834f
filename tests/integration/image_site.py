"""Where images run: a network that ends at MinIO; ``kfp.local`` with artifacts in MinIO."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kfp import local
from kfp.local import docker_task_handler
from minio import Minio

from integration.conftest import declare, password_of, wait_until_live

LAUNCHER = Path(__file__).with_name("launcher.py")
ARTIFACTS = "minio://nescio-artifacts/runs"
CONFINED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp"]


def docker(*arguments: str) -> str:
    """Call the engine; the test fails if it fails."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Site(NamedTuple):
    """A network without a way out, and MinIO on it as the bootstrap Job leaves it."""

    network: str
    address: str
    """Of MinIO, as this machine reaches it: ``host:port``."""

    def client(self, user: str) -> Minio:
        """Return a client of one of the users, or of the administrator (root)."""
        return Minio(
            endpoint=self.address, access_key=user, secret_key=password_of(user), secure=False
        )

    def environment(self, user: str) -> dict[str, str]:
        """Return how a container on the network reaches MinIO as a user."""
        return {
            "NESCIO_S3_ENDPOINT": "http://minio:9000",
            "AWS_ACCESS_KEY_ID": user,
            "AWS_SECRET_ACCESS_KEY": password_of(user),
        }


@contextmanager
def running_site(image: str, program: Path, folder: Path) -> Iterator[Site]:
    """Make the network, start MinIO in a container of the image, and bootstrap it by the image.

    Args:
        image: the image under test; its base is all that MinIO needs.
        program: the MinIO server, one static file.
        folder: an empty folder, for the users' secrets.
    """
    name = f"nescio-{uuid.uuid4().hex[:8]}"
    docker("network", "create", "--internal", name)
    try:
        docker(
            "run", "--detach", "--rm", f"--name={name}", f"--network={name}",
            "--network-alias=minio", *CONFINED, "--tmpfs=/data", f"--volume={program}:/minio:ro",
            "--env=MINIO_ROOT_USER=root", f"--env=MINIO_ROOT_PASSWORD={password_of('root')}",
            "--env=MINIO_BROWSER=off", image, "/minio", "server", "/data", "--address=:9000",
        )  # fmt: skip
        where = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        site = Site(name, f"{docker('inspect', '-f', where, name)}:9000")
        wait_until_live(f"http://{site.address}/minio/health/live")
        _bootstrap(site, image, folder)
        yield site
    finally:
        subprocess.run(["docker", "rm", "-f", name], capture_output=True, check=False)
        subprocess.run(["docker", "network", "rm", name], capture_output=True, check=False)


def _bootstrap(site: Site, image: str, folder: Path) -> None:
    """Do as the bootstrap Job does: its command, from flat ConfigMaps and mounted secrets."""
    declare(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the image's user is nobody's owner
    docker(
        "run", "--rm", f"--network={site.network}", *CONFINED, f"--volume={folder}:/etc/nescio:ro",
        *(f"--env={name}={value}" for name, value in site.environment("root").items()), image,
        "python", "-m", "nescio.buckets", "/etc/nescio/buckets", "/etc/nescio/users",
    )  # fmt: skip


class LaunchedTask(docker_task_handler.DockerTaskHandler):
    """A task of ``kfp.local`` whose artifacts are in a bucket and not on this machine.

    All that its container shares with this machine is the launcher, and a folder for what the
    executor says of its outputs (on a cluster the launcher passes that on).
    """

    def __init__(self, **task: Any) -> None:
        super().__init__(**task)
        place = self.full_command.index("--executor_input") + 1
        told = json.loads(self.full_command[place])
        for listed in told["outputs"].get("artifacts", {}).values():
            for artifact in listed["artifacts"]:
                artifact["uri"] = artifact["uri"].replace(self.pipeline_root, ARTIFACTS, 1)
        self.full_command[place] = json.dumps(told)
        self.full_command = ["python", "/launcher.py", *self.full_command]
        self.folder = Path(told["outputs"]["outputFile"]).parent

    def get_volumes_to_mount(self, client: Any = None) -> dict[str, Any]:
        """Mount no artifacts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o777)  # the image's user is nobody's owner
        return {
            str(LAUNCHER): {"bind": "/launcher.py", "mode": "ro"},
            str(self.folder): {"bind": str(self.folder), "mode": "rw"},
        }


def launch_through(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``kfp.local`` run each task confined on the site's network, its artifacts in MinIO."""
    monkeypatch.setattr(docker_task_handler, "DockerTaskHandler", LaunchedTask)
    launcher = {
        "LAUNCHER_ACCESS_KEY": "launcher",
        "LAUNCHER_SECRET_KEY": password_of("launcher"),
    }
    local.init(
        runner=local.DockerRunner(
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            tmpfs={"/tmp": "", "/minio": ""},  # a cluster mounts an emptyDir at /minio
            network=site.network,
            environment=site.environment("steps") | launcher,
        ),
        pipeline_root=str(folder),
        raise_on_error=True,
    )
