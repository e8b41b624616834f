"""A hostile document cannot take the run down: hang, crash and hunger end in quarantine."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from nescio.errors import DocumentError, QuarantinedError, RefusedError
from nescio.isolation import Limits, beside, run_isolated, spent
from nescio.profiling import FOLDER_VARIABLE

ROOMY = Limits(seconds=60, megabytes=512)


def double(number: int) -> int:
    return 2 * number


def process_id() -> int:
    return os.getpid()


def refuse() -> None:
    raise RefusedError("it is encrypted.", "Give its password.", "d-1", "encrypted")


def quote_the_document() -> None:
    raise ValueError("Jane Doe")


def count_up() -> int:
    return sum(range(3_000_000))


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


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


def start_a_process_that_hangs() -> int:
    with beside(hang):
        time.sleep(600)
    return 0


def test_what_a_worker_used_is_counted() -> None:
    before = spent.cpu_seconds
    run_isolated(ROOMY, count_up)
    assert spent.cpu_seconds - before > 0.01 and spent.peak_bytes > 2**20


def test_a_profiled_run_does_the_work_where_it_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, "somewhere")
    assert run_isolated(ROOMY, process_id) == os.getpid()


def test_work_beside_gives_its_result_or_its_error_and_ends_with_what_started_it() -> None:
    with beside(lambda: os.getpid()) as result:
        assert result() != os.getpid()
    with beside(refuse) as result, pytest.raises(RefusedError):
        result()
    for function in (end, quote_the_document):
        with beside(function) as result, pytest.raises(QuarantinedError) as caught:
            result()
        assert "Jane" not in str(caught.value) and caught.value.reason == "crashed"
    start = time.monotonic()
    with beside(hang):
        pass  # nobody asked for the result
    assert time.monotonic() - start < 60


def test_a_worker_that_is_ended_takes_its_own_children_with_it() -> None:
    before = running_here()
    with pytest.raises(QuarantinedError):
        run_isolated(Limits(seconds=3, megabytes=512), start_a_process_that_hangs)
    time.sleep(0.5)
    assert len(running_here()) <= len(before)


def running_here() -> set[str]:
    """Return the processes that are copies of the server from which workers are forked.

    Those of tests that run beside this one, in another worker of xdist, do not count.
    """
    name = "PYTEST_XDIST_WORKER"
    own = f"{name}={os.environ[name]}".encode() if name in os.environ else b""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
            status = path.with_name("status").read_text()
            environment = path.with_name("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if own and own not in environment:
            continue
        if b"forkserver" in line and "State:\tZ" not in status and sys.prefix.encode() in line:
            found.add(path.parent.name)
    return found
