"""Writes the compiled pipeline packages that are committed beside this file."""

from __future__ import annotations

import sys
from pathlib import Path

from kfp import compiler, dsl

from nescio_pipelines.deidentify import deidentify

HERE = Path(__file__).parent


def turn_caching_off(pipeline: dsl.graph_component.GraphComponent) -> None:
    """Turn caching off for every task: its key is provenance, not content (KFP.md, Caching)."""
    groups = [pipeline.pipeline_spec.root.dag]
    groups += [item.dag for item in pipeline.pipeline_spec.components.values() if item.HasField("dag")]
    for group in groups:
        for task in group.tasks.values():
            task.caching_options.enable_cache = False


def compile_all(folder: Path) -> list[Path]:
    """Compile every pipeline into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "deidentify.yaml"
    compiler.Compiler().compile(deidentify, str(target))
    return [target]


if __name__ == "__main__":
    for path in compile_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)
