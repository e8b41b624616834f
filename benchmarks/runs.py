"""`nescio run` as a person calls it, watched from outside: seconds, memory of all its processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

from nescio.steps.telemetry import read_records

POLL_SECONDS: Final = 0.1


class Watched(NamedTuple):
    """A run that has ended.

    Attributes:
        seconds: wall clock of the whole command.
        peak_bytes: most resident memory of the command and all its descendants at one moment;
            pages that processes share are counted for each of them.
        largest_bytes: most resident memory of one process.
        exit_code: of the command.
        result: what it printed with ``--json``.
        records: what its steps wrote of themselves.
    """

    seconds: float
    peak_bytes: int
    largest_bytes: int
    exit_code: int
    result: dict[str, Any]
    records: list[dict[str, Any]]


def watched_run(source: Path, out: Path, *options: object) -> Watched:
    """Run the whole DAG on this machine and watch it.

    Raises:
        RuntimeError: the command failed; its message, which holds no PHI, is the text.
    """
    command = [sys.executable, "-m", "nescio.cli", "run", str(source), "-o", str(out), "--json"]
    command += [str(option) for option in options]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        peak = largest = 0
        while process.poll() is None:
            sizes = tree_sizes(process.pid)
            peak, largest = max(peak, sum(sizes)), max(largest, *sizes, 0)
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - started
        printed, errors = process.communicate()
    if process.returncode not in (0, 3, 4):
        raise RuntimeError(errors.decode()[-500:])
    result = json.loads(printed)
    records = read_records(str(out), result["run"])
    return Watched(seconds, peak, largest, process.returncode, result, records)


def tree_sizes(pid: int) -> Sequence[int]:
    """Return the resident bytes of a process and of each of its descendants."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return [0]
    sizes = []
    for process in family:
        try:
            sizes.append(int(process.memory_info().rss))
        except psutil.Error:  # it has just ended
            continue
    return sizes or [0]
