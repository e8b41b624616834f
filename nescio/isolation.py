"""Runs work on one document in a child process with limits, so that no document stops a run."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, ParamSpec, TypeVar

from nescio.errors import DocumentError, QuarantinedError

P = ParamSpec("P")
T = TypeVar("T")

PRELOAD: Final = ("nescio.extract", "nescio.redact", "nescio.undecided")
"""Imported once by the server that children are forked from: a child then starts in 20 ms."""

MEGABYTE: Final = 2**20


@dataclass(frozen=True)
class Limits:
    """What one document may use.

    Attributes:
        seconds: wall time.
        megabytes: address space on top of what the interpreter and its libraries take.
    """

    seconds: float
    megabytes: int

    @classmethod
    def for_pages(cls, pages: int) -> Limits:
        """Return limits that a well-formed document of this length stays far below."""
        return cls(seconds=120 + 2.0 * pages, megabytes=2048 + pages // 4)


def run_isolated(limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call ``function`` in a child process and return its result.

    Args:
        limits: what the child may use.
        function: a function of a module (it is pickled by name); so are arguments and result.
        args: its arguments.
        kwargs: its keyword arguments.

    Raises:
        DocumentError: what the function itself raised, unchanged.
        QuarantinedError: ``timeout``, ``too_large`` (out of memory), or ``crashed`` (any other
            exception, a signal, an exit).
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOAD))
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
        target=_child, args=(theirs, limits, function, args, kwargs), daemon=True
    )
    child.start()
    theirs.close()
    try:
        if not ours.poll(limits.seconds):
            raise QuarantinedError(
                f"it was not done after {limits.seconds:.0f} s.",
                "Split the document, or print it to a new PDF.",
                reason="timeout",
            )
        outcome, value = ours.recv()
    except (EOFError, OSError):
        child.join()
        raise _crash(f"the worker ended with {_end_of(child.exitcode)}.") from None
    finally:
        if child.is_alive():
            child.kill()
        child.join()
        ours.close()
    if outcome == "result":
        result: T = value
        return result
    if outcome == "memory":
        raise QuarantinedError(
            f"it needs more than {limits.megabytes} MB of memory.",
            "Split the document.",
            reason="too_large",
        )
    if isinstance(value, DocumentError):
        raise value
    raise _crash(f"the worker stopped with {value}.")


def _child(
    connection: Connection,
    limits: Limits,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    """Apply the limits, call the function, and send what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked, and ends its children
    if sys.platform == "linux":  # elsewhere the limit does not work as meant; time still holds
        soft = _address_space() + limits.megabytes * MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (soft, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the document
    try:
        outcome: tuple[str, Any] = ("result", function(*args, **kwargs))
    except DocumentError as error:
        outcome = ("error", error)
    except MemoryError:
        outcome = ("memory", None)
    except Exception as error:  # its message may quote the document: only its name goes out
        outcome = ("error", type(error).__name__)
    connection.send(outcome)
    connection.close()
    os._exit(0)  # no clean-up of what a hostile document may have broken


def _address_space() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123 (no path of ours)
        return int(file.read().split()[0]) * resource.getpagesize()


def _end_of(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"


def _crash(what: str) -> QuarantinedError:
    return QuarantinedError(
        what, "Print the document to a new PDF and try again.", reason="crashed"
    )
