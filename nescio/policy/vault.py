"""The vault: the private mapping encrypted, so that it may be kept from run to run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from nescio.errors import ConfigurationError
from nescio.policy.mapping import FileLedger, Ledger, ObjectLedger
from nescio.store import is_remote, open_store, read_uri

KEY_VARIABLE: Final = "NESCIO_VAULT_KEY"
"""Environment variable that holds the content of a key file, for keys that come as a secret."""


def new_key() -> str:
    """Return a new key for a vault: 256 random bits, one line of text."""
    return Fernet.generate_key().decode()


def read_keys(content: bytes) -> list[str]:
    """Read a key file: a key a line, the one in use first, older ones after it; # comments.

    Raises:
        ConfigurationError: there is no key, or a line is not one. The message holds no key.
    """
    keys = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            Fernet(text)
        except ValueError:
            raise ConfigurationError(
                f"the vault's key file, line {number}: not a key.",
                "A key is 32 random bytes in URL-safe base64.",
            ) from None
        keys.append(text)
    if not keys:
        raise ConfigurationError("the vault's key file holds no key.", "Put one in its first line.")
    return keys


class VaultLedger:
    """A ledger whose lines stand encrypted in another: a Fernet token for each append.

    Fernet is AES-128 in CBC mode with HMAC-SHA-256: a line that was changed is refused. What it
    cannot show is that whole lines at the end were removed: keep copies.
    """

    def __init__(self, inner: Ledger, keys: Sequence[str]) -> None:
        """Open a vault.

        Args:
            inner: holds the encrypted lines.
            keys: the first encrypts; all are tried to decrypt.
        """
        self._inner = inner
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def read(self) -> bytes:
        """Return all lines, decrypted.

        Raises:
            ConfigurationError: a line was encrypted with none of the keys, or changed.
        """
        try:
            return b"".join(self._fernet.decrypt(line) for line in self._inner.read().splitlines())
        except InvalidToken:
            self.close()
            raise ConfigurationError(
                "the vault does not open: wrong key, or the file was changed.",
                "Give the key file it was written with, older keys included.",
            ) from None

    def append(self, lines: bytes) -> None:
        """Add lines, encrypted with the first key."""
        self._inner.append(self._fernet.encrypt(lines) + b"\n")

    def close(self) -> None:
        """Let others write."""
        self._inner.close()


def find_keys(key_file: str | Path = "") -> list[str]:
    """Return the keys of a key file given by path or URI; without one, of the environment.

    Raises:
        ConfigurationError: there is no key, or the file cannot be read. No message shows either.
    """
    if not key_file:
        content = os.environ.get(KEY_VARIABLE, "").encode()
        if not content.strip():
            raise ConfigurationError(
                "the vault has no key.", f"Give --vault-key-file, or set {KEY_VARIABLE}."
            )
        return read_keys(content)
    try:
        content = read_uri(str(key_file))
    except ConfigurationError:
        raise ConfigurationError(
            "the vault's key file cannot be read.", "Check the path and its permissions."
        ) from None
    return read_keys(content)


def open_vault(vault: str | Path, key_file: str | Path = "") -> VaultLedger:
    """Open, or begin, a vault in a local file or in an object of a bucket.

    Args:
        vault: path or URI.
        key_file: path or URI of the key file; without one ``NESCIO_VAULT_KEY`` is read.

    Raises:
        ConfigurationError: there is no key, or the vault's folder does not exist.
    """
    keys = find_keys(key_file)
    uri = str(vault)
    if is_remote(uri):
        parent, _, name = uri.rpartition("/")
        return VaultLedger(ObjectLedger(open_store(parent), name), keys)
    if not Path(uri).resolve().parent.is_dir():  # a mistyped folder would begin a second vault
        raise ConfigurationError("the vault's folder does not exist.", "Make it, or check --vault.")
    return VaultLedger(FileLedger(Path(uri)), keys)


def check_vault(vault: str | Path, key_file: str | Path = "") -> None:
    """Refuse, before any work, a vault that would not open later; nothing is written.

    Raises:
        ConfigurationError: as for ``open_vault``, or no key opens what the vault holds.
    """
    if not is_remote(str(vault)) and not Path(vault).exists():
        find_keys(key_file)
        if not Path(vault).resolve().parent.is_dir():
            raise ConfigurationError(
                "the vault's folder does not exist.", "Make it, or check --vault."
            )
        return
    ledger = open_vault(vault, key_file)
    ledger.read()
    ledger.close()


def rotate(path: Path, old_keys: Sequence[str], new_keys: Sequence[str]) -> None:
    """Write a vault anew, encrypted with the first of ``new_keys``; the old file is replaced.

    Raises:
        ConfigurationError: the old keys do not open it.
    """
    old = FileLedger(path)  # its lock keeps other runs out until the new file is in place
    try:
        content = VaultLedger(old, old_keys).read()
        temporary = path.with_name(f".{path.name}.rotating")
        temporary.unlink(missing_ok=True)
        new = VaultLedger(FileLedger(temporary), new_keys)
        if content:
            new.append(content)
        new.close()
        temporary.replace(path)
    finally:
        old.close()
