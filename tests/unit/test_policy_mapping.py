"""Draws are random, written down before they are used, and repeated by a retry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from policy_inputs import document, judge, policy_of, together

from nescio.errors import ConfigurationError, NescioError
from nescio.policy import (
    FileLedger,
    Mapping,
    MemoryLedger,
    ObjectLedger,
    Policy,
    VaultLedger,
    new_key,
    open_vault,
    read_keys,
    rotate,
)
from nescio.store import open_store

DRAWS = """
name: mine
title: Mine
entities: {NAME: surrogate, DATE: {action: shift}, ID: surrogate, PHONE: surrogate}
"""
RECORD = (
    "[NAME.patient|Jo Bell], MRN [ID.mrn|4471], born [DATE.birth|24 May 1977]",
    "[NAME|Bell] came on [DATE.visit|3 May 2020]; call [PHONE|617-555-2345]",
)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_of(tmp_path, DRAWS)


def test_a_retry_with_the_same_mapping_makes_the_same_decisions(
    policy: Policy, tmp_path: Path
) -> None:
    with Mapping(FileLedger(tmp_path / "mapping.jsonl")) as mapping:
        first = judge(document(*RECORD), policy, mapping)
    with Mapping(FileLedger(tmp_path / "mapping.jsonl")) as mapping:
        again = judge(document(*RECORD), policy, mapping)
    assert first.equals(again)
    assert set(first["action"].to_pylist()) == {"surrogate", "shift"}


def test_another_mapping_makes_other_draws(policy: Policy) -> None:
    shown = {tuple(judge(document(*RECORD), policy)["replacement"].to_pylist()) for _ in range(5)}
    assert len(shown) == 5


def test_every_draw_is_in_the_ledger_when_the_decisions_are_there(policy: Policy) -> None:
    ledger = MemoryLedger()
    decisions = judge(document(*RECORD), policy, Mapping(ledger))
    written = Mapping(ledger)
    values = {value for _, value in written}
    phones = [row for row in decisions.to_pylist() if row["label"] == "PHONE"]
    assert phones and all(row["replacement"] in values for row in phones)


def test_no_draw_is_used_where_the_ledger_refuses_to_be_written(policy: Policy) -> None:
    class Full(MemoryLedger):
        def append(self, lines: bytes) -> None:
            raise NescioError("the private mapping could not be written.")

    with pytest.raises(NescioError, match="could not be written"):
        judge(document(*RECORD), policy, Mapping(Full()))


def test_people_with_the_same_record_number_are_one_across_documents(policy: Policy) -> None:
    one, two = document(*RECORD, doc="d-1"), document(*RECORD, doc="d-2")
    everyone = {
        (doc, paragraph, start, start + 4): 0
        for doc in ("d-1", "d-2") for paragraph in (0, 1) for start in range(70)
    }  # fmt: skip
    shown = judge(together(one, two), policy, people=everyone)["replacement"].to_pylist()
    half = len(shown) // 2
    assert shown[:half] == shown[half:]


def test_people_of_whom_nothing_agrees_are_shifted_apart(policy: Policy) -> None:
    documents = [document(f"[NAME|Pat {name}] on [DATE.visit|3 May 2020]", doc=f"d-{name}")
                 for name in ("Abel", "Boyd", "Cope", "Dunn", "Eads", "Ford")]  # fmt: skip
    rows = judge(together(*documents), policy).to_pylist()
    assert len({row["replacement"] for row in rows if row["label"] == "DATE"}) > 1


def test_a_file_ledger_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    FileLedger(tmp_path / "private" / "mapping.jsonl").close()
    assert (tmp_path / "private" / "mapping.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_left_half_written_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "mapping.jsonl"
    path.write_bytes(b'["shift","p-1","40"]\n["shift","p-2","-1')
    with Mapping(FileLedger(path)) as mapping:
        assert mapping.get(("shift", "p-1")) == "40"
        assert mapping.get(("shift", "p-2")) is None
        mapping.draw(("shift", "p-2"), lambda: "9")
        mapping.flush()
    with Mapping(FileLedger(path)) as mapping:
        assert mapping.get(("shift", "p-2")) == "9"


def test_a_damaged_mapping_is_refused_in_one_line() -> None:
    ledger = MemoryLedger()
    ledger.append(b"not json\n")
    with pytest.raises(NescioError, match="damaged"):
        Mapping(ledger)


def test_a_second_writer_waits_until_the_first_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "mapping.jsonl"
    script = (
        "import sys; from pathlib import Path; from nescio.policy import *\n"
        "with Mapping(FileLedger(Path(sys.argv[1]))) as m:\n"
        "    print(m.draw(('a',), lambda: 'second'))\n"
    )
    with Mapping(FileLedger(path)) as mapping:
        other = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE)
        mapping.draw(("a",), lambda: "first")
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1.5)
        mapping.flush()
    assert other.communicate(timeout=20)[0].strip() == b"first"


def test_a_ledger_in_a_store_keeps_what_was_there(tmp_path: Path) -> None:
    for value in ("1", "2"):
        with Mapping(ObjectLedger(open_store(str(tmp_path)), "private/m")) as mapping:
            mapping.draw((value,), lambda: "x")
            mapping.flush()
    with Mapping(ObjectLedger(open_store(str(tmp_path)), "private/m")) as mapping:
        assert len(mapping) == 2


def test_a_vault_carries_a_returning_patient_from_run_to_run_unreadably(
    policy: Policy, tmp_path: Path
) -> None:
    key_file, path = tmp_path / "key", tmp_path / "vault"
    key_file.write_text(f"# for the tests\n{new_key()}\n")
    shifts = []
    for run in ("a", "b"):
        with Mapping(open_vault(path, key_file)) as mapping:
            source = document(*RECORD, doc=f"d-{run}")
            people = {(f"d-{run}", 0, 0, 60): 0, (f"d-{run}", 1, 0, 60): 0}
            rows = judge(source, policy, mapping, people).to_pylist()
            shifts.append([row["replacement"] for row in rows])
    assert shifts[0] == shifts[1]
    content = path.read_bytes()
    assert b"4471" not in content and b"bell" not in content.lower()


def test_a_vault_does_not_open_with_another_key(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    with Mapping(VaultLedger(FileLedger(path), [new_key()])) as mapping:
        mapping.draw(("a",), lambda: "1")
        mapping.flush()
    with pytest.raises(ConfigurationError, match="does not open"):
        Mapping(VaultLedger(FileLedger(path), [new_key()]))


def test_a_rotated_vault_opens_with_the_new_key_alone(tmp_path: Path) -> None:
    path, old, new = tmp_path / "vault", new_key(), new_key()
    with Mapping(VaultLedger(FileLedger(path), [old])) as mapping:
        mapping.draw(("a",), lambda: "1")
        mapping.flush()
    rotate(path, [old], [new])
    with Mapping(VaultLedger(FileLedger(path), [new])) as mapping:
        assert mapping.get(("a",)) == "1"
    with pytest.raises(ConfigurationError):
        VaultLedger(FileLedger(path), [old]).read()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_vault_written_with_two_keys_in_turn_opens_with_both(tmp_path: Path) -> None:
    path, old, new = tmp_path / "vault", new_key(), new_key()
    for keys, name in (([old], "a"), ([new, old], "b")):
        with Mapping(VaultLedger(FileLedger(path), keys)) as mapping:
            mapping.draw((name,), lambda: "1")
            mapping.flush()
    assert len(Mapping(VaultLedger(FileLedger(path), [new, old]))) == 2


@pytest.mark.parametrize(("content", "says"), [(b"", "no key"), (b"secret\n", "line 1: not a key")])
def test_a_bad_key_file_is_refused_without_showing_it(content: bytes, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        read_keys(content)
    assert "secret" not in str(refused.value)


def test_a_draw_does_not_depend_on_a_seed_that_anyone_could_set(policy: Policy) -> None:
    import random

    results = set()
    for _ in range(4):
        random.seed(1)
        results.add(tuple(judge(document(*RECORD), policy)["replacement"].to_pylist()))
    assert len(results) == 4
