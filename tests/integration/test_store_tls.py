"""The object store over TLS: a private authority is trusted when it is named, else refused."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import trustme
from minio import Minio

from integration.conftest import PASSWORD, USER, minio_at, wait_for_bucket
from nescio import s3
from nescio.errors import NescioError
from nescio.store import open_store


class Secure(NamedTuple):
    address: str
    authority: str
    """Its certificate as PEM text."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """MinIO with a certificate of an authority that nobody knows."""
    folder = tmp_path_factory.mktemp("tls")
    certificates = folder / "certificates"
    certificates.mkdir()
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    own.private_key_pem.write_to_path(certificates / "private.key")
    for part in own.cert_chain_pems:
        part.write_to_path(certificates / "public.crt", append=True)
    with minio_at(folder / "data", "--certs-dir", str(certificates)) as address:
        yield Secure(address, authority.cert_pem.bytes().decode())


@pytest.fixture
def bucket(server: Secure, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket, reached as in a pod that has been given the authority."""
    monkeypatch.setenv("NESCIO_S3_ENDPOINT", f"https://{server.address}")
    monkeypatch.setenv("NESCIO_S3_CA", server.authority)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    name = f"b-{uuid.uuid4().hex[:12]}"
    wait_for_bucket(s3.client_from_environment(), name)
    return name


def test_a_named_authority_is_trusted(bucket: str, server: Secure) -> None:
    store = open_store(f"s3://{bucket}/inbox")
    store.write("a", b"text")
    assert store.read("a") == b"text"
    assert store.create("b", b"first") and not store.create("b", b"second")
    assert [entry.key for entry in store.list()] == ["a", "b"]


def test_an_unknown_authority_is_refused_at_once(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = trustme.CA().cert_pem.bytes().decode()
    for authority in ("", other):
        monkeypatch.setenv("NESCIO_S3_CA", authority)
        started = time.monotonic()
        with pytest.raises(NescioError, match="no TLS connection") as caught:
            open_store(f"s3://{bucket}/inbox").read("a")
        assert "NESCIO_S3_CA" in caught.value.remedy
        assert time.monotonic() - started < 5


def test_a_store_without_tls_says_so(
    minio_server: tuple[Minio, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, environment, *_ = minio_server
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("http://", "https://"))
    with pytest.raises(NescioError, match="no TLS connection") as caught:
        open_store("s3://records/inbox").read("a")
    assert "http://" in caught.value.remedy
