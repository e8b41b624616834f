"""Serves the review page on one address until it is stopped."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from nescio.errors import ConfigurationError
from nescio.passwords import Passwords
from nescio.review.confidential import Confidential
from nescio.review.web.access import Access, Proxy, is_loopback
from nescio.review.web.app import make_app
from nescio.review.web.case import Cases

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Where:
    """Where the page is, and who may use it.

    Attributes:
        host: IP address to listen on.
        port: 0 for any that is free.
        name: host name by which browsers call it; empty for the address itself.
        certificate: TLS certificate (PEM), with its chain.
        key: its private key (PEM).
        password: of the page; empty for a token that is printed.
        proxy: an authenticating proxy, which then speaks TLS with browsers.
    """

    host: str = LOOPBACK
    port: int = 0
    name: str = ""
    certificate: Path | None = None
    key: Path | None = None
    password: str = ""
    proxy: Proxy | None = None

    def check(self) -> None:
        """Make sure that nobody else can listen or look in.

        Raises:
            ConfigurationError: on an address of a network there has to be TLS with a password,
                or a proxy that says who asks.
        """
        if (self.certificate is None) != (self.key is None):
            raise ConfigurationError("--tls-cert and --tls-key go together.")
        if self.proxy and self.password:
            raise ConfigurationError("either a password or a proxy says who may use the page.")
        encrypted = self.certificate is not None and bool(self.password)
        if not (is_loopback(self.host) or encrypted or self.proxy):
            raise ConfigurationError(
                "on an address other than the loopback the page shows itself by TLS only.",
                "Give --tls-cert, --tls-key and --login-file, or --proxy-header.",
            )


@dataclass(frozen=True)
class Serving:
    """A server that has its port but does not answer yet.

    Attributes:
        address: of the page, with its token, if it has one: whoever has it can release.
        server: what answers once :meth:`run` is called.
        listener: its socket.
    """

    address: str
    server: uvicorn.Server
    listener: socket.socket

    def run(self) -> None:
        """Answer until Ctrl-C, or until ``server.should_exit`` is set."""
        with self.listener:
            self.server.run(sockets=[self.listener])


def prepare(
    output: str,
    reader: str,
    where: Where | None = None,
    *,
    inbox: str = "",
    passwords: Passwords | None = None,
    settle: tuple[str, ...] = (),
    confidential: tuple[Confidential, ...] = (),
) -> Serving:
    """Take a port for the review of an output folder.

    Args:
        output: URI of a run's results.
        reader: name of the person at work.
        where: the page's address; the loopback by default.
        inbox: URI of the originals, if they moved since the run or are in a bucket.
        passwords: of encrypted originals.
        settle: two readers, if this one settles what they disagree on.
        confidential: texts that are removed at each release, too.

    Raises:
        ConfigurationError: the address cannot be taken, or is not safe.
    """
    place = where or Where()
    place.check()
    listener = _listen(place.host, place.port)
    number = listener.getsockname()[1]
    known = passwords if passwords is not None else Passwords({})
    access = Access(place.password, place.proxy)
    encrypted = place.certificate is not None or place.proxy is not None
    guard = make_app(
        lambda: Cases(output, reader, inbox, known, settle, confidential),
        _names(place, number),
        f"nescio-{number}",
        access,
        secure=encrypted,
    )
    config = uvicorn.Config(
        guard,
        log_config=None,  # no access log: the first address holds the token
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,  # who asks is who is connected
        h11_max_incomplete_event_size=16 * 1024,
        timeout_graceful_shutdown=2,
        ws="none",
        lifespan="on",
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    scheme = "https" if encrypted else "http"
    address = f"{scheme}://{_names(place, number)[0]}/"
    if access.token:
        address += f"?token={access.token}"
    return Serving(address, uvicorn.Server(config), listener)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise ConfigurationError(
            "the address or port cannot be taken.", "Give others with --host and --port."
        ) from None
    listener.listen(64)  # who is told the address may ask at once
    return listener


def _names(place: Where, port: int) -> list[str]:
    """Return the values of the Host header by which the page may be called."""
    if place.name:
        return [f"{place.name}:{port}", place.name] if not place.proxy else [place.name]
    host = f"[{place.host}]" if ":" in place.host else place.host
    names = [f"{host}:{port}"]
    return [*names, f"localhost:{port}"] if is_loopback(place.host) else names
