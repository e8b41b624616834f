"""A new tagger is published if it is not worse than the one in use, and refused if it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nescio.errors import NescioError
from nescio.steps.telemetry import one_line
from training.release import Measured, faults, publish

RECORDS = Measured(
    mentions=10_000, found=9_900, full=9_800, ordinary_words=90_000, ordinary_hidden=500
)
TWEETS = Measured(mentions=1_000, found=900, full=880, ordinary_words=20_000, ordinary_hidden=100)
IN_USE = {"records": RECORDS, "tweets": TWEETS}


def test_the_same_and_the_better_are_not_worse() -> None:
    assert faults(IN_USE, IN_USE) == []
    better = IN_USE | {"records": RECORDS._replace(found=9_950, full=9_900, ordinary_hidden=10)}
    assert faults(better, IN_USE) == []


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("tweets", {"found": 898}, "tweets: 2 of 1000 mentions fewer found"),
        ("tweets", {"full": 870}, "tweets: 10 of 1000 mentions fewer full"),
        ("records", {"found": 9_800}, "records: 100 of 10000 mentions fewer found"),
        ("tweets", {"ordinary_hidden": 121}, "tweets: 121 ordinary words hidden, not 100"),
        ("tweets", {"mentions": 999}, "tweets: not the same mentions"),
    ],
)
def test_what_is_lost_is_named(name: str, changes: dict[str, int], says: str) -> None:
    worse = IN_USE | {name: IN_USE[name]._replace(**changes)}
    assert says in faults(worse, IN_USE)


def test_a_little_lost_on_one_set_must_be_made_up_for_on_another() -> None:
    little = IN_USE | {"records": RECORDS._replace(found=9_895)}
    assert faults(little, IN_USE) == ["all sets together: 5 of 11000 mentions fewer found"]
    made_up = little | {"tweets": TWEETS._replace(found=906)}
    assert faults(made_up, IN_USE) == []


@pytest.mark.parametrize("candidate", [{}, {"records": RECORDS}])
def test_what_was_not_measured_alike_is_not_compared(candidate: dict[str, Measured]) -> None:
    assert faults(candidate, IN_USE) == ["the two were not measured on the same sets"]
    assert faults({}, {})


def test_nothing_to_find_proves_nothing() -> None:
    nothing = {"records": Measured(0, 0, 0, 10, 0)}
    assert faults(nothing, nothing)


def model(folder: Path) -> Path:
    """Write what stands for an exported model."""
    folder.mkdir()
    for name in ("manifest.json", "tagger.int8.onnx"):
        (folder / name).write_text(f"{{}} {name}")
    return folder


def told(path: Path, candidate: dict[str, Measured]) -> Path:
    """Write what the evaluation found."""
    sets = {"candidate": candidate, "current": IN_USE}
    path.write_text(
        json.dumps({who: {n: m._asdict() for n, m in found.items()} for who, found in sets.items()})
    )
    return path


def test_a_model_that_is_not_worse_is_published_whole_with_what_was_measured(
    tmp_path: Path,
) -> None:
    models = tmp_path / "models"
    version = publish(model(tmp_path / "new"), told(tmp_path / "m.json", IN_USE), str(models))
    assert (models / "tagger" / "latest.txt").read_text() == version
    published = {path.name for path in (models / "tagger" / version).iterdir()}
    assert published == {"manifest.json", "tagger.int8.onnx", "measured.json"}


def test_a_worse_model_is_refused_and_nothing_is_published(tmp_path: Path) -> None:
    models = tmp_path / "models"
    worse = IN_USE | {"tweets": TWEETS._replace(found=800)}
    with pytest.raises(NescioError, match="worse and was not published: tweets: 100 of 1000"):
        publish(model(tmp_path / "new"), told(tmp_path / "m.json", worse), str(models))
    assert not models.exists()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NescioError("it is worse."), "it is worse."),
        (ValueError("Zubrowska"), "ValueError at telemetry.py:"),
    ],
)
def test_a_step_fails_in_one_line_that_quotes_no_text(
    capsys: pytest.CaptureFixture[str], error: Exception, says: str
) -> None:
    with pytest.raises(SystemExit) as end, one_line("publish-tagger"):
        raise error
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"step publish-tagger failed: {says}") and "Zubrowska" not in line
