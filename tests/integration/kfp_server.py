"""A small API server that answers as a real one did: see the recordings in ``kfp_api``.

They were made with curl against api-server 2.17.0 on Kubernetes 1.34; each file holds one request
and its answer. Only health and the making of an experiment were not recorded: their answers follow
the client's own models.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDINGS = Path(__file__).parent / "kfp_api"
BASE = "/apis/v2beta1"


def recorded(name: str) -> dict[str, Any]:
    """Return one recorded exchange: method, path, request, status, response."""
    return dict(json.loads((RECORDINGS / f"{name}.json").read_text()))


Answer = tuple[int, dict[str, Any]]


def replay(name: str, **changes: Any) -> Answer:
    """Return a recorded answer, with what belongs to this run put in its place."""
    exchange = recorded(name)
    return int(exchange["status"]), exchange["response"] | changes


@dataclass
class Cluster:
    """What the server knows, and what it was asked."""

    token: str = ""
    states: list[str] = field(default_factory=lambda: ["SUCCEEDED"])
    """States that a run goes through, one a question; the last one stays."""
    failures: int = 0
    """Number of questions for a run that are answered with 503 first."""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    recurring: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, target: str, body: Any) -> Answer:
        """Follow one request."""
        path = urlsplit(target).path.removeprefix(BASE).strip("/").split("/")
        match method, path:
            case "GET", ["healthz"]:
                return 200, {"multi_user": False}
            case "GET", ["experiments"]:
                return self._experiments(target)
            case "POST", ["experiments"]:
                return 200, body | {"experiment_id": f"id-of-{body['display_name']}"}
            case "POST", ["runs"]:
                return self._start(body)
            case "GET", ["runs", run]:
                return self._run(run)
            case "POST", ["recurringruns"]:
                return self._schedule(body)
            case "GET", ["recurringruns"]:
                return self._page(target)
            case _, ["recurringruns", name]:
                return self._change(method, *name.partition(":")[::2])
        raise AssertionError(f"not recorded: {method} {target}")

    def _experiments(self, target: str) -> Answer:
        status, answer = replay("list_experiments")
        wanted = json.loads(parse_qs(urlsplit(target).query)["filter"][0])["predicates"][0]
        assert wanted["key"] == "display_name" and wanted["operation"] in (1, "EQUALS")
        found = [x for x in answer["experiments"] if x["display_name"] == wanted["stringValue"]]
        return status, {"experiments": found, "total_size": len(found)} if found else {}

    def _start(self, body: dict[str, Any]) -> Answer:
        inputs = body["pipeline_spec"]["pipeline_spec"] if "pipeline_spec" in body[
            "pipeline_spec"
        ] else body["pipeline_spec"]  # fmt: skip
        known = inputs["root"]["inputDefinitions"]["parameters"]
        if set(body["runtime_config"].get("parameters", {})) - set(known):
            return replay("create_run_unknown_parameter")
        run = str(uuid.uuid4())
        self.runs[run] = body
        return replay("create_run_with_spec", run_id=run, display_name=body["display_name"])

    def _run(self, run: str) -> Answer:
        if run not in self.runs:
            return replay("get_run_notfound")
        if self.failures:
            self.failures -= 1
            return 503, {"code": 14, "message": "upstream connect error"}
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        name = "get_run_p1_succeeded" if state == "SUCCEEDED" else "get_run_terminated"
        return replay(name, run_id=run, state=state)

    def _schedule(self, body: dict[str, Any]) -> Answer:
        if len(body["trigger"]["cron_schedule"]["cron"].split()) not in (5, 6):
            return replay("create_recurring_run_bogus_cron")
        identity = str(uuid.uuid4())
        status = "ENABLED" if body["mode"] == "ENABLE" else "DISABLED"
        told = {name: body[name] for name in ("display_name", "max_concurrency", "no_catchup")}
        told |= {"trigger": body["trigger"], "mode": body["mode"], "status": status}
        code, answer = replay("create_recurring_run", recurring_run_id=identity, **told)
        self.recurring[identity] = answer
        return code, answer

    def _page(self, target: str) -> Answer:
        """Answer one schedule a page, so that whoever reads the first page alone is found out."""
        query = parse_qs(urlsplit(target).query)
        start = int(query.get("page_token", ["0"])[0] or 0)
        items = list(self.recurring.values())
        status, answer = replay("list_recurring_runs")
        answer |= {"recurringRuns": items[start : start + 1], "total_size": len(items)}
        if start + 1 < len(items):
            answer["next_page_token"] = str(start + 1)
        return status, answer if items else {}

    def _change(self, method: str, identity: str, verb: str) -> Answer:
        if identity not in self.recurring:
            return replay("get_recurring_run_deleted")
        if method == "DELETE":
            del self.recurring[identity]
            return replay("delete_recurring_run")
        self.recurring[identity]["status"] = f"{verb.upper()}D"
        return replay(f"{verb}_recurring_run")


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            cluster.tokens.append(token)
            cluster.requests.append((self.command, self.path, body))
            status, answer = 401, {"code": 16, "message": "Request header error: no user identity"}
            if not cluster.token or token == cluster.token:
                status, answer = deepcopy(cluster.answer(self.command, self.path, body))
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    """Serve the cluster on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cluster))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    cluster.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield cluster
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
