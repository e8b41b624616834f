"""The S3 store and the whole DAG against a real MinIO server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import SECRETS, write_record
from minio import Minio
from minio.versioningconfig import ENABLED, VersioningConfig

from integration.conftest import Server, free_port, server_program
from integration.killing_proxy import KillingProxy, killing_proxy
from nescio.doctor.storage import examine_buckets
from nescio.errors import ConfigurationError, NescioError
from nescio.policy import Mapping, new_key, open_vault
from nescio.retention import clean
from nescio.s3 import ATTEMPTS, S3Store
from nescio.store import open_store


def test_ci_never_does_without_a_real_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs the real server"):
        server_program("no-such-server")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI has no no-such-server"):
        server_program("no-such-server")


def test_what_was_written_is_read_listed_moved_and_deleted(bucket: str, tmp_path: Path) -> None:
    store = open_store(f"s3://{bucket}/prefix")
    store.write("a/one", b"1")
    source = tmp_path / "two"
    source.write_bytes(b"22")
    store.upload(source, "a/two")
    assert [(entry.key, entry.bytes) for entry in store.list("a")] == [("a/one", 1), ("a/two", 2)]
    store.move("a/one", "b/one")
    assert not store.exists("a/one") and store.read("b/one") == b"1"
    store.delete("a")
    assert [entry.key for entry in store.list()] == ["b/one"]
    with pytest.raises(FileNotFoundError):
        store.read("a/two")


def test_the_object_that_was_listed_is_the_object_that_is_read(bucket: str, tmp_path: Path) -> None:
    store = open_store(f"s3://{bucket}")
    store.write("x", b"old")
    (entry,) = store.list()
    assert store.fetch("x", tmp_path, entry.etag).read_bytes() == b"old"
    store.write("x", b"new content")
    with pytest.raises(NescioError, match="changed"):
        store.fetch("x", tmp_path, entry.etag)


def test_of_many_who_create_an_object_one_does(bucket: str) -> None:
    store = open_store(f"s3://{bucket}/p")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: store.create("k", str(n).encode()), range(12)))
    assert sum(made) == 1 and store.read("k") == str(made.index(True)).encode()


def test_two_runs_that_draw_at_once_share_a_vault_in_a_bucket_with_versions(
    minio_server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minio_server.client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    monkeypatch.setenv("NESCIO_VAULT_KEY", new_key())

    def run(number: int) -> str:
        with Mapping(open_vault(f"s3://{bucket}/private/vault")) as mapping:
            own = mapping.draw(("run", str(number)), lambda: "x")
            shared = mapping.draw(("patient", "1"), lambda: str(number))
            mapping.flush()
        return own + shared

    with ThreadPoolExecutor(3) as pool:
        seen = set(pool.map(run, range(3)))
    assert len(seen) == 1
    with Mapping(open_vault(f"s3://{bucket}/private/vault")) as mapping:
        assert len(mapping) == 4
    assert [e.key for e in open_store(f"s3://{bucket}").list()] == ["private/vault"]


def test_a_denied_request_is_said_in_one_line(
    minio_server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minio_server.need("users")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-password")
    with pytest.raises(NescioError, match="refused a request"):
        list(S3Store(f"s3://{bucket}").list())


def test_a_server_that_is_down_is_said_in_one_line(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NESCIO_S3_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NescioError, match="does not answer"):
        list(S3Store(f"s3://{bucket}").list())


@pytest.fixture
def proxy(minio_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[KillingProxy]:
    """A server that can be in trouble, in front of the real one."""
    upstream = minio_server.environment["NESCIO_S3_ENDPOINT"].removeprefix("http://")
    with killing_proxy(upstream) as proxy:
        monkeypatch.setenv("NESCIO_S3_ENDPOINT", proxy.url)
        yield proxy


def test_a_server_that_is_slow_is_asked_again(bucket: str, proxy: KillingProxy) -> None:
    store = open_store(f"s3://{bucket}")
    proxy.troubles = [(503, "SlowDown"), (503, "SlowDown")]
    store.write("x", b"one")
    assert not proxy.troubles
    proxy.troubles = [(503, "SlowDown"), (500, "InternalError")]
    assert store.read("x") == b"one"
    assert not proxy.troubles


def test_an_answer_that_breaks_off_is_asked_for_again_and_never_taken_for_whole(
    bucket: str, proxy: KillingProxy, tmp_path: Path
) -> None:
    store, content = open_store(f"s3://{bucket}"), bytes(range(256)) * 4000
    store.write("x", content)
    proxy.troubles = [(0, "")]
    assert store.read("x") == content
    proxy.troubles = [(-1, ""), (0, "")]  # the client asks for the object's facts before
    assert store.fetch("x", tmp_path).read_bytes() == content
    assert not proxy.troubles


def test_a_server_that_is_full_is_said_in_one_line_and_nothing_is_lost(
    bucket: str, proxy: KillingProxy
) -> None:
    store = open_store(f"s3://{bucket}")
    store.write("x", b"old")
    proxy.troubles = [(507, "XMinioStorageFull")]
    with pytest.raises(NescioError, match=r"refused a request \(XMinioStorageFull\).*free space"):
        store.write("x", b"new")
    assert store.read("x") == b"old"


def test_a_server_that_stays_slow_is_given_up_on_in_one_line(
    bucket: str, proxy: KillingProxy
) -> None:
    store = open_store(f"s3://{bucket}")
    proxy.troubles = [(503, "SlowDown")] * ATTEMPTS
    with pytest.raises(NescioError, match=r"SlowDown"):
        store.write("x", b"one")
    assert not proxy.troubles and not store.exists("x")


def test_a_large_file_goes_up_in_parts_and_shows_whole_or_not_at_all(
    bucket: str, proxy: KillingProxy, tmp_path: Path
) -> None:
    store, source = open_store(f"s3://{bucket}"), tmp_path / "large"
    old, new = (bytes([number]) * 11_000_000 for number in (1, 2))
    begun = (-1, "")  # the first request begins the upload, the next are its parts
    source.write_bytes(old)
    proxy.troubles = [begun, (503, "SlowDown")]
    store.upload(source, "x")
    (entry,) = store.list()
    assert entry.etag.endswith("-3") and entry.bytes == len(old)
    source.write_bytes(new)
    proxy.troubles = [begun, (507, "XMinioStorageFull")]
    with pytest.raises(NescioError, match="XMinioStorageFull"):
        store.upload(source, "x")
    assert not proxy.troubles and store.read("x") == old
    store.upload(source, "x")
    assert store.fetch("x", tmp_path).read_bytes() == new


def test_what_was_damaged_on_its_way_is_not_stored(
    minio_server: Server, bucket: str, proxy: KillingProxy
) -> None:
    minio_server.need("checksums")
    store = open_store(f"s3://{bucket}")
    proxy.garbles = 1
    with pytest.raises(NescioError, match="refused a request"):
        store.write("x", b"one")
    assert not proxy.garbles and not store.exists("x")


def test_a_call_that_the_store_does_not_know_is_said_in_one_line(
    bucket: str, proxy: KillingProxy, tmp_path: Path
) -> None:
    """As other stores than MinIO answer for what they lack."""
    store = open_store(f"s3://{bucket}")
    store.write("x", b"one")
    unknown, known = (501, "NotImplemented"), (-1, "")
    proxy.troubles = [unknown]
    with pytest.raises(NescioError, match=r"no conditional writes.*docs/cluster\.md"):
        store.create("lock", b"")
    proxy.troubles = [unknown]
    with pytest.raises(NescioError, match=r"not know a call \(NotImplemented\).*cluster\.md"):
        clean(f"s3://{bucket}", 0)
    proxy.troubles = [known, unknown]  # the object's facts, then its bytes
    with pytest.raises(NescioError, match="not know a call"):
        store.fetch("x", tmp_path)
    assert not proxy.troubles and not (tmp_path / "x").exists()


def test_a_conditional_write_is_tried_again_after_a_conflict(
    bucket: str, proxy: KillingProxy
) -> None:
    store = open_store(f"s3://{bucket}")
    proxy.troubles = [(409, "ConditionalRequestConflict"), (503, "SlowDown")]
    assert store.create("lock", b"one") and not proxy.troubles
    assert not store.create("lock", b"two")
    proxy.troubles = [(503, "SlowDown")] * ATTEMPTS
    with pytest.raises(NescioError, match="does not answer"):
        store.create("another", b"one")


class Heedless(Minio):
    """A client of a store that never looks at If-Match."""

    def fget_object(self, *place: Any, request_headers: Any = None, **more: Any) -> Any:
        return super().fget_object(*place, **more)


def test_a_changed_object_is_noticed_where_the_store_does_not_look_at_conditions(
    minio_server: Server, bucket: str, tmp_path: Path
) -> None:
    user, secret = (
        minio_server.environment[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    )
    address = minio_server.environment["NESCIO_S3_ENDPOINT"].removeprefix("http://")
    client = Heedless(endpoint=address, access_key=user, secret_key=secret, secure=False)
    store = S3Store(f"s3://{bucket}", client)
    store.write("x", b"old")
    (entry,) = store.list()
    assert store.fetch("x", tmp_path, entry.etag).read_bytes() == b"old"
    store.write("x", b"new")
    with pytest.raises(NescioError, match="changed"):
        store.fetch("x", tmp_path, entry.etag)
    assert not (tmp_path / "x").exists()


def test_doctor_finds_a_store_that_lets_two_create_the_same_object(
    bucket: str, proxy: KillingProxy
) -> None:
    place = f"s3://{bucket}"
    assert all(finding.fine for finding in examine_buckets(place, place, place))
    proxy.deaf_to = "if-none-match"
    inbox, outbox, artifacts = examine_buckets(place, place, place)
    assert inbox.fine and artifacts.fine
    assert not outbox.fine and "two who write at once both succeed" in outbox.what
    assert not list(open_store(place).list())


def test_no_endpoint_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NESCIO_S3_ENDPOINT", raising=False)
    with pytest.raises(ConfigurationError, match="no S3 endpoint"):
        open_store("s3://bucket")


def test_the_dag_runs_from_bucket_to_bucket_and_does_nothing_twice(
    bucket: str, tmp_path: Path
) -> None:
    inbox, outbox = f"s3://{bucket}/inbox", f"s3://{bucket}/outbox"
    open_store(inbox).upload(write_record(tmp_path / "a.pdf"), "ward/zubrowska.pdf")
    program = Path(sys.executable).with_name("nescio")

    def run() -> dict[str, int]:
        command = [str(program), "run", inbox, "-o", outbox, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
        assert done.returncode == 0, done.stderr
        assert not any(secret.casefold() in done.stdout.casefold() for secret in SECRETS)
        return dict(json.loads(done.stdout)["outcomes"])

    assert run() == {"released": 1}
    keys = [entry.key for entry in open_store(outbox).list("released")]
    assert len(keys) == 2 and not any("zubrowska" in key for key in keys)
    assert run() == {"unchanged": 1}
