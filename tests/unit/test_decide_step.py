"""decide, as a step: the year that it judges by, and what it says of people who may be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import write_record
from policy_inputs import Input, document

from nescio import tables
from nescio.steps import collect, decide, telemetry
from nescio.steps.telemetry import read_records, run_year

BORN_1936 = ("[NAME.patient|Jo Bell], born [DATE.birth|2 Jan 1936]",)


def decided(source: Input, folder: Path, run: str, policy: str = "safe-harbor") -> list[str]:
    """Run the step on one document; return what its dates became."""
    at = folder / run
    outbox = str(folder / "outbox")
    row = dict.fromkeys(tables.SCHEMAS["documents"].names, "")
    row |= {"doc": "d-1", "bytes": 1, "pages": 1}
    blobs = [
        {"doc": "d-1", "paragraph": number, "blob": 0, "shard": "s000"}
        for number in source.paragraphs["paragraph"].to_pylist()
    ]
    tables.write(at / "gathered", "documents", tables.from_rows("documents", [row]))
    tables.write(at / "gathered", "paragraphs", source.paragraphs)
    tables.write(at / "gathered", "parts", tables.empty("parts"))
    tables.write(at / "gathered", "pages", tables.empty("pages"))
    tables.write(at / "context", "context", source.context)
    for name in ("segmented", "found"):
        tables.write(at / name, "blobs", tables.from_rows("blobs", blobs))
    tables.write(at / "found", "spans", source.spans)
    decide.run(
        [at / "found"], at / "segmented", at / "gathered", at / "context",
        outbox, run, policy, "", "", at / "out", "out",
    )  # fmt: skip
    rows = tables.read(at / "out", "decisions").to_pylist()
    return [row["replacement"] for row in rows if row["label"] == "DATE"]


def in_year(monkeypatch: pytest.MonkeyPatch, year: int) -> None:
    monkeypatch.setattr(telemetry, "this_year", lambda: year)


def test_a_run_that_goes_on_in_a_new_year_judges_by_the_year_in_which_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_year(monkeypatch, 2025)
    assert run_year(str(tmp_path / "outbox"), "old") == 2025
    in_year(monkeypatch, 2026)
    assert decided(document(*BORN_1936), tmp_path, "old") == ["1936"]
    assert decided(document(*BORN_1936), tmp_path, "new") == [""]


@pytest.mark.parametrize(("policy", "again"), [("safe-harbor", True), ("everything", False)])
def test_a_new_year_makes_a_document_anew_where_the_policy_judges_by_years(
    policy: str, again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox").mkdir()
    write_record(tmp_path / "inbox" / "a.pdf")
    keys = []
    for run, year in (("a", 2025), ("b", 2025), ("c", 2026)):
        in_year(monkeypatch, year)
        inbox, outbox = str(tmp_path / "inbox"), str(tmp_path / "outbox")
        collect.run(inbox, outbox, run, policy, "", "", 100, False, tmp_path / run, "collected")
        keys += tables.read(tmp_path / run, "documents")["outbox_key"].to_pylist()
    assert keys[0] == keys[1]
    assert (keys[2] != keys[0]) == again


def test_people_who_may_be_one_are_in_the_record_by_opaque_ids(tmp_path: Path) -> None:
    source = document(
        "Patient [NAME.patient|Anna Kowalczyk], subject [ID.subject_id|1004]",
        "Patient [NAME.patient|Anna Kowalczyk], subject [ID.subject_id|1005]",
        one_blob=False,
        kinds=("field", "field"),
    )
    decided(source, tmp_path, "run")
    (record,) = read_records(str(tmp_path / "outbox"), "run")
    assert record["conflicts"] == [{"subject": "d-1/0", "other": "d-1/1", "about": "subject_id"}]
