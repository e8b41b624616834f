"""The last word, sent to real servers on this machine: HTTP by http.server, SMTP by aiosmtpd."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from conftest import CommandLine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from integration.conftest import free_port
from nescio import notices
from nescio.errors import ConfigurationError, NescioError
from nescio.steps import notify
from nescio.store import open_store

SECRET = "a secret of the receiver"
MESSAGE = {"text": "run r1 done: 2 released", "run": "r1", "outcomes": {"released": 2}}


@dataclass
class Receiver:
    """A receiver of webhooks: what it got, and what it answers."""

    answers: list[int] = field(default_factory=lambda: [204])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.got.append((dict(self.headers.items()), body))
            status = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            self.send_response(status)
            self.send_header("Location", f"{state.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    monkeypatch.setenv("NESCIO_NOTIFY_SECRET", SECRET)
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


class Mailbox:
    """A handler of aiosmtpd: takes mail, after refusing some first."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refusals: list[str] = []
        self.unknown: set[str] = set()

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setenv("NESCIO_SMTP_HOST", f"127.0.0.1:{controller.port}")
    monkeypatch.setenv("NESCIO_SMTP_TLS", "none")
    yield box
    controller.stop()


def test_a_webhook_is_json_that_its_receiver_can_verify(receiver: Receiver) -> None:
    notices.send(receiver.url, MESSAGE)
    ((headers, body),) = receiver.got
    assert json.loads(body) == MESSAGE
    signed = headers["X-Nescio-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Nescio-Signature"] == f"sha256={expected}"
    assert SECRET not in str(receiver.got)


def test_the_signature_covers_body_time_and_secret() -> None:
    base = notices.signature(b"k", "1", b"body")
    assert base != notices.signature(b"other", "1", b"body")
    assert base != notices.signature(b"k", "2", b"body")
    assert base != notices.signature(b"k", "1", b"bodY")


def test_the_secret_may_stand_in_a_file(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("NESCIO_NOTIFY_SECRET_FILE", str(tmp_path / "secret"))
    notices.send(receiver.url, MESSAGE)
    ((headers, body),) = receiver.got
    expected = notices.signature(b"from a file", headers["X-Nescio-Timestamp"], body)
    assert headers["X-Nescio-Signature"] == expected


def test_a_passing_fault_is_tried_again(receiver: Receiver) -> None:
    receiver.answers = [503, 429, 204]
    notices.send(receiver.url, MESSAGE, first_wait=0.01)
    assert len(receiver.got) == 3


def test_five_attempts_are_made_and_then_it_fails(receiver: Receiver) -> None:
    receiver.answers = [500]
    with pytest.raises(NescioError, match=r"could not be delivered \(HTTP 500\)"):
        notices.send(receiver.url, MESSAGE, first_wait=0.01)
    assert len(receiver.got) == 5


@pytest.mark.parametrize("status", [302, 401, 404])
def test_a_refusal_is_not_tried_again_and_no_redirect_is_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    with pytest.raises(NescioError, match=f"HTTP {status}"):
        notices.send(receiver.url, MESSAGE, first_wait=0.01)
    assert len(receiver.got) == 1


def test_nobody_listening_is_said_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NESCIO_NOTIFY_SECRET", SECRET)
    with pytest.raises(NescioError, match="could not be delivered") as caught:
        notices.send(f"http://127.0.0.1:{free_port()}/token-in-path", MESSAGE, first_wait=0.01)
    assert "token-in-path" not in str(caught.value)


def test_a_webhook_without_a_secret_is_not_sent(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NESCIO_NOTIFY_SECRET")
    with pytest.raises(ConfigurationError, match="always signed"):
        notices.send(receiver.url, MESSAGE)
    assert not receiver.got


@pytest.mark.parametrize("target", ["ftp://host/x", "mailto:nobody", "https://", "someone"])
def test_a_target_that_is_not_understood_is_refused(target: str) -> None:
    with pytest.raises(ConfigurationError, match="not understood"):
        notices.send(target, MESSAGE)


def test_mail_reaches_everybody_named(mailbox: Mailbox) -> None:
    notices.send("mailto:one@example.org,two%2Bx@example.org", MESSAGE)
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == ["one@example.org", "two+x@example.org"]
    mail = message_from_bytes(envelope.content)
    assert mail["Subject"] == "Nescio: run r1 done: 2 released"
    assert "released: 2" in mail.get_payload()


def test_greylisted_mail_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.refusals = ["450 come back later", "450 come back later"]
    notices.send("mailto:one@example.org", MESSAGE, first_wait=0.01)
    assert len(mailbox.mails) == 1


def test_refused_addresses_are_reported(mailbox: Mailbox) -> None:
    mailbox.unknown = {"two@example.org"}
    with pytest.raises(NescioError, match="1 addresses refused"):
        notices.send("mailto:one@example.org,two@example.org", MESSAGE, first_wait=0.01)
    with pytest.raises(NescioError, match="SMTP 550"):
        notices.send("mailto:two@example.org", MESSAGE, first_wait=0.01)


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


def test_mail_goes_by_starttls_and_login_and_only_to_a_server_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, private = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    seen: list[Any] = []

    def authenticator(server: Any, session: Any, envelope: Any, way: str, data: Any) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"mail password", handled=False)

    box = Mailbox()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=authenticator,
        auth_required=True,
    )
    controller.start()
    monkeypatch.setenv("NESCIO_SMTP_HOST", f"127.0.0.1:{controller.port}")
    monkeypatch.delenv("NESCIO_SMTP_TLS", raising=False)
    monkeypatch.setenv("NESCIO_SMTP_USER", "nescio")
    monkeypatch.setenv("NESCIO_SMTP_PASSWORD", "mail password")
    try:
        with pytest.raises(NescioError, match="SSLCertVerificationError"):
            notices.send("mailto:one@example.org", MESSAGE, first_wait=0.01)
        assert not seen
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        notices.send("mailto:one@example.org", MESSAGE, first_wait=0.01)
        assert len(box.mails) == 1 and len(seen) == 1
        monkeypatch.setenv("NESCIO_SMTP_PASSWORD", "wrong")
        with pytest.raises(NescioError, match="SMTP 535"):
            notices.send("mailto:one@example.org", MESSAGE, first_wait=0.01)
    finally:
        controller.stop()


