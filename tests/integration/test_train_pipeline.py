"""The pipeline `train` whole, as compiled: what it refuses to publish, and what it publishes.

Tiny: one step of training, few texts. The refused model is what the second run goes on from and is
measured beside, so that it is not worse whatever this machine's rounding makes of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from nescio.store import open_store
from nescio.tagger import model_version

pytest.importorskip("torch", reason="training needs the extra `train`")

RUN = """
import json, sys
from kfp import components, local

pipeline, root, parameters = sys.argv[1:]
local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
components.load_component_from_file(pipeline)(**json.loads(parameters))
"""
"""Executes the compiled pipeline as kfp.local does, task by task."""

TINY = {"seed": 7, "calibration": 30, "texts": 20}


def train(root: Path, **parameters: Any) -> tuple[int, str]:
    """Run the pipeline as compiled; return its exit code and all that it printed."""
    given = (ROOT / "pipelines" / "train.yaml", root, json.dumps(TINY | parameters))
    command = [sys.executable, "-c", RUN, *map(str, given)]
    done = subprocess.run(
        command, timeout=1500, capture_output=True, text=True, check=False, cwd=ROOT
    )
    return done.returncode, done.stdout + done.stderr


def artifact(root: Path, task: str, name: str) -> Path:
    """Return where a run left an artifact."""
    (path,) = root.glob(f"*/{task}/{name}")
    return path


@pytest.mark.timeout(3600)
def test_a_worse_tagger_is_refused_and_one_that_is_not_is_published(
    bucket: str, tmp_path: Path
) -> None:
    models = open_store(f"s3://{bucket}")
    first, second = tmp_path / "first", tmp_path / "second"

    code, said = train(first, models=f"s3://{bucket}/new", steps=1)
    assert code != 0
    refusal = "step publish-tagger failed: the new tagger is worse and was not published: held-out"
    assert refusal in " ".join(said.split())
    assert "executor_main()" not in said  # in one line, without a traceback of the task
    assert not list(models.list())

    trained = artifact(first, "train-tagger", "model")
    for path in trained.iterdir():
        models.upload(path, f"in-use/{path.name}")
    in_use = f"s3://{bucket}/in-use"
    code, said = train(
        second, models=f"s3://{bucket}/new", current=in_use, from_current=True, steps=0
    )
    assert code == 0, said[-2000:]
    version = model_version(str(artifact(second, "train-tagger", "model")))[:12]
    assert models.read("new/tagger/latest.txt").decode() == version
    published = f"new/tagger/{version}"
    names = {entry.key.removeprefix(f"{published}/") for entry in models.list(published)}
    assert names == {path.name for path in trained.iterdir()} | {"measured.json"}
    measured = json.loads(models.read(f"{published}/measured.json"))
    assert measured["candidate"] == measured["current"]


def test_a_model_without_weights_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    current = str(tmp_path / "empty")
    code, said = train(tmp_path / "run", current=current, from_current=True, models=current)
    assert code != 0
    assert "step train-tagger failed: the model to go on from has no model.safetensors" in said
