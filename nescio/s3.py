"""S3 buckets through the ``minio`` client, as a ``nescio.store.Store``.

Tested on MinIO; what other object stores must answer stands in docs/cluster.md.

Configured by the environment: ``NESCIO_S3_ENDPOINT`` (``host:port`` or a URL; https unless the
URL says http or ``NESCIO_S3_SECURE=false``), ``NESCIO_S3_REGION``, ``AWS_ACCESS_KEY_ID`` and
``AWS_SECRET_ACCESS_KEY``; ``NESCIO_S3_CA`` is the PEM text of a certificate authority that is
trusted instead of the system's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, S3Error, ServerError
from tenacity import Retrying as Retry
from tenacity import retry_if_exception, stop_after_attempt, wait_exponential_jitter

from nescio.errors import ConfigurationError, NescioError
from nescio.store import Entry

T = TypeVar("T")

ATTEMPTS = 5
MISSING = {"NoSuchKey", "NoSuchBucket", "NoSuchVersion"}
PASSING = {
    "SlowDown",
    "InternalError",
    "ServiceUnavailable",
    "RequestTimeout",
    "XMinioServerNotInitialized",
}
UNKNOWN = {"NotImplemented", "MethodNotAllowed"}
LATER = {409, 429, 500, 502, 503, 504}
"""Answers to a conditional write after which it may be tried again: a conflict, or a fault."""
NO_SUCH_CALL = "docs/cluster.md lists the S3 calls that a store must answer."
UNTRUSTED = (
    "Give its certificate authority, as PEM text, in NESCIO_S3_CA, or say http:// in "
    "NESCIO_S3_ENDPOINT if it speaks no TLS."
)
CHANGED = 412
"""Precondition Failed: the object is no longer the one that was listed, or is there already."""
ONE_PART = 5 * 2**20
"""Bytes that the client sends in one piece; the checksum of a larger object is not of its parts."""
TIMEOUT = urllib3.Timeout(connect=10, read=60)
SIGNED_FOR = timedelta(minutes=5)


def endpoint_from_environment() -> tuple[str, bool]:
    """Return the configured endpoint (``host:port``), and whether it speaks TLS.

    Raises:
        ConfigurationError: no endpoint is configured.
    """
    endpoint = os.environ.get("NESCIO_S3_ENDPOINT", "")
    if not endpoint:
        raise ConfigurationError(
            "no S3 endpoint is configured.", "Set NESCIO_S3_ENDPOINT, for example minio:9000."
        )
    secure = os.environ.get("NESCIO_S3_SECURE", "true").lower() not in {"false", "0", "no"}
    if "://" in endpoint:
        scheme, _, endpoint = endpoint.partition("://")
        secure = scheme == "https"
    return endpoint.rstrip("/"), secure


def client_from_environment() -> Minio:
    """Make a client for the configured endpoint.

    Raises:
        ConfigurationError: no endpoint is configured.
    """
    endpoint, secure = endpoint_from_environment()
    return Minio(
        endpoint=endpoint,
        access_key=os.environ.get("AWS_ACCESS_KEY_ID"),
        secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY"),
        region=os.environ.get("NESCIO_S3_REGION", "us-east-1"),
        secure=secure,
        http_client=pool(),
    )


def pool() -> urllib3.PoolManager:
    """Make connections that trust the store's certificate authority and give up in time."""
    authority = os.environ.get("NESCIO_S3_CA") or None  # else those that the system trusts
    return urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=10, ca_cert_data=authority)


def _is_untrusted(error: BaseException | None) -> bool:
    """Say whether a connection failed in TLS, which no second attempt mends."""
    if isinstance(error, urllib3.exceptions.MaxRetryError):
        error = error.reason
    return isinstance(error, urllib3.exceptions.SSLError | ssl.SSLError)


