"""Sends a run's closing message: by webhook, signed, or by e-mail; again after a passing fault."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import smtplib
import ssl
import time
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import urllib3
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from nescio.errors import ConfigurationError, NescioError

ATTEMPTS: Final = 5
FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 60.0
TIMEOUT_SECONDS: Final = 30.0
SMTP_PORT: Final = 587
SIGNATURE: Final = "X-Nescio-Signature"
TIMESTAMP: Final = "X-Nescio-Timestamp"
PASSING_STATUS: Final = {408, 425, 429}


class _Refused(Exception):
    """The other side refuses; ``passing`` says whether it may accept later."""

    def __init__(self, reason: str, passing: bool) -> None:
        self.reason = reason
        self.passing = passing
        super().__init__(reason)


def check_target(target: str) -> str:
    """Return the target's scheme; empty if nobody is to be told.

    Raises:
        ConfigurationError: it is neither https://, http:// nor mailto:, or names nobody.
    """
    parts = urlsplit(target)
    if not target:
        return ""
    if parts.scheme in {"http", "https"} and parts.hostname:
        return parts.scheme
    if parts.scheme == "mailto" and all("@" in address for address in _addresses(target)):
        return parts.scheme
    raise ConfigurationError(
        "the parameter notify is not understood.",
        "Use https://host/path or mailto:someone@example.org; empty tells nobody.",
    )


def send(target: str, message: Mapping[str, Any], first_wait: float = FIRST_WAIT_SECONDS) -> None:
    """Send a message without PHI to the target.

    Args:
        target: ``https://…`` or ``http://…`` (POST of JSON, signed), ``mailto:a@b,c@d``, or empty.
        message: what is said; ``text`` is one line for people.
        first_wait: seconds before the second attempt; later ones wait longer.

    Raises:
        ConfigurationError: the target, the secret or the mail server is not configured.
        NescioError: it was refused, or could not be delivered in five attempts.
    """
    scheme = check_target(target)
    if not scheme:
        return
    deliver = _mailer(target, message) if scheme == "mailto" else _webhook(target, message)
    try:
        Retrying(
            retry=retry_if_exception(_passing),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(
                multiplier=first_wait, max=LONGEST_WAIT_SECONDS, jitter=first_wait
            ),
            reraise=True,
        )(deliver)
    except (_Refused, OSError, urllib3.exceptions.HTTPError) as error:
        # The text of an error could repeat the address, and an address can be a secret.
        reason = error.reason if isinstance(error, _Refused) else type(error).__name__
        raise NescioError(
            f"the notification could not be delivered ({reason}).",
            "The documents are not touched by this: see the run's manifest in the outbox.",
        ) from None


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return ``sha256=`` and the HMAC-SHA256 (RFC 2104) of ``timestamp.body`` in hexadecimal.

    A receiver computes it again over the bytes that it got, compares in constant time, and refuses
    a timestamp that is minutes old, so that a message cannot be replayed.
    """
    digest = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def _passing(error: BaseException) -> bool:
    if isinstance(error, _Refused):
        return error.passing
    if isinstance(error, ssl.SSLCertVerificationError):
        return False
    return isinstance(error, OSError | urllib3.exceptions.HTTPError)


def _secret(name: str) -> str:
    """Return a secret from the file that ``NAME_FILE`` names, else from the variable ``NAME``."""
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        raise ConfigurationError(f"the file that {name}_FILE names cannot be read.") from None


def _webhook(target: str, message: Mapping[str, Any]) -> Any:
    secret = _secret("NESCIO_NOTIFY_SECRET")
    if not secret:
        raise ConfigurationError(
            "a webhook is always signed, and there is no secret.",
            "Set NESCIO_NOTIFY_SECRET_FILE or NESCIO_NOTIFY_SECRET.",
        )
    body = json.dumps(message, sort_keys=True).encode()
    pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)

    def deliver() -> None:
        now = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "nescio",
            TIMESTAMP: now,
            SIGNATURE: signature(secret.encode(), now, body),
        }
        # A redirect is not followed: it would carry the message to a host that nobody named.
        answer = pool.request("POST", target, body=body, headers=headers, redirect=False)
        if not 200 <= answer.status < 300:
            passing = answer.status in PASSING_STATUS or answer.status >= 500
            raise _Refused(f"HTTP {answer.status}", passing)

    return deliver


def _addresses(target: str) -> list[str]:
    return [unquote(address).strip() for address in urlsplit(target).path.split(",")]


def _mailer(target: str, message: Mapping[str, Any]) -> Any:
    host, _, port = os.environ.get("NESCIO_SMTP_HOST", "").partition(":")
    if not host:
        raise ConfigurationError(
            "no mail server is configured.", "Set NESCIO_SMTP_HOST, for example mail:587."
        )
    security = os.environ.get("NESCIO_SMTP_TLS", "starttls")
    if security not in {"starttls", "tls", "none"}:
        raise ConfigurationError("NESCIO_SMTP_TLS must be starttls, tls or none.")
    user, password = os.environ.get("NESCIO_SMTP_USER", ""), _secret("NESCIO_SMTP_PASSWORD")
    mail = _mail(_addresses(target), message)

    def deliver() -> None:
        trust = ssl.create_default_context()
        number = int(port or SMTP_PORT)
        connection = (
            smtplib.SMTP_SSL(host, number, timeout=TIMEOUT_SECONDS, context=trust)
            if security == "tls"
            else smtplib.SMTP(host, number, timeout=TIMEOUT_SECONDS)
        )
        try:
            with connection:
                if security == "starttls":
                    connection.starttls(context=trust)
                if user:
                    connection.login(user, password)
                refused = connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise _all_refused(error) from None
        except smtplib.SMTPResponseException as error:
            raise _Refused(f"SMTP {error.smtp_code}", 400 <= error.smtp_code < 500) from None
        except smtplib.SMTPNotSupportedError:
            raise _Refused("the mail server offers no STARTTLS or no login", False) from None
        if refused:
            raise _Refused(f"{len(refused)} addresses refused, others accepted", False)

    return deliver


def _all_refused(error: smtplib.SMTPRecipientsRefused) -> _Refused:
    codes = sorted({code for code, _ in error.recipients.values()})
    return _Refused(f"SMTP {codes[-1]}", codes[-1] < 500)


def _mail(addresses: list[str], message: Mapping[str, Any]) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = f"Nescio: {message['text']}"[:200]
    mail["From"] = os.environ.get("NESCIO_SMTP_FROM", "nescio@localhost")
    mail["To"] = ", ".join(addresses)
    # One identifier for all attempts: a server that got the first one may drop the second.
    mail["Message-ID"] = make_msgid(domain="nescio")
    lines = [str(message["text"]), ""]
    lines += [f"{name}: {value}" for name, value in message["outcomes"].items()]
    lines += ["", "This message holds no patient data. Report and results are in the outbox."]
    mail.set_content("\n".join(lines))
    return mail
