"""Two readers: agreement, what is to settle, and what all may have missed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from review_inputs import DOC, NAME, OTHER_NAME, propose
from review_servers import API, Client, list_original, serving
from typer.testing import CliRunner

from nescio.cli import app
from nescio.review import audit
from nescio.review.desk import Added, Item, State
from nescio.review.readers import cohens_kappa, compare_readers, matched


def test_kappa_is_that_of_a_known_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: (0.7 - 0.5) / (1 - 0.5)
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohens_kappa(pairs) == pytest.approx(0.4)
    assert math.isnan(cohens_kappa([])) and math.isnan(cohens_kappa([("y", "y")] * 3))


def item(number: int) -> Item:
    return Item(f"{number}.0", number, 0, "NAME", ((0, 0, 9, 9),), "x", 0.9, 1.0, -1)


def additions(*numbers: int, shift: float = 0.0) -> dict[str, Added]:
    """Return added marks, each at its number's place."""
    return {
        f"+{n}.0": Added(f"+{n}.0", n % 3, "NAME", ((20.0 * n + shift, 0, 20.0 * n + 15, 10),), "x")
        for n in numbers
    }


def test_what_all_missed_is_estimated_from_what_both_added() -> None:
    first = State(added=additions(*range(1, 13)))  # 12
    second = State(added=additions(*range(3, 18), shift=2.0))  # 15, of which 10 are the same
    found = compare_readers([], first, second)
    assert (found.first, found.second, found.shared) == (12, 15, 10)
    # Chapman: 13 * 16 / 11 - 1 = 17.909 places; 17 were seen by either.
    assert found.missed == pytest.approx(13 * 16 / 11 - 1 - 17)
    assert found.interval.low <= found.missed <= found.interval.high
    few = compare_readers([], State(added=additions(1, 2)), State(added=additions(2)))
    assert math.isnan(few.missed) and few.facts()["missed_by_all_estimate"] is None


def test_marks_that_only_touch_are_two_places() -> None:
    assert matched(additions(1).values(), additions(1, shift=14.0).values()) == [("+1.0", "+1.0")]
    apart = {"+9.0": Added("+9.0", 1, "NAME", ((34, 0, 60, 10),), "x")}
    assert matched(additions(1).values(), apart.values()) == []


def test_decisions_of_one_reader_only_count_as_open() -> None:
    items = [item(number) for number in range(4)]
    first = State(verdicts={"0.0": "accepted", "1.0": "rejected", "2.0": "accepted"})
    second = State(verdicts={"0.0": "accepted", "1.0": "accepted"})
    found = compare_readers(items, first, second)
    assert (found.both, found.agreed, found.disagreed, found.open) == (2, 1, ["1.0"], 1)


@pytest.fixture
def read_twice(tmp_path: Path) -> Path:
    """An output folder with a document that alice and bob have read."""
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    # Both find the other name on page 1; only bob finds it on page 2.
    for reader, rejected in (("alice", ["0.0"]), ("bob", ["0.0", "1.1"])):
        with serving(tmp_path / "out", reader) as address:
            client = Client(address).log_in()
            state = client.state()
            assert not any(mark["verdict"] for mark in state["items"]), "bob does not see alice's"
            assert state["added"] == [] and state["readers"] is None
            accepted = [m["id"] for m in state["items"] if m["id"] not in rejected]
            client.do(do="verdict", marks=accepted, verdict="accepted")
            client.do(do="verdict", marks=rejected, verdict="rejected")
            while not (hits := client.post(f"{API}/search", {"text": OTHER_NAME}).json["hits"]):
                pass
            client.do(do="add", label="NAME", places=hits[:1] if reader == "alice" else hits)
    return tmp_path


def test_a_third_person_settles_what_two_disagree_on(read_twice: Path) -> None:
    out = read_twice / "out"
    shown = CliRunner().invoke(app, ["readers", str(out), DOC, "alice", "bob"])
    assert shown.exit_code == 0, shown.output
    facts = json.loads(shown.output)
    assert facts["agreed"] == 3 and facts["marks_to_settle"] == ["1.1"]
    assert (facts["added_by_first"], facts["added_by_second"], facts["added_by_both"]) == (1, 2, 1)
    assert NAME not in shown.output and OTHER_NAME not in shown.output
    with serving(out, "carol", settle=("alice", "bob")) as address:
        client = Client(address).log_in()
        state = client.state()
        verdicts = {mark["id"]: mark["verdict"] for mark in state["items"]}
        assert verdicts == {"0.0": "rejected", "1.1": "", "2.0": "accepted", "3.1": "accepted"}
        assert [mark["id"] for mark in state["items"] if mark["disputed"]] == ["1.1"]
        assert sorted(mark["page"] for mark in state["added"]) == [0, 1]
        client.do(do="verdict", marks=["1.1"], verdict="accepted")
        done = client.post(f"{API}/release", {})
    assert done.status == 200, done.body
    certificate = json.loads((out / done.json["file"]).with_suffix(".certificate.json").read_text())
    review = certificate["review"]
    assert (review["accepted"], review["rejected"], review["added"]) == (3, 1, 2)
    assert review["readers"]["agreed"] == 3 and review["readers"]["disagreed"] == 1
    assert "settled" in [entry["action"] for entry in audit.entries(str(out))]
    with serving(out, "carol", settle=("alice", "bob")) as address:  # goes on, does not begin anew
        assert Client(address).log_in().state()["progress"]["decided"] == 4


def test_settling_needs_two_who_read_and_a_third(tmp_path: Path) -> None:
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    with serving(tmp_path / "out", "carol", settle=("alice", "bob")) as address:
        answer = Client(address).log_in().get(f"{API}/state")
        assert answer.status == 409 and "alice has decided nothing" in answer.json["error"]
    for given in ("alice", "alice,alice", "alice,carol", "alice,bob,dan", "../x,bob"):
        command = ["review", str(tmp_path / "out"), "--reader", "carol", "--settle", given]
        result = CliRunner().invoke(app, command)
        assert result.exit_code != 0 and "Open this" not in result.output
