"""Writes the compiled pipeline packages that are committed beside this file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kfp import compiler, dsl

from nescio_pipelines.deidentify import deidentify
from nescio_pipelines.platform import Target, compiled_for
from nescio_pipelines.release import release
from nescio_pipelines.train import train

HERE = Path(__file__).parent
CUDA = {"runtime": "cuda"}


def compile_all(folder: Path) -> list[Path]:
    """Compile every pipeline into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _compile(folder / "deidentify.yaml", deidentify, deidentify.name, "cpu", {}),
        # Not auto: a run that asked for a GPU and got none fails instead of crawling.
        _compile(folder / "deidentify-gpu.yaml", deidentify, f"{deidentify.name}-gpu", "gpu", CUDA),
        _compile(folder / "release.yaml", release, release.name, "cpu", {}),
        _compile(folder / "train.yaml", train, train.name, "cpu", {}),
    ]


def _compile(path: Path, dag: Any, name: str, target: Target, parameters: dict[str, str]) -> Path:
    """Trace a DAG anew for a target, since its tasks are made while it is traced."""
    with compiled_for(target):
        pipeline = dsl.pipeline(name=name, description=dag.description)(dag.pipeline_func)
    compiler.Compiler().compile(pipeline, str(path), pipeline_parameters=parameters)
    return path


if __name__ == "__main__":
    for path in compile_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)
