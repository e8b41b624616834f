"""What each step says of itself: time, memory and counts, written to the run's folder."""

from __future__ import annotations

import datetime
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from nescio.errors import ExitCode, NescioError
from nescio.isolation import spent
from nescio.profiling import sample_name, sampled
from nescio.store import PRIVATE, open_store


def run_prefix(run: str) -> str:
    """Return the key prefix of a run's records in the outbox."""
    return f"{PRIVATE}/runs/{run}"


def this_year() -> int:
    """Return the year of today."""
    return datetime.date.today().year


def run_year(outbox: str, run: str) -> int:
    """Return the year in which a run counts as done: noted at the first call, kept by the others.

    What shows an age over 89 depends on it, so all steps and retries of a run must agree, also
    on New Year's Eve.
    """
    store, key = open_store(outbox), f"{run_prefix(run)}/year.txt"
    try:
        return int(store.read(key))
    except FileNotFoundError:
        year = this_year()
        store.write(key, str(year).encode())
        return year


@contextmanager
def step(outbox: str, run: str, name: str, shard: str = "") -> Iterator[dict[str, Any]]:
    """Time a step and write its record; the caller adds counts to the yielded dictionary.

    A step is a process of its own: ``start_seconds`` is what interpreter and imports took before
    the step began (``start_cpu_seconds`` in CPU); ``cpu_seconds`` is of the whole process and of
    its children.

    A failure is recorded, said in one line without PHI, and ends the process with exit code 1:
    a traceback could show document text.

    Args:
        outbox: URI of the outbox.
        run: id of the run.
        name: the step's name in the DAG.
        shard: id of the shard, for steps inside a loop.
    """
    record: dict[str, Any] = {"step": name, "shard": shard, "status": "succeeded"}
    wall = time.perf_counter()
    record["started"] = time.time()
    record["start_seconds"] = round(seconds_alive(), 3)
    record["start_cpu_seconds"] = round(time.process_time(), 3)
    failed = False
    try:
        with sampled(sample_name(name, shard)):
            yield record
    except Exception as error:
        failed = True
        said, code = _sayable(error)
        record |= {"status": "failed", "error": said, "exit_code": int(code)}
    record["seconds"] = round(time.perf_counter() - wall, 3)
    record["cpu_seconds"] = round(sum(os.times()[:4]) + spent.cpu_seconds, 3)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    record["peak_bytes"] = max(own, spent.peak_bytes)
    key = f"{run_prefix(run)}/steps/{sample_name(name, shard)}.json"
    open_store(outbox).write(key, json.dumps(record).encode())
    if failed:
        _end(f"{name} {shard}", record["error"])


@contextmanager
def one_line(name: str) -> Iterator[None]:
    """Let a step that keeps no record fail as the others do: in one line without PHI.

    Args:
        name: the step's name in the DAG.
    """
    try:
        yield
    except Exception as error:
        _end(name, _sayable(error)[0])


def _end(name: str, error: str) -> NoReturn:
    print(f"step {name} failed: {error}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def _sayable(error: Exception) -> tuple[str, ExitCode]:
    """Return what may be said of a failure, and its exit code: other words may be a document's."""
    if isinstance(error, NescioError):
        return str(error), error.exit_code
    return f"{type(error).__name__} at {_innermost(error)}", ExitCode.INTERNAL


def seconds_alive() -> float:
    """Return how long ago this process started; 0.0 where the system does not say."""
    try:
        with open("/proc/self/stat") as file:  # noqa: PTH123 (no path of ours)
            ticks = int(file.read().rpartition(")")[2].split()[19])
        started = ticks / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
    except (OSError, AttributeError, ValueError):
        return 0.0


def _innermost(error: BaseException) -> str:
    """Name the place of an error by file and line, the only part of a traceback free of data."""
    trace = error.__traceback__
    place = "unknown"
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals.get("__name__", "").startswith(("nescio", "training")):
            place = f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def read_records(outbox: str, run: str) -> list[dict[str, Any]]:
    """Return the records that the steps of a run have written so far, in order of start."""
    store = open_store(outbox)
    records = [
        json.loads(store.read(entry.key))
        for entry in store.list(f"{run_prefix(run)}/steps")
        if entry.key.endswith(".json")
    ]
    return sorted(records, key=lambda record: float(record["started"]))
