"""Review servers on small proposals, and a client that speaks to them as the page does."""

from __future__ import annotations

import csv
import http.client
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from review_inputs import DOC

from nescio.review.confidential import Confidential
from nescio.review.web.serve import Where, prepare

API = f"/api/d/{DOC}"

PATIENCE: Final = 280
"""Seconds that a client waits for one answer: the machine may be busy with other tests."""


def list_original(out: Path, pdf: Path) -> None:
    """Write private/documents.csv, as a run does."""
    with (out / "private" / "documents.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "id", "outcome", "reason", "released_as"])
        writer.writerow([pdf.resolve(), DOC, "proposed", "", ""])


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks a review server, byte for byte what it is told to ask."""

    def __init__(self, address: str, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(address)
        self.host, self.scheme = parts.netloc, parts.scheme
        self.token = parse_qs(parts.query).get("token", [""])[0]
        self.cookie = self.csrf = ""
        self.context = context

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        if self.scheme == "https" and self.context:
            connection = http.client.HTTPSConnection(
                self.host, timeout=PATIENCE, context=self.context
            )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        connection.request(method, path, body=body, headers=sent)
        reply = connection.getresponse()
        answer = Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        connection.close()
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        own = {
            "Origin": f"{self.scheme}://{self.host}",
            "X_Nescio_Csrf": self.csrf,
            "Content_Type": "application/json",
        }
        body = value if isinstance(value, str | bytes) else json.dumps(value)
        return self.ask("POST", path, body, **(own | headers))

    def log_in(self) -> Client:
        answer = self.get(f"/?token={self.token}")
        assert answer.status == 303, answer.body
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        return self.read_secret()

    def read_secret(self) -> Client:
        page = self.get("/").body.decode()
        found = re.search(r'name="csrf" content="([^"]+)"', page)
        assert found
        self.csrf = found[1]
        return self

    def state(self) -> Any:
        answer = self.get(f"{API}/state")
        assert answer.status == 200, answer.body
        return answer.json

    def do(self, **event: Any) -> Any:
        answer = self.post(f"{API}/do", event)
        assert answer.status == 200, answer.body
        return answer.json


@contextmanager
def serving(
    out: Path | str,
    reader: str = "alice",
    settle: tuple[str, ...] = (),
    where: Where | None = None,
    inbox: str = "",
    confidential: tuple[Confidential, ...] = (),
) -> Iterator[str]:
    """Serve an output folder from a thread; yields the address with the token."""
    server = prepare(str(out), reader, where, settle=settle, inbox=inbox, confidential=confidential)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
