"""Serves the review page on one address of this machine until it is stopped."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from nescio.errors import ConfigurationError
from nescio.passwords import Passwords
from nescio.review.web.app import make_app
from nescio.review.web.case import Cases

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Serving:
    """A server that has its port but does not answer yet.

    Attributes:
        address: of the page, with its token: whoever has it can decide and release.
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
    *,
    port: int = 0,
    inbox: Path | None = None,
    passwords: Passwords | None = None,
    settle: tuple[str, ...] = (),
) -> Serving:
    """Take a port for the review of an output folder.

    Args:
        output: local folder of a run's results.
        reader: name of the person at work.
        port: of the loopback address; 0 for any that is free.
        inbox: folder of the originals, if they moved since the run.
        passwords: of encrypted originals.
        settle: two readers, if this one settles what they disagree on.

    Raises:
        ConfigurationError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise ConfigurationError("the port is taken.", "Give another one with --port.") from None
    listener.listen(64)  # who is told the address may ask at once
    number = listener.getsockname()[1]
    known = passwords if passwords is not None else Passwords({})
    guard = make_app(
        lambda: Cases(output, reader, inbox, known, settle),
        (f"{LOOPBACK}:{number}", f"localhost:{number}"),
        f"nescio-{number}",
    )
    config = uvicorn.Config(
        guard,
        log_config=None,  # no access log: the first address holds the token
        access_log=False,
        server_header=False,
        date_header=False,
        h11_max_incomplete_event_size=16 * 1024,
        timeout_graceful_shutdown=2,
        ws="none",
        lifespan="on",
    )
    address = f"http://{LOOPBACK}:{number}/?token={guard.token}"
    return Serving(address, uvicorn.Server(config), listener)