def _checksum(data: bytes) -> dict[str, str | list[str] | tuple[str]]:
    """Return the header by which a store tells that what came is what was sent.

    The signature tells, too, but not every store recomputes it over the body.
    """
    return {"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(data).digest()).decode()}


def _passing(error: BaseException) -> bool:
    if isinstance(error, S3Error):
        return error.code in PASSING
    if _is_untrusted(error):
        return False
    return isinstance(error, urllib3.exceptions.HTTPError | InvalidResponseError | OSError)


class S3Store:
    """Objects below ``s3://bucket/prefix``."""

    def __init__(self, uri: str, client: Minio | None = None) -> None:
        location = uri.split("://", 1)[1]
        self.uri = uri.rstrip("/")
        self.bucket, _, prefix = location.partition("/")
        self.prefix = prefix.strip("/")
        self.client = client or client_from_environment()

    def _name(self, key: str) -> str:
        if ".." in key.split("/"):
            raise ValueError("a key does not leave its store")
        return f"{self.prefix}/{key}" if self.prefix and key else self.prefix or key

    def _try(self, call: Callable[[], T]) -> T:
        """Call the server, again after a passing fault; say in one line what is wrong for good."""
        try:
            return Retry(
                retry=retry_if_exception(_passing),
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_exponential_jitter(multiplier=0.2, max=10),
                reraise=True,
            )(call)
        except S3Error as error:
            if error.code in MISSING:
                raise FileNotFoundError("no such object or bucket") from None
            if error.code in UNKNOWN:
                raise NescioError(
                    f"the object store does not know a call ({error.code}).", NO_SUCH_CALL
                ) from None
            raise NescioError(
                f"the object store refused a request ({error.code}).",
                "Check the credentials, the bucket's policy and its free space.",
            ) from None
        except ServerError as error:
            if error.status_code == CHANGED:
                raise NescioError(
                    "an object changed while it was being processed.", "Run again."
                ) from None
            raise NescioError(f"the object store failed (HTTP {error.status_code}).") from None
        except (urllib3.exceptions.HTTPError, ssl.SSLError, InvalidResponseError) as error:
            if _is_untrusted(error):
                raise NescioError("no TLS connection to the object store.", UNTRUSTED) from None
            raise NescioError(
                f"the object store does not answer ({type(error).__name__}).",
                "Check that it runs and that NESCIO_S3_ENDPOINT names it.",
            ) from None

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects below ``prefix``, sorted by key."""
        start = self._name(prefix)
        found = self._try(
            lambda: list(
                self.client.list_objects(
                    self.bucket, prefix=f"{start.rstrip('/')}/" if start else "", recursive=True
                )
            )
        )
        cut = len(self.prefix) + 1 if self.prefix else 0
        for item in sorted(found, key=lambda item: str(item.object_name)):
            if not item.is_dir:
                name = str(item.object_name)[cut:]
                yield Entry(name, int(item.size or 0), (item.etag or "").strip('"'))

    def exists(self, key: str) -> bool:
        """Say whether the object is there."""
        try:
            self._try(lambda: self.client.stat_object(self.bucket, self._name(key)))
        except FileNotFoundError:
            return False
        except NescioError:
            # A HEAD without permission to list answers 403 for a missing object, too.
            return any(entry.key == key for entry in self.list(key.rpartition("/")[0]))
        return True

    def read(self, key: str) -> bytes:
        """Return an object's bytes; FileNotFoundError if there is none."""

        def get() -> bytes:
            response = self.client.get_object(self.bucket, self._name(key))
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

        return self._try(get)

    def write(self, key: str, data: bytes) -> None:
        """Write an object; S3 shows it whole or not at all."""
        self._try(
            lambda: self.client.put_object(
                self.bucket,
                self._name(key),
                io.BytesIO(data),
                len(data),
                metadata=_checksum(data) if len(data) <= ONE_PART else None,
            )
        )

    def create(self, key: str, data: bytes) -> bool:
        """Write an object where none is; two who try at once are told apart by the server.

        The client's own ``put_object`` takes no conditions, a signed address does.
        """

        def put() -> bool:
            address = self.client.presigned_put_object(self.bucket, self._name(key), SIGNED_FOR)
            md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
            headers = {"If-None-Match": "*", "Content-MD5": md5}
            answer = pool().request("PUT", address, body=data, headers=headers)
            if answer.status in LATER:
                raise urllib3.exceptions.ResponseError(f"HTTP {answer.status}")
            if answer.status == 501:
                raise NescioError("the object store has no conditional writes.", NO_SUCH_CALL)
            if answer.status not in (200, CHANGED):
                raise NescioError(f"the object store refused a request (HTTP {answer.status}).")
            return answer.status == 200

        return self._try(put)

    def fetch(self, key: str, folder: Path, etag: str = "") -> Path:
        """Download an object to ``folder``, whole or not at all.

        Raises:
            NescioError: the object is no longer the one that ``etag`` names.
        """
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        headers: dict[str, str | list[str] | tuple[str]] | None = (
            {"If-Match": f'"{etag}"'} if etag else None
        )

        def get() -> Path:
            found = self.client.fget_object(
                self.bucket, self._name(key), str(target), request_headers=headers
            )
            if etag and (found.etag or "").strip('"') != etag:  # a store that ignores If-Match
                target.unlink()
                raise NescioError("an object changed while it was being processed.", "Run again.")
            return target

        return self._try(get)

    def upload(self, path: Path, key: str) -> None:
        """Upload a file, in parts where it is large."""
        if path.stat().st_size <= ONE_PART:
            self.write(key, path.read_bytes())
        else:
            self._try(lambda: self.client.fput_object(self.bucket, self._name(key), str(path)))

    def move(self, source: str, target: str) -> None:
        """Copy on the server, then delete the source."""
        origin = CopySource(self.bucket, self._name(source))
        self._try(lambda: self.client.copy_object(self.bucket, self._name(target), origin))
        self._try(lambda: self.client.remove_object(self.bucket, self._name(source)))

    def delete(self, prefix: str) -> None:
        """Delete the object, or all objects below the prefix."""
        keys = [self._name(prefix), *(self._name(entry.key) for entry in self.list(prefix))]
        doomed = [DeleteObject(key) for key in keys]
        failed = self._try(lambda: list(self.client.remove_objects(self.bucket, doomed)))
        if failed:
            raise NescioError(f"{len(failed)} objects could not be deleted.")
