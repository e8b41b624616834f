"""Writes the compiled pipeline packages that are committed beside this file."""

from __future__ import annotations

import sys
from pathlib import Path

from kfp import compiler

from nescio_pipelines.deidentify import deidentify

HERE = Path(__file__).parent


def compile_all(folder: Path) -> list[Path]:
    """Compile every pipeline into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "deidentify.yaml"
    compiler.Compiler().compile(deidentify, str(target))
    return [target]


if __name__ == "__main__":
    for path in compile_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)
