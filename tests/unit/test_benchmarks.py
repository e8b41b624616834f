"""The measurements run to their end at a tiny size, and the page says what they found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import gpu, limits, memory, night, page, runs, scaling, whole
from benchmarks.machine import facts, with_load_after

pytest.importorskip("torch", reason="torch is not installed: make setup EXTRAS=dev,train")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def machine() -> dict:
    return with_load_after(facts())


def drawn(folder: Path, part: dict) -> str:
    page.publish(folder, part)
    return (folder / "performance.md").read_text()


def test_every_part_stays_when_another_is_measured_anew(tmp_path: Path, machine: dict) -> None:
    step = {"step": "redact", "tasks": 2, "seconds": 2.0, "start_seconds": 1.0, "cpu_seconds": 2.0}
    step |= {"peak_bytes": 10**8, "lines": {"redact/apply.py:1 f": 0.5}}
    run = {"name": "Drawn", "pages": 300, "megabytes": 1.0, "seconds": 10.0, "steps": [step]}
    run |= {"pages_per_second": 30.0, "after_extraction_seconds": 4.0, "peak_bytes": 10**9}
    run |= {"outcomes": {"released": 1}}
    drawn(tmp_path, {"whole_run": {"machine": machine, "runs": [run]}})
    one = {"pages": 300, "seconds": 20.0, "pages_per_second": 15.0, "outcomes": {"released": 1}}
    one |= {"peak_bytes": 10**9, "largest_bytes": 10**8, "target_bytes": 15 * 10**8}
    one |= {"steps": {"extract": 2 * 10**8}}
    text = drawn(tmp_path, {"memory": {"machine": machine, "runs": [one]}})
    assert "30.0 pages/s" in text and "redact/apply.py:1 f" in text
    assert "| 300 | 20.0 | 15.0 | 1.00 | 1.5 | 0.10 |" in text
    assert "make bench-gpu" in text and "make bench-memory" not in text.split("Not measured yet")[1]


def test_the_torch_path_is_measured_on_the_cpu(tmp_path: Path, machine: dict) -> None:
    part = gpu.measure(6)
    assert part["device"] == "cpu" and part["tokens_per_second"] > 0 and part["peak_gflops"] > 0
    assert 0 < part["fill"] <= 1
    assert "no GPU being here" in drawn(tmp_path, {"gpu": part | {"machine": machine}})


def test_peaks_and_shares_are_measured(tmp_path: Path, machine: dict) -> None:
    part = limits.measure(4, size=64)
    assert set(part["peaks_gops"]) == {"fp32", "bf16", "int8", "int8, a call a core"}
    assert all(value > 0 for value in part["peaks_gops"].values())
    assert part["tagger"]["network_gops"] > 0 and part["search"]["bytes_per_second"] > 0
    assert "of the fp32 peak" in drawn(tmp_path, {"limits": part | {"machine": machine}})


def test_operations_grow_with_tokens_and_with_pairs() -> None:
    one, two = limits.operations([10]), limits.operations([10, 10])
    assert two == pytest.approx(2 * one) and limits.operations([20]) > two


def test_scaling_is_measured_and_shards_find_the_same(tmp_path: Path, machine: dict) -> None:
    some = ("gather", "no longer imported: pandas")
    part = scaling.measure((24, 48), 30, shards=(1, 2), started=some)
    assert set(part["by_paragraphs"]["slopes"]) >= {"tagger", "search", "all"}
    assert len({row["spans"] for row in part["by_shards"]}) == 1
    assert max(row["shards"] for row in part["by_shards"]) > 1
    text = drawn(tmp_path, {"scaling": part | {"machine": machine}})
    assert "**slope**" in text and "no longer imported: pandas" in text


def test_the_slope_of_linear_work_is_one() -> None:
    sizes = [1_000, 10_000, 100_000]
    assert scaling.slope(sizes, [size / 300 for size in sizes]) == pytest.approx(1.0)
    assert scaling.slope(sizes, [size**2 / 1e6 for size in sizes]) == pytest.approx(2.0)


def test_memory_of_children_counts() -> None:
    code = (
        "b = bytearray(80_000_000); b[::4096] = b'x' * len(b[::4096]);"
        "print('up', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "up\n"
        sizes = runs.tree_sizes(os.getpid())
        child.communicate("\n")
    assert max(sizes[1:]) > 80_000_000


def test_a_step_reaches_from_its_first_start_to_its_last_end() -> None:
    base = {"cpu_seconds": 1.0, "peak_bytes": 5, "start_cpu_seconds": 0.5}
    records = [
        base | {"step": "gather", "started": 10.0, "seconds": 1.0, "start_seconds": 0.5},
        base | {"step": "hybrid_search", "started": 14.0, "seconds": 2.0, "start_seconds": 1.0},
        base | {"step": "hybrid_search", "started": 14.5, "seconds": 3.0, "start_seconds": 1.0},
    ]
    run = runs.Watched(20.0, 1, 1, 0, {}, records)
    assert whole.after_extraction(run) == 6.5
    assert [step["seconds"] for step in whole.steps_of(run, {})] == [1.5, 4.5]


def test_a_compiled_network_gives_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    from nescio.tagger import load
    from nescio.tagger.torch_runtime import COMPILE_VARIABLE, WIDTHS

    plain = load(None, "torch").scorer
    monkeypatch.setenv(COMPILE_VARIABLE, "eager")
    compiled = load(None, "torch").scorer
    ids = [np.arange(2_000, 2_000 + length) for length in (3, 30, 14, 90)]
    types = [np.zeros(len(one), np.int64) for one in ids]
    for ours, theirs in zip(compiled.score(ids, types), plain.score(ids, types), strict=True):
        assert ours.shape == theirs.shape and np.isfinite(ours).all()
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    shapes = {(rows, width) for _, rows, width in compiled.plan([len(one) + 2 for one in ids])}
    assert {width for _, width in shapes} <= set(WIDTHS) and len(shapes) == 3


def test_memory_targets_are_those_of_the_design() -> None:
    assert memory.TARGETS == {300: 1.5e9, 5_000: 2.5e9}


def test_a_night_on_paper_counts_starts_rounds_and_memory(tmp_path: Path) -> None:
    def step(name: str, tasks: int, seconds: float) -> dict:
        own = {"step": name, "tasks": tasks, "seconds": 1, "start_cpu_seconds": 0.0, "lines": {}}
        return own | {"cpu_seconds": seconds, "peak_bytes": 1}

    steps = [step("extract", 4, 6.0), step("gather", 1, 0.3), step("predict_entities", 1, 12.0)]
    run = {"pages": 300, "megabytes": 3.0, "artifact_bytes": {"gather": 300_000}, "steps": steps}
    sizes = ({"pages": 300, "steps": {"gather": 1e8}}, {"pages": 1_300, "steps": {"gather": 2e8}})
    report = {"whole_run": {"runs": [run]}, "memory": {"runs": list(sizes)}}
    part = night.measure(report, (1_000, 50_000))
    small, large = part["nights"]
    assert part["page_cpu_seconds"]["predict_entities"] == 0.04
    assert part["page_bytes"] == 6 * 1_000 + 40_000
    assert small["runs"] == 1_000 and large["runs"] == 20
    assert small["fixed_share"] > large["fixed_share"] and not small["over"]
    # 0.1 MB a page: gather's 3 GiB are full before 50,000 pages.
    assert large["over"] == ["gather"] and 30_000 < part["breaks_at_pages"] < 32_000
    # A page takes 20 ms, a round 31 s of start, which are to be a tenth.
    assert part["implied_pages_per_shard"] == pytest.approx(31 * 9 / 0.02)
    assert "on paper" in "\n".join(night.section(part))
