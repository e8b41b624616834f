"""A hostile document cannot take the run down: hang, crash and hunger end in quarantine."""

from __future__ import annotations

import os
import signal
import time

import pytest

from nescio.errors import DocumentError, QuarantinedError, RefusedError
from nescio.isolation import Limits, run_isolated

ROOMY = Limits(seconds=60, megabytes=512)


def double(number: int) -> int:
    return 2 * number


def process_id() -> int:
    return os.getpid()


def refuse() -> None:
    raise RefusedError("it is encrypted.", "Give its password.", "d-1", "encrypted")


def quote_the_document() -> None:
    raise ValueError("Jane Doe")


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang() -> None:
    time.sleep(600)


def eat() -> int:
    return len(bytearray(2**31))


def test_the_result_comes_back_from_another_process() -> None:
    assert run_isolated(ROOMY, double, 21) == 42
    assert run_isolated(ROOMY, process_id) != os.getpid()


def test_a_refusal_comes_back_whole() -> None:
    with pytest.raises(RefusedError) as caught:
        run_isolated(ROOMY, refuse)
    assert (caught.value.reason, caught.value.document) == ("encrypted", "d-1")


@pytest.mark.parametrize(
    ("function", "reason"),
    [(crash, "crashed"), (eat, "too_large"), (quote_the_document, "crashed")],
)
def test_what_goes_wrong_in_the_worker_becomes_quarantine(function: object, reason: str) -> None:
    with pytest.raises(QuarantinedError) as caught:
        run_isolated(ROOMY, function)  # type: ignore[arg-type]
    assert caught.value.reason == reason


def test_an_unexpected_error_does_not_quote_the_document() -> None:
    with pytest.raises(DocumentError) as caught:
        run_isolated(ROOMY, quote_the_document)
    assert "Jane" not in str(caught.value)


def test_a_hang_ends_after_its_time() -> None:
    run_isolated(ROOMY, double, 1)
    start = time.monotonic()
    with pytest.raises(QuarantinedError) as caught:
        run_isolated(Limits(seconds=0.5, megabytes=512), hang)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - start < 10