def write_run(outbox: Path, status: str = "succeeded") -> None:
    """Write a run's folder as the steps do, with names where names may stand."""
    store = open_store(str(outbox))
    store.write("private/documents.csv", b"path,id\nward/zubrowska.pdf,d-secret-id\n")
    document = {"id": "d-secret-id", "outcome": "quarantined", "reason": "x", "remedy": "y"}
    manifest = {"run": "r1", "outcomes": {"released": 1, "quarantined": 1}}
    if status == "succeeded":
        text = json.dumps(manifest | {"documents": [document]})
        store.write("private/runs/r1/manifest.json", text.encode())
    record = {"step": "extract", "status": status, "started": 1.0, "error": "ValueError at x.py:1"}
    store.write("private/runs/r1/steps/extract.json", json.dumps(record).encode())


def test_a_runs_message_holds_counts_and_no_document(tmp_path: Path, receiver: Receiver) -> None:
    write_run(tmp_path)
    notify.run(str(tmp_path), "r1", "COMPLETE", receiver.url)
    ((_, body),) = receiver.got
    said = json.loads(body)
    assert said.pop("version")
    assert said == {
        "event": "run_finished",
        "run": "r1",
        "succeeded": True,
        "state": "COMPLETE",
        "outcomes": {"released": 1, "quarantined": 1},
        "text": "run r1 done: 1 released, 1 quarantined",
    }
    assert b"zubrowska" not in body and b"d-secret-id" not in body


@pytest.mark.parametrize(
    ("status", "state"), [("failed", "FAILED"), ("failed", "COMPLETE"), ("succeeded", "RUNNING")]
)
def test_a_run_that_did_not_prove_success_is_announced_as_failed(
    tmp_path: Path, receiver: Receiver, status: str, state: str
) -> None:
    write_run(tmp_path, status)
    notify.run(str(tmp_path), "r1", state, receiver.url)
    said = json.loads(receiver.got[0][1])
    assert said["succeeded"] is False and said["outcomes"] == {}
    assert ("ValueError at x.py:1" in said["text"]) == (status == "failed")


def test_an_outbox_that_does_not_answer_is_announced(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nescio.s3.ATTEMPTS", 1)
    monkeypatch.setenv("NESCIO_S3_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(NescioError, match="does not answer"):  # it cannot write its own record
        notify.run("s3://bucket", "r1", "FAILED", receiver.url)
    assert "object store does not answer" in json.loads(receiver.got[0][1])["text"]


def test_a_message_that_cannot_be_delivered_fails_the_task_in_one_line(
    tmp_path: Path, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path)
    receiver.answers = [403]
    with pytest.raises(SystemExit) as end:
        notify.run(str(tmp_path), "r1", "COMPLETE", receiver.url)
    said = capfd.readouterr()
    assert end.value.code == 1
    assert said.out == "run r1 done: 1 released, 1 quarantined\n"
    assert said.err.count("\n") == 1 and "HTTP 403" in said.err and receiver.url not in said.err
    record = json.loads((tmp_path / "private/runs/r1/steps/notify.json").read_text())
    assert record["status"] == "failed"


def test_without_a_target_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    write_run(tmp_path)
    line = notify.run(str(tmp_path), "r1", "SUCCEEDED")
    assert line == "run r1 done: 1 released, 1 quarantined"


def ended_hours_ago(outbox: Path, run: str, hours: float) -> None:
    """Write the manifest of a run that ended then."""
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)
    manifest = {"run": run, "finished": then.strftime("%Y-%m-%dT%H:%M:%SZ")}
    data = json.dumps(manifest | {"outcomes": {"released": 3}}).encode()
    open_store(str(outbox)).write(f"private/runs/{run}/manifest.json", data)


def test_a_watch_is_content_if_a_run_ended_lately(
    nescio: CommandLine, receiver: Receiver, tmp_path: Path
) -> None:
    ended_hours_ago(tmp_path, "zz-old", 50)
    ended_hours_ago(tmp_path, "new", 5)
    code, out, _ = nescio("watch", str(tmp_path), "--notify", receiver.url)
    assert code == 0 and "Run new ended" in out and "3 released" in out
    assert not receiver.got


@pytest.mark.parametrize(
    ("hours", "says"), [(27.0, "no run has ended well for 27 hours"), (None, "no run has ever")]
)
def test_a_watch_tells_of_a_night_without_a_manifest(
    nescio: CommandLine, receiver: Receiver, tmp_path: Path, hours: float | None, says: str
) -> None:
    if hours:
        ended_hours_ago(tmp_path, "last", hours)
    code, _, err = nescio("watch", str(tmp_path), "--within", "26", "--notify", receiver.url)
    assert code == 5 and says in " ".join(err.split())
    ((_, body),) = receiver.got
    said = json.loads(body)
    assert said["event"] == "run_missing" and not said["succeeded"] and says in said["text"]


def test_a_watch_tells_of_an_outbox_that_does_not_answer(
    nescio: CommandLine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NESCIO_S3_ENDPOINT", raising=False)
    code, _, _ = nescio("watch", "s3://nowhere", "--notify", receiver.url)
    assert code == 5
    assert "cannot be looked at" in json.loads(receiver.got[0][1])["text"]
