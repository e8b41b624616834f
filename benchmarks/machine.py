"""What a measurement was made on: processor, cores, memory, load, versions, and its limits."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("numpy", "onnxruntime", "pandas", "pyarrow")


def facts() -> dict[str, Any]:
    """Return the machine as far as its speed depends on it; no names, no paths."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_average": [round(value, 1) for value in os.getloadavg()],
        "gemm_fp32_gflops": gemm_gflops(),
        "copy_gb_per_second": copy_bandwidth(),
    }


def described(machine: dict[str, Any]) -> Iterator[str]:
    """Yield what a page says of the machine, and a warning where it had other work, too."""
    before, after = machine["load_average"], machine.get("load_average_after", [])
    yield (
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}, "
        + ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
        + ". Load average (1, 5, 15 minutes) before: "
        + ", ".join(map(str, before))
        + "; after: "
        + ", ".join(map(str, after))
        + "."
    )
    yield ""
    # This measurement is one of the processes, and its workers one for each core.
    if max(before + after) > 1.5 * machine["cores"]:
        yield (
            "**The machine was busy with other work**: more processes wanted to run than there "
            "are cores. Wall-clock seconds are noisy and too high; CPU seconds are better to "
            "compare, though caches were shared too."
        )
        yield ""


def with_load_after(before: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that were noted before a measurement, with the load after it."""
    after = [round(value, 1) for value in os.getloadavg()]
    return before | {"load_average_after": after}


def gemm_gflops(size: int = 1024, times: int = 5) -> float:
    """Return the best rate of a square fp32 matrix product, in 10^9 operations a second."""
    left = np.ones((size, size), np.float32)
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        left @ left
        best = min(best, time.perf_counter() - started)
    return round(2 * size**3 / best / 1e9, 1)


def copy_bandwidth(megabytes: int = 256, times: int = 3) -> float:
    """Return the best rate at which one thread copies memory, bytes read and written, in GB/s."""
    source = np.ones(megabytes * 1_000_000, np.uint8)
    target = np.zeros_like(source)
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - started)
    return round(2 * len(source) / best / 1e9, 1)


def _processor() -> str:
    lines = Path("/proc/cpuinfo")
    if lines.exists():
        for line in lines.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
