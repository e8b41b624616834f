"""Who may use the review page: whoever has the token, knows the password, or comes by the proxy."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nescio.errors import ConfigurationError

TRIES: Final = 10
"""Wrong tokens or passwords in a minute after which none is looked at for a while."""

MINUTE: Final = 60.0

SHORTEST: Final = 12
"""Characters of a password at least."""

LONGEST_SESSION: Final = 12 * 3600.0
"""Seconds after which a reader has to log in again."""


@dataclass(frozen=True)
class Proxy:
    """An authenticating proxy before the page.

    Attributes:
        header: name of the header, in lower case, in which it says who asks.
        address: from which alone it may come.
        user: who may.
    """

    header: str
    address: str
    user: str


class Access:
    """Knows the sessions, and how one begins: by token, by password, or with each request."""

    def __init__(self, password: str = "", proxy: Proxy | None = None) -> None:
        self.token = "" if password or proxy else secrets.token_urlsafe(32)
        self.csrf = secrets.token_urlsafe(32)
        self.by_password = bool(password)
        self._secret = _digest(password or self.token)
        self._proxy = proxy
        self._sessions: dict[str, float] = {}
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def is_shut(self) -> bool:
        """Say whether there were too many wrong tries."""
        return len(self._wrong) == TRIES and time.monotonic() - self._wrong[0] < MINUTE

    def begin(self, given: str) -> str | None:
        """Return a new session for the right token or password, else None."""
        if self._proxy or self.is_shut():
            return None
        if not secrets.compare_digest(_digest(given), self._secret):
            self._wrong.append(time.monotonic())
            return None
        session = secrets.token_urlsafe(32)
        self._sessions[_digest(session)] = time.monotonic()
        return session

    def knows(self, session: str) -> bool:
        """Say whether a session goes on."""
        begun = self._sessions.get(_digest(session))
        return begun is not None and time.monotonic() - begun < LONGEST_SESSION

    def trusts(self, address: str, user: str) -> bool:
        """Say whether a request comes from the proxy, for the reader of this page."""
        proxy = self._proxy
        return proxy is not None and address == proxy.address and user == proxy.user

    @property
    def header(self) -> str:
        """Name of the proxy's header; empty without a proxy."""
        return self._proxy.header if self._proxy else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_password(path: Path) -> str:
    """Return the password in the first line of a file.

    Raises:
        ConfigurationError: there is none, it is short, or others can read it.
    """
    try:
        text = path.read_text("utf-8").splitlines()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError("the password file of the page cannot be read.") from None
    if mode & 0o077:
        raise ConfigurationError(
            "others can read the password file of the page.", "Set its mode to 0600."
        )
    if not text or len(text[0]) < SHORTEST:
        raise ConfigurationError(f"the page's password needs at least {SHORTEST} characters.")
    return text[0]


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise ConfigurationError(
            "--host takes an IP address.", "The page's name goes to --name."
        ) from None
