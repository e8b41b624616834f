"""What every request passes before it is answered: who asks, from where, and how much."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nescio.review.web.access import Access

LOG_IN: Final = "/login"
OPEN: Final = frozenset({LOG_IN, "/assets/review.css", "/assets/login.js", "/favicon.ico"})
"""What is shown before the password: nothing of a document, and not the page's secret."""

LARGEST: Final = 256 * 1024
"""Bytes of a request's body."""

LONGEST: Final = 2048
"""Bytes of a request's path and query."""

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}


class Guard:
    """Lets through only requests of a person who has access, made by the page itself.

    The token comes once in the address (``/?token=…``), the password once in a request of the
    log-in page; either is exchanged for a cookie that scripts cannot read. What changes
    something must carry the page's own header, too, and come from the page's own origin.
    """

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str], cookie: str, access: Access, secure: bool
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._cookie = cookie
        self._access = access
        self._scheme = "https" if secure else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            return

        started = False

        async def sealed(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._refusal(scope)
        if answer is None and scope["method"] == "POST":
            body = await _read(receive)
            if body is None:
                answer = _error(413, "too much at once")
            elif scope["path"] == LOG_IN:
                answer = self._check_password(body)
            else:
                receive = _replay(body)
        try:
            await (answer or self._app)(scope, receive, sealed)
        except Exception as error:  # a traceback in the terminal could quote a document
            if os.environ.get("NESCIO_DEBUG"):
                raise
            if not started:
                sorry = _error(500, f"internal error ({type(error).__name__})")
                await sorry(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        raw = scope.get("raw_path") or scope["path"].encode()
        if len(raw) + len(scope["query_string"]) > LONGEST:
            return _error(414, "the address is too long")
        if b"%" in raw or b"\\" in raw or b".." in raw or b"//" in raw or b"\0" in raw:
            return _error(400, "no such address")
        if headers.get("host", "") not in self._hosts:  # a foreign name that points here
            return _error(421, "this server does not go by that name")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _error(405, "not allowed")
        if scope["path"] == LOG_IN and scope["method"] == "POST":
            return self._check_origin(headers)
        if not self._known(scope, headers):
            return self._log_in(scope)
        if scope["method"] == "POST":
            return self._check_change(headers)
        return None

    def _known(self, scope: Scope, headers: Headers) -> bool:
        if self._access.header:
            client = scope.get("client") or ("", 0)
            users = headers.getlist(self._access.header)
            return len(users) == 1 and self._access.trusts(client[0], users[0])
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return self._cookie in cookies and self._access.knows(cookies[self._cookie].value)

    def _log_in(self, scope: Scope) -> Response | None:
        if self._access.header:
            return _error(401, "this page is reached through its proxy only")
        if self._access.by_password:
            if scope["path"] in OPEN and scope["method"] == "GET":
                return None
            return RedirectResponse(LOG_IN, 303) if scope["path"] == "/" else _error(401, "log in")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] != "/" or not given:
            return _error(401, "open the address that `nescio review` printed")
        return self._begin(given, RedirectResponse("/", 303))

    def _check_password(self, body: bytes) -> Response:
        try:
            given = parse(body)
        except ValueError:
            given = None
        password = given.get("password") if isinstance(given, dict) else None
        if not self._access.by_password or not isinstance(password, str):
            return _error(400, "not a password")
        return self._begin(password, JSONResponse({}))

    def _begin(self, given: str, answer: Response) -> Response:
        if self._access.is_shut():
            return _error(429, "too many wrong tries: wait a minute")
        session = self._access.begin(given)
        if session is None:
            return _error(401, "that is not it")
        answer.set_cookie(
            self._cookie,
            session,
            httponly=True,
            samesite="strict",
            secure=self._scheme == "https",
        )
        return answer

    def _check_origin(self, headers: Headers) -> Response | None:
        if headers.get("origin", "") != f"{self._scheme}://{headers['host']}":
            return _error(403, "the request comes from another page")
        if headers.get("content-type", "").split(";")[0] != "application/json":
            return _error(415, "JSON only")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return _error(413, "too much at once")
        return None

    def _check_change(self, headers: Headers) -> Response | None:
        refusal = self._check_origin(headers)
        if refusal is not None:
            return refusal
        given = headers.get("x-nescio-csrf", "")
        if not secrets.compare_digest(given.encode(), self._access.csrf.encode()):
            return _error(403, "the page is out of date: load it again")
        return None


async def _read(receive: Receive) -> bytes | None:
    """Return the body, or None if there is more of it than may be."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _error(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status)


def parse(body: bytes) -> object:
    """Return what a JSON body says.

    Raises:
        ValueError: it is no JSON, or is nested too deeply.
    """
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
