"""The bootstrap against a real MinIO: what each user must not do is refused."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from minio import Minio
from minio.error import S3Error

from integration.conftest import USERS, Server, declare, password_of
from nescio.buckets import bootstrap, main

INBOX, OUTBOX, ARTIFACTS = "nescio-inbox", "nescio-outbox", "nescio-artifacts"
MANIFEST, RECORD = "private/runs/r/manifest.json", "private/runs/r/steps/collect.json"


class Site(NamedTuple):
    """A server after the bootstrap: its administrator, a client a user, the two folders."""

    admin: Minio
    users: dict[str, Minio]
    declared: Path
    secrets: Path


@pytest.fixture(scope="module")
def site(minio_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Site:
    minio_server.need("users", "administration API")
    folder = tmp_path_factory.mktemp("bootstrap")
    declared, secrets = declare(folder)
    address = minio_server.environment["NESCIO_S3_ENDPOINT"].removeprefix("http://")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in minio_server.environment.items():
            patch.setenv(name, value)
        bootstrap(declared, secrets)
    clients = {
        user: Minio(endpoint=address, access_key=user, secret_key=password_of(user), secure=False)
        for user in USERS
    }
    keys = ("a.pdf", "released/a.pdf", "private/documents.csv", MANIFEST, RECORD)
    for bucket in (INBOX, OUTBOX, ARTIFACTS):
        for key in keys:
            put(minio_server.client, bucket, key)
    return Site(minio_server.client, clients, declared, secrets)


def put(client: Minio, bucket: str, key: str) -> None:
    client.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b"x"), length=1)


def get(client: Minio, bucket: str, key: str) -> None:
    client.stat_object(bucket_name=bucket, object_name=key)
    client.get_object(bucket_name=bucket, object_name=key).read()


def list_all(client: Minio, bucket: str, key: str) -> None:
    list(client.list_objects(bucket, prefix=key, recursive=True))


def remove(client: Minio, bucket: str, key: str) -> None:
    client.remove_object(bucket_name=bucket, object_name=key)


def make(client: Minio, bucket: str, key: str) -> None:
    client.make_bucket(bucket_name=bucket)


def unprotect(client: Minio, bucket: str, key: str) -> None:
    client.delete_bucket_lifecycle(bucket_name=bucket)


Call = Callable[[Minio, str, str], None]

ALLOWED: list[tuple[str, Call, str, str]] = [
    ("steps", get, INBOX, "a.pdf"),
    ("steps", list_all, INBOX, ""),
    ("steps", put, OUTBOX, "released/b.pdf"),
    ("steps", get, OUTBOX, "private/documents.csv"),
    ("steps", remove, OUTBOX, "pending/b.pdf"),
    ("steps", put, ARTIFACTS, "runs/x"),
    ("launcher", put, ARTIFACTS, "runs/y"),
    ("launcher", get, ARTIFACTS, "a.pdf"),
    ("sender", put, INBOX, "ward/b.pdf"),
    ("reader", get, OUTBOX, "released/a.pdf"),
    ("reader", list_all, OUTBOX, "released/"),
    ("watcher", list_all, OUTBOX, "private/runs/"),
    ("watcher", get, OUTBOX, MANIFEST),
]
REFUSED: list[tuple[str, Call, str, str]] = [
    ("steps", put, INBOX, "b.pdf"),
    ("steps", remove, INBOX, "a.pdf"),
    ("steps", make, "another-bucket", ""),
    ("steps", unprotect, OUTBOX, ""),
    ("launcher", get, INBOX, "a.pdf"),
    ("launcher", list_all, INBOX, ""),
    ("launcher", get, OUTBOX, "released/a.pdf"),
    ("launcher", list_all, OUTBOX, ""),
    ("sender", get, INBOX, "a.pdf"),
    ("sender", list_all, INBOX, ""),
    ("sender", remove, INBOX, "a.pdf"),
    ("sender", put, OUTBOX, "released/c.pdf"),
    ("sender", get, OUTBOX, "released/a.pdf"),
    ("reader", get, OUTBOX, "private/documents.csv"),
    ("reader", list_all, OUTBOX, "private/"),
    ("reader", list_all, OUTBOX, ""),
    ("reader", put, OUTBOX, "released/d.pdf"),
    ("reader", remove, OUTBOX, "released/a.pdf"),
    ("reader", get, INBOX, "a.pdf"),
    ("reader", get, ARTIFACTS, "a.pdf"),
    ("watcher", get, OUTBOX, RECORD),
    ("watcher", get, OUTBOX, "released/a.pdf"),
    ("watcher", get, OUTBOX, "private/documents.csv"),
    ("watcher", list_all, OUTBOX, ""),
    ("watcher", put, OUTBOX, MANIFEST),
    ("watcher", get, INBOX, "a.pdf"),
]


def name(case: tuple[str, Call, str, str]) -> str:
    user, call, bucket, key = case
    return f"{user}-{call.__name__}-{bucket}/{key}"


@pytest.mark.parametrize("case", ALLOWED, ids=name)
def test_a_user_may_do_its_work(site: Site, case: tuple[str, Call, str, str]) -> None:
    user, call, bucket, key = case
    call(site.users[user], bucket, key)


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_a_user_is_refused_everything_else(site: Site, case: tuple[str, Call, str, str]) -> None:
    user, call, bucket, key = case
    with pytest.raises(S3Error) as refusal:
        call(site.users[user], bucket, key)
    assert refusal.value.code == "AccessDenied"


def test_buckets_forget_what_they_should_and_keep_old_versions(site: Site) -> None:
    declared = yaml.safe_load((site.declared / "buckets.yaml").read_text())["buckets"]
    assert set(declared) == {INBOX, OUTBOX, ARTIFACTS}
    for bucket, rules in declared.items():
        status = site.admin.get_bucket_versioning(bucket_name=bucket).status
        assert (status == "Enabled") is rules["versioning"]
        lifecycle = site.admin.get_bucket_lifecycle(bucket_name=bucket)
        assert lifecycle is not None
        (rule,) = lifecycle.rules
        days = rule.expiration.days if rule.expiration else None
        old = rule.noncurrent_version_expiration
        assert days == rules.get("expire_days")
        assert (old.noncurrent_days if old else None) == rules.get("expire_old_versions_days")


def test_a_second_bootstrap_changes_nothing_but_takes_back_what_is_no_longer_declared(
    site: Site, minio_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable, value in minio_server.environment.items():
        monkeypatch.setenv(variable, value)
    wider = tmp_path / "declared"
    shutil.copytree(site.declared, wider)
    plan = yaml.safe_load((wider / "buckets.yaml").read_text())
    plan["users"]["sender"].append("inbox-read")
    (wider / "buckets.yaml").write_text(yaml.safe_dump(plan))
    bootstrap(wider, site.secrets)
    get(site.users["sender"], INBOX, "a.pdf")
    bootstrap(site.declared, site.secrets)
    with pytest.raises(S3Error, match="AccessDenied"):
        get(site.users["sender"], INBOX, "a.pdf")
    get(site.admin, INBOX, "a.pdf")


def test_a_missing_secret_and_a_wrong_password_are_said_in_one_line(
    site: Site,
    minio_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, value in minio_server.environment.items():
        monkeypatch.setenv(variable, value)
    assert main([str(site.declared), str(tmp_path)]) == 2
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-password")
    assert main([str(site.declared), str(site.secrets)]) == 5
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    assert "steps has no accesskey" in said and "administrator" in said
    assert "not-the-password" not in said
