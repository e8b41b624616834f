"""The review page on a network: by TLS with a password, or behind an authenticating proxy, only."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
from browsers import chromium
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from review_inputs import propose
from review_servers import API, Client, list_original, serving
from typer.testing import CliRunner

from nescio.cli import app
from nescio.errors import ConfigurationError
from nescio.review.web.access import Proxy
from nescio.review.web.serve import Where

PASSWORD = "correct horse battery"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    return tmp_path / "out"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_a_password_over_tls_opens_the_page(out: Path, certificate: tuple[Path, Path]) -> None:
    where = Where("0.0.0.0", 0, "localhost", *certificate, PASSWORD)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with serving(out, where=where) as address:
        assert address.startswith("https://localhost:") and "token" not in address
        client = Client(address, context)
        assert client.get("/").headers["location"] == "/login"
        page = client.get("/login")
        assert page.status == 200 and b"{{csrf}}" not in page.body and b"csrf" not in page.body
        assert client.get(f"{API}/state").status == 401
        assert client.get("/assets/main.js").status == 401
        wrong = client.post("/login", {"password": "guess"})
        assert wrong.status == 401 and "set-cookie" not in wrong.headers
        for bad in (b"", b"[]", b'{"password": 1}', b"\xff", b"[" * 90_000):
            assert client.post("/login", bad).status == 400
        foreign = client.post("/login", {"password": PASSWORD}, Origin="https://evil.example")
        assert foreign.status == 403
        answer = client.post("/login", {"password": PASSWORD})
        assert answer.status == 200
        assert {"httponly", "secure", "samesite=strict"} <= {
            part.strip().lower() for part in answer.headers["set-cookie"].split(";")
        }
        client.cookie = answer.headers["set-cookie"].split(";")[0]
        client.read_secret()
        client.do(do="verdict", marks=["0.0"], verdict="accepted")
        stranger = Client(address, context)
        tries = [stranger.post("/login", {"password": f"guess {n}"}).status for n in range(11)]
        assert tries[:9] == [401] * 9 and tries[-1] == 429
        assert stranger.post("/login", {"password": PASSWORD}).status == 429
        assert client.get(f"{API}/state").status == 200, "who is in stays in"


def test_a_person_logs_in(out: Path, certificate: tuple[Path, Path]) -> None:
    where = Where("127.0.0.1", 0, "localhost", *certificate, PASSWORD)
    with chromium() as browser, serving(out, where=where) as address:
        tab = browser.new_page(ignore_https_errors=True)  # the certificate is our own
        tab.goto(address)
        tab.keyboard.type("not the password")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#status:has-text('that is not it')")
        tab.fill("#password", PASSWORD)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("tbody a")


def test_plain_http_never_answers_where_tls_is_asked_for(
    out: Path, certificate: tuple[Path, Path]
) -> None:
    where = Where("127.0.0.1", 0, "localhost", *certificate, PASSWORD)
    with serving(out, where=where) as address, pytest.raises(ConnectionError):
        Client(address.replace("https", "http")).get("/login")


def test_only_the_proxy_says_who_asks(out: Path) -> None:
    where = Where(proxy=Proxy("x-remote-user", "10.9.8.7", "alice"))
    with serving(out, where=where) as address:
        assert Client(address).get("/", X_Remote_User="alice").status == 401
        assert Client(address).get("/?token=x", X_Remote_User="alice").status == 401


def test_a_proxy_lets_its_reader_in(out: Path) -> None:
    where = Where(proxy=Proxy("x-remote-user", "127.0.0.1", "alice"))
    with serving(out, where=where) as address:
        client = Client(address)
        asked = {"X_Remote_User": "alice"}
        assert client.get(f"{API}/state").status == 401
        assert client.get(f"{API}/state", X_Remote_User="mallory").status == 401
        assert client.get("/?token=", X_Remote_User="").status == 401
        assert client.get(f"{API}/state", **asked).status == 200
        event = {"do": "verdict", "marks": ["0.0"], "verdict": "accepted"}
        assert client.post(f"{API}/do", event, **asked).status == 403, "the page's secret lacks"
        assert client.post("/login", {"password": ""}, **asked).status in (400, 401)


@pytest.mark.parametrize(
    "where",
    [
        Where("0.0.0.0"),
        Where("192.0.2.1", password=PASSWORD),
        Where("::", certificate=Path("c"), key=Path("k")),
        Where(certificate=Path("c")),
        Where(password=PASSWORD, proxy=Proxy("x", "127.0.0.1", "a")),
        Where("example.org"),
    ],
)
def test_anything_less_is_refused(where: Where) -> None:
    with pytest.raises(ConfigurationError):
        where.check()


@pytest.mark.parametrize(("text", "mode"), [(PASSWORD, 0o644), ("short", 0o600), ("", 0o600)])
def test_a_weak_or_open_password_file_is_refused(
    out: Path, tmp_path: Path, text: str, mode: int
) -> None:
    path = tmp_path / "login"
    path.write_text(text)
    path.chmod(mode)
    result = CliRunner().invoke(app, ["review", str(out), "--login-file", str(path)])
    assert result.exit_code != 0 and "Open this" not in result.output
