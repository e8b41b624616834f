"""The gpu image, confined as on a cluster: its torch finds what the ONNX runtime finds.

Without a GPU torch computes on the processor, and `cuda` is refused. Skipped, with the reason,
where no engine holds the image: `make images TARGETS=gpu` builds it, CI does not.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from integration.image_site import CONFINED
from nescio_components.images import GPU

pytestmark = pytest.mark.timeout(900)

SCORE = """
import json, sys
from pathlib import Path
from tempfile import mkdtemp

from nescio import tables
from nescio.steps import predict_entities

runtime, *texts = sys.argv[1:]
plain = dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap", "size"), 0.0)
plain |= dict.fromkeys(("page", "paragraph"), 0) | dict.fromkeys(("table", "row"), -1)
plain |= {"doc": "d", "kind": "body", "origin": "page", "font": "", "bold": False}
plain |= {"italic": False, "in_scope": True}
gathered, outbox, folder = (Path(mkdtemp()) for _ in range(3))
rows = [plain | {"paragraph": n, "text": text} for n, text in enumerate(texts)]
tables.write(gathered, "paragraphs", tables.from_rows("paragraphs", rows))
predict_entities.run(gathered, str(outbox), "r", "everything", "", runtime, folder)
found = tables.read(folder, "entities").to_pylist()
record = json.loads((outbox / "private/runs/r/steps/predict_entities.json").read_text())
spans = sorted([row["paragraph"], row["start"], row["end"], row["label"]] for row in found)
print(json.dumps({"spans": spans, "model": record["model"]}))
"""
"""The step predict_entities, as its component calls it, on paragraphs of its own."""

TEXTS = (
    "Mrs. Wilhelmina Zubrowska was admitted to Saint Mary Hospital on 12 March 2021.",
    "Aspirin 75 mg was given for 10 days.",
    "Dr. Anna Kowalski, 14 Elm Street, Springfield, telephone 555-0142.",
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the image without network, rights or a file system to write to."""
    line = ["docker", "run", "--rm", "--network=none", *CONFINED, GPU, *command]
    return subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    try:
        command = ["docker", "image", "inspect", GPU]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("no docker on PATH: the gpu image is not tried")
    if done.returncode:
        pytest.skip(f"no engine, or it has no {GPU}; `make images TARGETS=gpu` builds it")


def test_it_is_healthy_as_nobody_on_a_read_only_root_and_holds_no_compiler() -> None:
    assert run("nescio", "--version").stdout.startswith("nescio ")
    assert run("id", "-u").stdout.strip() == "65532"
    assert run("sh", "-c", "command -v gcc cc make pip; ls /src 2>&-; true").stdout == ""


def test_torch_finds_what_the_onnx_runtime_finds() -> None:
    found = {}
    for runtime in ("onnx", "torch"):
        done = run("python", "-c", SCORE, runtime, *TEXTS)
        assert done.returncode == 0, done.stderr
        found[runtime] = json.loads(done.stdout)
    assert found["onnx"]["spans"] == found["torch"]["spans"]
    names = [
        TEXTS[p][start:end] for p, start, end, label in found["torch"]["spans"] if label == "NAME"
    ]
    assert any("Zubrowska" in name for name in names) and any("Kowalski" in name for name in names)


def test_without_a_gpu_the_step_that_needs_one_says_so() -> None:
    if run("python", "-c", "import torch, sys; sys.exit(torch.cuda.is_available())").returncode:
        pytest.skip("there is a GPU here")
    done = run("python", "-c", SCORE, "cuda", *TEXTS)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "step predict_entities" in done.stderr and "GPU" in done.stderr
