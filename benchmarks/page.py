"""docs/performance.md: each measurement keeps its part in performance.json and redraws the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from benchmarks.tried import TRIED

DOCS: Final = Path(__file__).parents[1] / "docs"
Section = Callable[[dict[str, Any]], Iterator[str]]

INTRODUCTION: Final = """# Performance

Every number on this page was written here by a command that can be run again, those of "What did
not help" apart; each part names its command. [performance.json](performance.json) holds the same
numbers, with the machine that each part was measured on.

"""

PROFILE: Final = """## Looking yourself: `nescio run --profile`

`nescio run INPUT -o OUT --profile` (after `pip install 'nescio[profile]'`) prints for each step
wall clock, start-up (interpreter and imports), CPU, peak memory and the lines of Nescio in which
most time went, with what they call elsewhere. `OUT/private/profile/` gets the same as
`profile.json`, and a flame graph for each task, to be opened with
[speedscope](https://www.speedscope.app), which reads files in the browser and sends nothing.
Samples hold names of functions and numbers of lines, never values. The main thread is sampled every
2 ms (pyinstrument), which makes Python code some tenths slower: compare steps with each other, and
measure seconds without it.
"""

PARTS: Final = (
    ("whole_run", "benchmarks.whole", "make bench-whole"),
    ("presidio", "benchmarks.presidio", "make bench-presidio"),
    ("limits", "benchmarks.limits", "make bench-limits"),
    ("scaling", "benchmarks.scaling", "make bench-scaling"),
    ("memory", "benchmarks.memory", "make bench-memory"),
    ("gpu", "benchmarks.gpu", "make bench-gpu"),
    ("night", "benchmarks.night", "make bench-night"),
)
"""Key in performance.json, the module whose ``section`` describes it, the command that measures."""


def publish(folder: Path, part: dict[str, Any]) -> None:
    """Put new numbers in place of old ones, and draw the page from all there are.

    Args:
        folder: where performance.json and performance.md are, or are to be.
        part: keys of performance.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = read(folder) | part
    text = json.dumps(report, indent=2) + "\n"
    (folder / "performance.json").write_text(text, encoding="utf-8")
    write_page(folder / "performance.md", report)


def read(folder: Path) -> dict[str, Any]:
    """Return the numbers that are there."""
    path = folder / "performance.json"
    if not path.exists():
        return {}
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def write_page(path: Path, report: dict[str, Any]) -> None:
    """Write the page."""
    path.write_text(INTRODUCTION + "\n".join(_lines(report)) + "\n", encoding="utf-8")


def _lines(report: dict[str, Any]) -> Iterator[str]:
    if "rungs" in report:
        yield from _section("benchmarks.ladder_page")(report)
        yield ""
    missing = []
    for key, module, command in PARTS:
        if key in report:
            yield from _section(module)(report[key])
            yield ""
        else:
            missing.append(f"`{command}`")
    yield TRIED
    yield PROFILE
    if missing:
        yield f"Not measured yet: what {', '.join(missing)} would write here."


def _section(module: str) -> Section:
    found: Section = import_module(module).section
    return found
