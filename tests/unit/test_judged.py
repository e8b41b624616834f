"""Hits on the real reports, judged by hand: kept as digests, counted by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.evaluation.judged import judgements, key, shares, take, unjudged

TEXT = "Study 17 was led by Ann Bell in the Parkinson unit."
HITS = [(6, 8, "ID"), (20, 28, "NAME"), (36, 45, "NAME")]


def test_answers_are_kept_as_digests_and_counted_by_words(tmp_path: Path) -> None:
    asked = unjudged([TEXT, TEXT], [HITS, HITS], {})
    assert [row[3] for row in asked] == ["17", "Ann Bell", "Parkinson"]
    answers = [["y", *asked[0]], ["y", *asked[1]], ["n", *asked[2]], ["", "never", "", "", "", ""]]
    path = tmp_path / "judged.csv"
    assert take(answers, {}, path) == 3
    assert "Bell" not in path.read_text()
    known = judgements(path)
    assert unjudged([TEXT], [HITS], known) == []
    assert shares([TEXT], [HITS], known) == pytest.approx(
        {"right": 3 / 11, "wrong": 1 / 11, "unjudged": 0}
    )


def test_the_same_words_elsewhere_are_another_hit() -> None:
    assert key("seen by Ann Bell", 8, 16) != key("the Ann Bell sign", 4, 12)
    assert key("page 17: Ann Bell", 9, 17) == key("page 23: Ann Bell", 9, 17)


def test_what_nobody_judged_is_counted_as_that() -> None:
    assert shares([TEXT], [HITS[:1]], {})["unjudged"] == pytest.approx(1 / 11)
