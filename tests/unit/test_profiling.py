"""A profile: steps sample themselves only when asked, and lines name Nescio's own code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nescio import profiling
from nescio.errors import ConfigurationError
from nescio.steps.telemetry import read_records, step


def work(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(100))


def test_a_step_that_is_profiled_leaves_its_samples_and_a_row(tmp_path: Path) -> None:
    folder, outbox = tmp_path / "profile", str(tmp_path / "out")
    with profiling.profiled(folder):
        for shard in ("s000", "s001"):
            with step(outbox, "r", "redact", shard):
                work(0.1)
    (row,) = profiling.summary(folder, read_records(outbox, "r"))
    assert row["step"] == "redact" and row["shards"] == 2
    assert 0.2 <= row["seconds"] < 5 and row["cpu_seconds"] > 0 and row["peak_mib"] > 0
    prefix = profiling.publish(folder, outbox, [row])
    kept = sorted(path.name for path in (tmp_path / "out" / prefix).iterdir())
    flames = [f"redact-{shard}.speedscope.json" for shard in ("s000", "s001")]
    assert kept == ["profile.json", *flames]
    functions = json.loads((tmp_path / "out" / prefix / flames[0]).read_text())["shared"]["frames"]
    assert "work" in {frame["name"] for frame in functions}
    assert any("redact" in line and "2 shards" in line for line in profiling.table([row]))


def test_nothing_is_sampled_when_nobody_asks(tmp_path: Path) -> None:
    assert profiling.FOLDER_VARIABLE not in os.environ
    with profiling.profiled(tmp_path / "profile"):
        pass
    with step(str(tmp_path / "out"), "r", "gather"):
        work(0.02)
    assert not list((tmp_path / "profile").iterdir())
    (row,) = profiling.summary(tmp_path / "profile", read_records(str(tmp_path / "out"), "r"))
    assert row["lines"] == {}


def test_a_sample_counts_for_the_innermost_line_of_nescio() -> None:
    def frame(function: str, file: str, line: int) -> str:
        return f"{function}\x00{file}\x001\x01l{line}"

    decide = frame("run", "/x/nescio/steps/decide.py", 7)

    class Session:
        frame_records = (
            ([decide, frame("take", "/x/pyarrow/a.py", 3)], 0.5),
            ([decide, frame("f", "/x/nescio/blobs.py", 9)], 0.2),
            ([frame("main", "/x/kfp/executor.py", 1)], 9.0),
        )

    found = profiling.lines_of(Session())  # type: ignore[arg-type]
    assert found == {"steps/decide.py:7 run": 0.5, "blobs.py:9 f": 0.2}


def test_a_missing_profiler_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    with (
        pytest.raises(ConfigurationError, match=r"nescio\[profile\]"),
        profiling.profiled(tmp_path / "profile"),
    ):
        pass


TASK = """
import sys
sys.modules["__main__"].__spec__ = type("Spec", (), {"name": sys.argv[1]})
import nescio.steps
from nescio import tables
from pathlib import Path
tables.write(Path(sys.argv[2]), "lexicon", tables.empty("lexicon"))
tables.read(Path(sys.argv[2]), "lexicon")
print("pandas" in sys.modules)
import pandas, pyarrow
print(len(pandas.DataFrame({"a": [1, 2]})))
"""


@pytest.mark.parametrize(("main", "loads"), [("kfp.dsl.executor_main", False), ("pytest", True)])
def test_a_task_reads_tables_without_pandas_and_nobody_else_loses_it(
    tmp_path: Path, main: str, loads: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TASK, main, str(tmp_path)], capture_output=True, text=True
    )
    assert done.stdout.split() == [str(loads), "2"], done.stderr
