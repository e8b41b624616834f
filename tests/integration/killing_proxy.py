"""Stands between a run and MinIO: kills the run at a request, or plays a server in trouble."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class KillingProxy(ThreadingHTTPServer):
    """Forwards every request as it is; the object store sees the host that was signed.

    Once the ``count``-th request matches ``pattern`` ("PUT /bucket/key") it is still forwarded,
    but its sender never hears of it: it and its children get SIGKILL, as from the kernel when
    memory is short, or a node that goes away.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.lock = threading.Lock()
        self.pattern: re.Pattern[str] | None = None
        self.left = 0
        self.victim: subprocess.Popen[str] | None = None
        self.troubles: list[tuple[int, str]] = []
        """Answers (HTTP status, S3 code) in place of MinIO's; (0, "") cuts the answer in half."""
        self.garbles = 0
        """Number of bodies of requests that are still to reach MinIO with a byte changed."""
        self.deaf_to = ""
        """A header of requests, in small letters, that the store never hears of."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def run(
        self, command: list[str], environment: dict[str, str], pattern: str = "", count: int = 1
    ) -> tuple[int, str, str]:
        """Run a command, kill it at the request, and return exit code, output and errors."""
        self.pattern, self.left = re.compile(pattern) if pattern else None, count
        self.victim = subprocess.Popen(
            command,
            env=environment | {"NESCIO_S3_ENDPOINT": self.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a process group of its own: the whole tree is killed
        )
        try:
            out, err = self.victim.communicate(timeout=240)
        finally:
            if self.victim.poll() is None:
                os.killpg(self.victim.pid, signal.SIGKILL)
        return self.victim.returncode, out, err

    def strike(self, request: str) -> bool:
        """Say whether this is the request at which the run dies; then kill it."""
        with self.lock:
            if self.pattern is None or not self.pattern.search(request) or self.victim is None:
                return False
            self.left -= 1
            if self.left:
                return False
            self.pattern = None
        os.killpg(self.victim.pid, signal.SIGKILL)
        return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: KillingProxy

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, code = self.server.troubles.pop(0) if self.server.troubles else (-1, "")
        if status > 0:
            self._refuse(status, code)
            return
        connection = http.client.HTTPConnection(self.server.upstream, timeout=30)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() != self.server.deaf_to:
                    connection.putheader(name, value)
            if body and self.server.garbles:
                self.server.garbles -= 1
                body = bytes([body[0] ^ 1]) + body[1:]
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if self.server.strike(f"{self.command} {self.path}"):
            self.close_connection = True
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length", "0") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if status == 0:
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        self.wfile.write(content)

    def _refuse(self, status: int, code: str) -> None:
        content = f"<Error><Code>{code}</Code><Message>trouble</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Bear it when the run that asked is dead."""
        try:
            super().handle()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True


@contextmanager
def killing_proxy(upstream: str) -> Iterator[KillingProxy]:
    """Run the proxy in a thread."""
    with KillingProxy(upstream) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
