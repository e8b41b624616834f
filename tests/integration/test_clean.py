"""`nescio clean`: old runs go, every version of them, and nothing else does."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest
from conftest import CommandLine
from minio.commonconfig import ENABLED
from minio.versioningconfig import VersioningConfig

from integration.conftest import Server
from nescio.errors import ConfigurationError
from nescio.retention import clean
from nescio.store import open_store


def test_old_runs_go_and_all_else_stays(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    for key in (
        "private/runs/old/pending/a.pdf",
        "private/runs/old/steps/x.json",
        "private/runs/new/manifest.json",
        "released/a.pdf",
        "private/documents.csv",
    ):
        store.write(key, b"x")
    for path in (tmp_path / "private/runs/old").rglob("*"):
        os.utime(path, (time.time() - 9 * 86_400,) * 2)
    assert clean(str(tmp_path), 7) == (1, 2, 1)
    left = {entry.key for entry in store.list()}
    assert left == {"private/runs/new/manifest.json", "released/a.pdf", "private/documents.csv"}
    assert not (tmp_path / "private/runs/old").exists()


def test_a_run_that_is_going_is_not_disturbed(tmp_path: Path) -> None:
    open_store(str(tmp_path)).write("private/runs/r/x", b"x")
    with (tmp_path / "private/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ConfigurationError, match="a run is writing"):
            clean(str(tmp_path), 0)
    assert (tmp_path / "private/runs/r/x").exists()


def test_every_version_of_an_object_goes(
    minio_server: Server, nescio: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    client, bucket = minio_server.client, f"clean-{time.time_ns()}"
    client.make_bucket(bucket_name=bucket)
    client.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(ENABLED))
    store = open_store(f"s3://{bucket}/out")
    store.write("private/runs/r1/pending/a.pdf", b"1")
    store.write("private/runs/r1/pending/a.pdf", b"2")
    store.delete("private/runs/r1/pending")  # hides two versions behind a marker
    store.write("private/runs/r1/manifest.json", b"{}")
    store.write("released/a.pdf", b"3")

    def versions(prefix: str) -> int:
        found = client.list_objects(
            bucket_name=bucket, prefix=prefix, recursive=True, include_version=True
        )
        return len(list(found))

    before = versions("out/private/runs/")
    assert before >= 4
    code, out, _ = nescio("clean", f"s3://{bucket}/out")
    assert code == 0 and "0 runs removed" in out and "1 younger runs kept" in out
    assert versions("out/private/runs/") == before
    code, out, _ = nescio("clean", f"s3://{bucket}/out", "--older-than", "0")
    assert code == 0 and f"1 runs removed ({before} files or object versions)" in out
    assert versions("out/private/runs/") == 0
    assert versions("out/released/") == 1
