"""Where a run's time goes: every step samples itself when ``nescio run --profile`` asks for it.

Samples hold names of functions and numbers of lines, never values: no PHI is in them. Only the
main thread is sampled, so what threads of a library do shows as the line that waits for them.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nescio.errors import ConfigurationError
from nescio.store import PRIVATE, open_store

if TYPE_CHECKING:
    from pyinstrument.session import Session

FOLDER_VARIABLE: Final = "NESCIO_PROFILE"
"""Environment variable of a local run: the folder that its steps write their samples to."""

INTERVAL: Final = 0.002
"""Seconds between two samples."""

TOP_LINES: Final = 10
OWN: Final = ("/nescio/", "/nescio_")
SUMMARY: Final = "profile.json"


@contextmanager
def sampled(name: str) -> Iterator[None]:
    """Sample the calling thread while the block runs, if the environment asks for it.

    Writes ``<name>.speedscope.json``, to be opened with https://www.speedscope.app (which reads
    it in the browser and sends nothing), and ``<name>.lines.json``.
    """
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if not folder:
        yield
        return
    from pyinstrument import Profiler
    from pyinstrument.renderers import SpeedscopeRenderer

    profiler = Profiler(INTERVAL, async_mode="disabled")
    profiler.start(target_description=name)
    try:
        yield
    finally:
        session = profiler.stop()
        target = Path(folder)
        flame = SpeedscopeRenderer().render(session)
        (target / f"{name}.speedscope.json").write_text(flame, encoding="utf-8")
        lines = json.dumps(lines_of(session))
        (target / f"{name}.lines.json").write_text(lines, encoding="utf-8")


def lines_of(session: Session) -> dict[str, float]:
    """Return the seconds spent in each line of Nescio, with what the line calls elsewhere.

    A sample counts for the innermost line that is Nescio's own, written ``file.py:line function``.
    """
    seconds: defaultdict[str, float] = defaultdict(float)
    for stack, weight in session.frame_records:
        for frame in reversed(stack):
            place = _own_line(frame)
            if place:
                seconds[place] += weight
                break
    return dict(seconds)


def _own_line(frame: str) -> str:
    """Name a frame of Nescio's code; empty for another's.

    pyinstrument writes ``function NUL file NUL first line``, then attributes, each after ``\\x01``;
    the one that opens with ``l`` is the line that was running.
    """
    identifier, *attributes = frame.split("\x01")
    function, file, first = [*identifier.split("\x00"), "", ""][:3]
    if not any(part in file for part in OWN) or file == __file__:
        return ""
    line = next((text[1:] for text in attributes if text.startswith("l")), first)
    folder, _, short = file.rpartition("/nescio/")
    return f"{short if folder else Path(file).name}:{line} {function}"


@contextmanager
def profiled(folder: Path) -> Iterator[None]:
    """Ask the steps that start while the block runs for their samples.

    Raises:
        ConfigurationError: the profiler is not installed.
    """
    try:
        import pyinstrument  # noqa: F401
    except ImportError:
        raise ConfigurationError(
            "--profile needs pyinstrument.", "Install it: pip install 'nescio[profile]'"
        ) from None
    folder.mkdir(mode=0o700)
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER_VARIABLE]


def summary(folder: Path, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is known of each step, shards of a loop added up, in order of their start.

    Args:
        folder: what ``profiled`` was given.
        records: of the run's steps.

    Returns:
        Dictionaries of step, shards, seconds (wall clock, of which shards may share some),
        start_seconds (start of the processes: interpreter, imports), cpu_seconds (with children
        and start), peak_mib (of the largest process), lines (seconds of the top lines).
    """
    rows: dict[str, dict[str, Any]] = {}
    lines: dict[str, Counter[str]] = {}
    for record in records:
        name = record["step"]
        row = rows.setdefault(name, {"step": name, "shards": 0, "peak_mib": 0.0})
        row["shards"] += 1
        for key in ("seconds", "start_seconds", "cpu_seconds"):
            row[key] = round(row.get(key, 0.0) + record[key], 3)
        row["peak_mib"] = max(row["peak_mib"], round(record["peak_bytes"] / 2**20))
        own = folder / f"{sample_name(name, record['shard'])}.lines.json"
        if own.exists():
            lines.setdefault(name, Counter()).update(json.loads(own.read_text(encoding="utf-8")))
    for name, row in rows.items():
        top = lines.get(name, Counter()).most_common(TOP_LINES)
        row["lines"] = {line: round(seconds, 3) for line, seconds in top}
    return list(rows.values())


def sample_name(step: str, shard: str) -> str:
    """Return the name under which a step's samples are kept."""
    return f"{step}-{shard}" if shard else step


def publish(folder: Path, output: str, rows: Sequence[dict[str, Any]]) -> str:
    """Put the profile into the output's private folder, in place of an earlier one.

    Returns:
        The key of its folder.
    """
    store, prefix = open_store(output), f"{PRIVATE}/profile"
    store.delete(prefix)
    for path in sorted(folder.glob("*.speedscope.json")):
        store.write(f"{prefix}/{path.name}", path.read_bytes())
    facts = {"written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "steps": list(rows)}
    store.write(f"{prefix}/{SUMMARY}", (json.dumps(facts, indent=2) + "\n").encode())
    return prefix


def table(rows: Sequence[dict[str, Any]], lines: int = 3) -> Iterator[str]:
    """Yield the lines of a table for a terminal: a row a step, below it its top lines."""
    yield f"{'step':<18}{'wall':>9}{'start':>8}{'CPU':>9}{'peak':>10}"
    for row in rows:
        times = f"{row['seconds']:>8.2f}s{row['start_seconds']:>7.2f}s{row['cpu_seconds']:>8.2f}s"
        shards = f"  in {row['shards']} shards" if row["shards"] > 1 else ""
        yield f"{row['step']:<18}{times}{row['peak_mib']:>6.0f} MiB{shards}"
        for line, seconds in list(row["lines"].items())[:lines]:
            yield f"{'':<6}{seconds:>7.2f}s  {line}"
