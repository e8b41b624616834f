"""What a measurement was made on: processor, cores, memory, load, versions, and its limits."""

from __future__ import annotations

import os
import platform
import time
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
