"""The vault: the private mapping encrypted, so that it may be kept from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from nescio.errors import ConfigurationError
from nescio.policy.mapping import FileLedger, Ledger


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


def open_vault(path: Path, key_file: Path) -> VaultLedger:
    """Open, or begin, a vault in a local file.

    Raises:
        ConfigurationError: the key file cannot be read or holds no key.
    """
    try:
        keys = read_keys(key_file.read_bytes())
    except OSError:
        raise ConfigurationError(
            "the vault's key file cannot be read.", "Check the path and its permissions."
        ) from None
    return VaultLedger(FileLedger(path), keys)


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
