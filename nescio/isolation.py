"""Runs work on one document in processes of its own, so that no document stops a run."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

from nescio.errors import NescioError, QuarantinedError
from nescio.profiling import FOLDER_VARIABLE

P = ParamSpec("P")
T = TypeVar("T")

_preloaded: list[str] = ["nescio.extract"]

MEGABYTE: Final = 2**20


_SELF, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN


@dataclass
class Usage:
    """Seconds of CPU, and bytes of memory of the largest process."""

    cpu_seconds: float = 0.0
    peak_bytes: int = 0

    def add(self, other: Usage) -> None:
        """Add what another process has used."""
        self.cpu_seconds += other.cpu_seconds
        self.peak_bytes = max(self.peak_bytes, other.peak_bytes)


spent = Usage()
"""What the children of this process have used that gave a result."""


def preload(*modules: str) -> None:
    """Say what the server imports that children are forked from: they then start in 20 ms.

    To be said before the first :func:`run_isolated`; what reads PDFs is imported in any case.
    """
    _preloaded.extend(name for name in modules if name not in _preloaded)


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
    def for_pages(cls, pages: int, pictured: int = 0) -> Limits:
        """Return limits that a well-formed document of this length stays far below.

        Args:
            pages: of the document, or of the part of it that is read.
            pictured: those that may be read by OCR, which takes some 3 s of wall time on two fast
                cores and 8 s on slow ones, each time that a page is read and read again.
        """
        seconds = 120 + 2.0 * pages + 60.0 * pictured
        return cls(seconds=seconds, megabytes=2048 + pages // 4)


def run_isolated(limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call ``function`` in a child process and return its result.

    A run that is profiled calls it in this process, without limits, so that it is sampled.

    Args:
        limits: what the child may use.
        function: a function of a module (it is pickled by name); so are arguments and result.
        args: its arguments.
        kwargs: its keyword arguments.

    Raises:
        NescioError: what the function itself raised, unchanged.
        QuarantinedError: ``timeout``, ``too_large`` (out of memory), or ``crashed`` (any other
            exception, a signal, an exit).
    """
    if FOLDER_VARIABLE in os.environ:
        return function(*args, **kwargs)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_preloaded)
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, limits, function, args, kwargs))
    with _nameless_main():
        child.start()
    theirs.close()
    try:
        if not ours.poll(limits.seconds):
            raise QuarantinedError(
                f"it was not done after {limits.seconds:.0f} s.",
                "Split the document, or print it to a new PDF.",
                reason="timeout",
            )
        outcome, value, used = ours.recv()
        spent.add(used)
    except (EOFError, OSError):
        child.join()
        raise _crash(f"the worker ended with {_end_of(child.exitcode)}.") from None
    finally:
        if child.is_alive():
            _end_group(child.pid)
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
    if isinstance(value, NescioError):
        raise value
    raise _crash(f"the worker stopped with {value}.")


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Keep a child from importing the main module again: in a task that is all of KFP."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _child(
    connection: Connection,
    limits: Limits,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    """Apply the limits, call the function, and send what came of it."""
    os.setpgid(0, 0)  # what it starts itself ends with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked, and ends its children
    limit_memory(limits.megabytes * MEGABYTE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the document
    _answer(connection, partial(function, *args, **kwargs))


def limit_memory(size: int) -> None:
    """Let this process take so many bytes of address space more than it has now."""
    if sys.platform == "linux":  # elsewhere the limit does not work as meant; time still holds
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = _address_space() + size
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _end_group(leader: int | None) -> None:
    """End a child with all that it started; it may not have come to lead a group yet."""
    with suppress(ProcessLookupError, PermissionError):
        if leader:
            os.killpg(leader, signal.SIGKILL)


def has_one_thread() -> bool:
    """Say whether this process can be copied: libraries' threads would be missing in the copy."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 (no path of ours)
    except OSError:
        return False


@contextmanager
def beside(function: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Start ``function`` in a copy of this process; yields what waits for its result.

    For a process with one thread that does nothing else than one document, as a child of
    :func:`run_isolated` is: a copy has none of the other threads.

    Args:
        function: it is not pickled; its result is.

    Raises:
        NescioError: what the function raised, when its result is asked for.
        QuarantinedError: ``crashed``: any other exception, a signal, an exit.
    """
    reader, writer = multiprocessing.Pipe(duplex=False)
    copy = os.fork()
    if not copy:
        reader.close()
        _answer(writer, function)
    writer.close()

    def result() -> T:
        try:
            outcome, value, _ = reader.recv()
        except EOFError:
            raise _crash("a part of the work ended without a result.") from None
        if outcome == "result":
            found: T = value
            return found
        if isinstance(value, NescioError):
            raise value
        raise MemoryError if outcome == "memory" else _crash(f"the worker stopped with {value}.")

    try:
        yield result
    finally:
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)
        reader.close()


def _answer(connection: Connection, function: Callable[[], Any]) -> NoReturn:
    """Call the function, send what came of it, and end this process."""
    try:
        outcome: tuple[str, Any] = ("result", function())
    except NescioError as error:
        outcome = ("error", error)
    except MemoryError:
        outcome = ("memory", None)
    except Exception as error:  # its message may quote the document: only its name goes out
        outcome = ("error", type(error).__name__)
    connection.send((*outcome, _usage()))
    connection.close()
    os._exit(0)  # no clean-up of what a hostile document may have broken


def _usage() -> Usage:
    """Return what this process and the children that it waited for have used."""
    own, children = (resource.getrusage(who) for who in (_SELF, _CHILDREN))
    cpu = sum(use.ru_utime + use.ru_stime for use in (own, children))
    return Usage(cpu, max(own.ru_maxrss, children.ru_maxrss) * 1024)


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
