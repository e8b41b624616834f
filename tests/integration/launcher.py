"""What KFP's launcher does around a step on a cluster; runs in the step's container, in its place.

It fetches the step's input artifacts from the object store to where the executor looks for them,
runs the step, and uploads what the step wrote. It is a user of its own, which the step is not told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minio import Minio

SCHEME = "minio://"


def uris(half: dict[str, Any]) -> Iterator[tuple[str, str, Path]]:
    """Yield bucket, key and local path of all artifacts of the inputs or the outputs."""
    for listed in half.get("artifacts", {}).values():
        for artifact in listed["artifacts"]:
            location = artifact["uri"].removeprefix(SCHEME)
            if location == artifact["uri"]:
                raise SystemExit("an artifact stands outside the object store")
            bucket, _, key = location.partition("/")
            yield bucket, key, Path("/minio") / location


def fetch(client: Minio, bucket: str, key: str, path: Path) -> None:
    """Download an artifact, a file or a folder; it must be there."""
    names = [str(item.object_name) for item in client.list_objects(bucket, key, recursive=True)]
    mine = [name for name in names if name == key or name.startswith(f"{key}/")]
    if not mine:
        raise SystemExit(f"an input artifact is not in the object store: {key}")
    for name in mine:
        client.fget_object(bucket, name, f"{path}{name.removeprefix(key)}")


def put(client: Minio, bucket: str, key: str, path: Path) -> None:
    """Upload an artifact, a file or a folder, if the step wrote it."""
    if path.is_file():
        client.fput_object(bucket, key, str(path))
    for file in path.rglob("*"):
        if file.is_file():
            client.fput_object(bucket, f"{key}/{file.relative_to(path)}", str(file))


def main() -> int:
    """Launch the command that the arguments are."""
    command = sys.argv[1:]
    told = json.loads(command[command.index("--executor_input") + 1])
    environment = dict(os.environ)
    client = Minio(
        endpoint=environment["NESCIO_S3_ENDPOINT"].removeprefix("http://"),
        access_key=environment.pop("LAUNCHER_ACCESS_KEY"),
        secret_key=environment.pop("LAUNCHER_SECRET_KEY"),
        secure=False,
    )
    for place in uris(told.get("inputs", {})):
        fetch(client, *place)
    code = subprocess.run(command, env=environment, check=False).returncode
    if code == 0:
        for place in uris(told.get("outputs", {})):
            put(client, *place)
    return code


if __name__ == "__main__":
    sys.exit(main())
