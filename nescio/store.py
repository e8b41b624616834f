"""Documents and artifacts in and out, by URI: local folders and S3 buckets (MinIO) alike."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from nescio.errors import ConfigurationError

PRIVATE = "private"
"""First part of every key that may hold PHI: readable by its owner alone."""


class Entry(NamedTuple):
    """One object of a store: its key (private: it may be a file name), size and version."""

    key: str
    bytes: int
    etag: str


class Store(Protocol):
    """A folder or a bucket prefix. Keys are relative, with ``/`` between their parts."""

    uri: str

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects below ``prefix``, sorted by key."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether the object is there."""
        ...

    def read(self, key: str) -> bytes:
        """Return an object's bytes; FileNotFoundError if there is none."""
        ...

    def write(self, key: str, data: bytes) -> None:
        """Write an object whole or not at all."""
        ...

    def create(self, key: str, data: bytes) -> bool:
        """Write an object where none is, in one step; say whether it was written."""
        ...

    def fetch(self, key: str, folder: Path, etag: str = "") -> Path:
        """Return a local file with the object's bytes; ``folder`` may be used to hold it.

        With an ``etag`` the object must still be the one that was listed.
        """
        ...

    def upload(self, path: Path, key: str) -> None:
        """Copy a local file into the store, whole or not at all."""
        ...

    def move(self, source: str, target: str) -> None:
        """Rename an object within the store."""
        ...

    def delete(self, prefix: str) -> None:
        """Delete the object, or all objects below the prefix."""
        ...


def _check_key(key: str) -> str:
    parts = key.split("/")
    if not key or key.startswith("/") or ".." in parts:
        raise ValueError("a key is relative and does not leave its store")
    return key


class LocalStore:
    """A store in a folder. What is written below ``private/`` has modes 0700 and 0600."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uri = str(root)

    def _path(self, key: str) -> Path:
        return self.root / _check_key(key)

    def _parent(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if key.split("/")[0] == PRIVATE:
            (self.root / PRIVATE).chmod(0o700)
        return path

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the files below ``prefix``, sorted; links to files are followed."""
        base = self.root / prefix if prefix else self.root
        paths = [base] if base.is_file() else sorted(base.rglob("*")) if base.is_dir() else []
        for path in paths:
            if path.is_file():
                yield Entry(path.relative_to(self.root).as_posix(), path.stat().st_size, "")

    def exists(self, key: str) -> bool:
        """Say whether the file is there."""
        return self._path(key).is_file()

    def read(self, key: str) -> bytes:
        """Return the file's bytes; FileNotFoundError if there is none."""
        return self._path(key).read_bytes()

    def write(self, key: str, data: bytes) -> None:
        """Write the file under a temporary name, then rename it."""
        path = self._parent(key)
        with self._replacing(path) as temporary:
            temporary.write_bytes(data)

    def create(self, key: str, data: bytes) -> bool:
        """Write the file under a temporary name, then link it where no file is."""
        path = self._parent(key)
        with self._temporary(path) as temporary:
            temporary.write_bytes(data)
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                return False
        return True

    @contextmanager
    def _replacing(self, path: Path) -> Iterator[Path]:
        private = path.relative_to(self.root).parts[0] == PRIVATE
        with self._temporary(path) as temporary:
            yield temporary
            temporary.chmod(0o600 if private else 0o644)
            temporary.replace(path)

    @contextmanager
    def _temporary(self, path: Path) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()

    def fetch(self, key: str, folder: Path, etag: str = "") -> Path:
        """Return the file itself: nothing is copied."""
        path = self._path(key)
        if not path.is_file():
            raise FileNotFoundError(errno_text(path))
        return path

    def upload(self, path: Path, key: str) -> None:
        """Copy a file into the folder."""
        with self._replacing(self._parent(key)) as temporary:
            shutil.copyfile(path, temporary)

    def move(self, source: str, target: str) -> None:
        """Rename a file within the folder."""
        destination = self._parent(target)
        if target.split("/")[0] != PRIVATE:
            self._path(source).chmod(0o644)
        self._path(source).replace(destination)

    def delete(self, prefix: str) -> None:
        """Delete the file, or the folder with all that is in it."""
        path = self._path(prefix)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with suppress(FileNotFoundError):
                path.unlink()


def errno_text(path: Path) -> str:
    """Name a missing file by a digest: its real name may identify a person."""
    return f"no such file (name digest {hashlib.sha256(str(path).encode()).hexdigest()[:8]})"


def is_remote(uri: str) -> bool:
    """Say whether a URI names a bucket; ``minio://`` is what KFP calls ``s3://``."""
    return uri.startswith(("s3://", "minio://"))


def open_store(uri: str) -> Store:
    """Open a folder or ``s3://bucket/prefix`` by its URI.

    Raises:
        ConfigurationError: the scheme is unknown, or S3 is not configured.
    """
    if is_remote(uri):
        from nescio.s3 import S3Store

        return S3Store(uri)
    if "://" in uri and not uri.startswith("file://"):
        scheme = uri.split("://", 1)[0]
        raise ConfigurationError(
            f"cannot open {scheme}:// locations.", "Use a folder or s3://bucket/prefix."
        )
    return LocalStore(Path(uri.removeprefix("file://")))


@contextmanager
def local_folder(uri: str) -> Iterator[Path]:
    """Give a local folder with the files of an artifact, fetched if it stands in a bucket."""
    if not is_remote(uri):
        yield Path(uri.removeprefix("file://"))
        return
    store = open_store(uri)
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        folder = Path(name)
        for entry in store.list():
            store.fetch(entry.key, folder, entry.etag)
        yield folder


def read_uri(uri: str) -> bytes:
    """Return the bytes of one file or object.

    Raises:
        ConfigurationError: it is not there.
    """
    parent, _, name = uri.rstrip("/").rpartition("/")
    try:
        return open_store(parent or ".").read(name)
    except OSError as error:
        raise ConfigurationError(
            f"a file given by URI cannot be read ({type(error).__name__}).",
            "Check the path and its permissions.",
        ) from None
