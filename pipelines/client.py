"""The Kubeflow Pipelines API through ``kfp.Client``, with failures as lines that say what to do."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import kfp
import kfp_server_api
import urllib3
from kfp.client import KF_PIPELINES_SA_TOKEN_ENV, KF_PIPELINES_SA_TOKEN_PATH
from kfp.client.set_volume_credentials import ServiceAccountTokenVolumeCredentials

from nescio.errors import ConfigurationError, NescioError

REQUEST_SECONDS: Final = 30
ENDPOINT: Final = "KF_PIPELINES_ENDPOINT"


class Connection(NamedTuple):
    """How to reach the API."""

    host: str = ""
    """URL of the API or of the UI in front of it; else the environment's KF_PIPELINES_ENDPOINT."""
    namespace: str = ""
    """Namespace of the user, on a multi-user installation only."""
    token_file: str = ""
    """File with a bearer token; else what KF_PIPELINES_SA_TOKEN_PATH names, if it is there."""
    ca_file: str = ""
    """Certificate authority of the server, where the system does not know it."""


class PipelinesClient(kfp.Client):
    """``kfp.Client`` with time limits for what it asks most, and no tracebacks in its log."""

    def get_kfp_healthz(self, sleep_duration: int = 0) -> Any:
        """Ask once: the original asks five times and logs a traceback for each failure."""
        return self._healthz_api.healthz_service_get_healthz(_request_timeout=REQUEST_SECONDS)

    def run_state(self, run: str) -> str:
        """Return a run's state, the only part of it that is to be trusted (task details freeze)."""
        answer = self._run_api.run_service_get_run(run_id=run, _request_timeout=REQUEST_SECONDS)
        return str(answer.state or "")

    def link(self, kind: str, name: str) -> str:
        """Return the UI's address of a run or a recurring run."""
        return f"{self._get_url_prefix()}/#/{kind}/details/{name}"


def connect(connection: Connection) -> PipelinesClient:
    """Make a client. The token file is read again for every request, so tokens may rotate.

    Raises:
        ConfigurationError: no host is given, or the token file cannot be read.
    """
    host = connection.host or os.environ.get(ENDPOINT, "")
    if not host:
        raise ConfigurationError(
            "no Kubeflow Pipelines host is given.", f"Use --host URL or set {ENDPOINT}."
        )
    if "://" not in host:
        host = f"https://{host}"
    path = connection.token_file or os.environ.get(KF_PIPELINES_SA_TOKEN_ENV, "")
    if not path and Path(KF_PIPELINES_SA_TOKEN_PATH).is_file():
        path = KF_PIPELINES_SA_TOKEN_PATH
    if path and not os.access(path, os.R_OK):
        raise ConfigurationError(
            "the token file cannot be read.",
            f"Check --token-file or {KF_PIPELINES_SA_TOKEN_ENV}.",
        )
    # Each retry would be a line of its own on stderr.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    with quiet(), api_errors():
        return PipelinesClient(
            host=host,
            # "kubeflow" is the client's word for "none given".
            namespace=connection.namespace or "kubeflow",
            credentials=ServiceAccountTokenVolumeCredentials(path) if path else None,
            ssl_ca_cert=connection.ca_file or None,
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what the client prints and warns of; the commands print what matters."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def api_errors() -> Iterator[None]:
    """Turn the client's exceptions into errors of one line."""
    try:
        yield
    except kfp_server_api.ApiException as error:
        raise _refusal(error) from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NescioError(
            f"the Kubeflow Pipelines API does not answer ({type(error).__name__}).",
            "Check the host, its certificate, and that the API server runs.",
        ) from None


def _refusal(error: kfp_server_api.ApiException) -> NescioError:
    said = _message(error.body)
    if error.status in {401, 403}:
        return ConfigurationError(
            f"the Kubeflow Pipelines API refuses these credentials (HTTP {error.status}).",
            "Check --token-file and --namespace.",
        )
    if error.status and 400 <= error.status < 500:
        return ConfigurationError(f"the Kubeflow Pipelines API refuses: {said}")
    return NescioError(
        f"the Kubeflow Pipelines API failed (HTTP {error.status}): {said}",
        "See the log of its ml-pipeline pod.",
    )


def _message(body: Any) -> str:
    """Return the innermost message of an answer: the outer ones repeat it with a trace."""
    try:
        answer = json.loads(body)
        details = answer.get("details") or [{}]
        text = details[0].get("message") or answer.get("message") or answer["error_message"]
    except (TypeError, ValueError, KeyError, AttributeError):
        return "no reason given"
    return str(text).splitlines()[0]


def passing(error: BaseException) -> bool:
    """Say whether a request may succeed if it is made again."""
    if isinstance(error, kfp_server_api.ApiException):
        return not error.status or error.status == 429 or error.status >= 500
    return isinstance(error, urllib3.exceptions.HTTPError | OSError)
