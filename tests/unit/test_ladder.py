from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks import ladder, rungs
from benchmarks.cases import mapping
from benchmarks.ladder_page import write_chart
from benchmarks.page import write_page
from benchmarks.scan_index import ScanIndex, TrimmedIndex
from benchmarks.study import Study, make_study
from nescio import tables
from nescio.search import find_patterns

pytestmark = pytest.mark.timeout(900)  # every rung runs: half a minute, more on a busy machine


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("ladder")
    return make_study(folder, 10, rows=60, columns=30, workers=1, runtime="onnx")


@pytest.fixture(scope="module")
def climbed(study: Study) -> list[dict]:
    return ladder.climb(study)


def test_unscoped_rungs_find_the_spans_of_rung_0(climbed: list[dict]) -> None:
    assert [rung["name"][0] for rung in climbed] == ["0", "1", "2", "3", "4", "4", "5", "5"]
    assert climbed[0]["spans"] > 0
    unscoped = [rung for rung in climbed if not rung["scoped"]]
    assert len(unscoped) == 5
    assert all(rung["spans_equal"] and rung["missed"] == 0 for rung in unscoped)


def test_processes_find_together_what_one_finds(study: Study) -> None:
    spans = rungs.parallel(study._replace(workers=2)).spans
    assert len({*spans["paragraph"].to_pylist()}) > 1
    assert spans.equals(rungs.trimmed(study).spans)


def test_the_page_says_every_rung(climbed: list[dict], study: Study, tmp_path: Path) -> None:
    machine = {"processor": "x", "cores": 2, "memory_gb": 1.0, "system": "s", "python": "3"}
    machine |= {"packages": {}, "load_average": [9.0], "load_average_after": [0.1]}
    machine |= {"gemm_fp32_gflops": 1.0, "copy_gb_per_second": 1.0}
    report = {"paragraphs": 1, "pages": 1, "rows": 1, "columns": 1, "workers": 2, "tagger": "t"}
    report |= {"machine": machine, "rungs": climbed, "skipped": rungs.skipped_rules(study)}
    report["watched"] = ladder.watched_rules(study)
    report["dag"] = {"seconds": 9.0, "start_seconds": 3.0, "whole_seconds": 20.0}
    write_page(tmp_path / "page.md", report)
    text = (tmp_path / "page.md").read_text()
    assert all(rung["name"] in text for rung in climbed)
    assert "busy with other work" in text and "faster than on rung 0" in text
    assert "9.0 s from the end of gather" in text
    write_chart(tmp_path, report)
    assert (tmp_path / "ladder.png").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "ladder.svg").read_text()


def test_missed_counts_spans_that_nothing_overlaps() -> None:
    def spans(*places: tuple[int, int]) -> pa.Table:
        rest = {"doc": "d", "paragraph": 0, "label": "ID", "kind": "", "score": 1.0}
        rows = [rest | {"start": s, "end": e, "sources": ["x"]} for s, e in places]
        return tables.from_rows("spans", rows)

    assert ladder.missed(spans((0, 5), (10, 15)), spans((4, 6))) == 1
    assert ladder.missed(spans((0, 5), (10, 15)), spans((5, 10))) == 2


def test_patterns_by_piece_are_the_patterns_of_the_whole(study: Study) -> None:
    whole = find_patterns(study.paragraphs)
    pieces = list(rungs.table_pieces(study.paragraphs))
    assert sum(length for _, length in pieces) == len(study.paragraphs)
    assert len(pieces) > 1
    parts = [find_patterns(study.paragraphs.slice(*piece)) for piece in pieces]
    assert pa.concat_tables(parts).equals(whole)


@pytest.mark.parametrize("kind", [ScanIndex, TrimmedIndex])
def test_scans_answer_as_the_index_does(study: Study, kind: type[ScanIndex]) -> None:
    from nescio.search import ReferenceIndex

    index, scan = ReferenceIndex(study.index), kind(study.index, study.source)
    names = [column.name for column in mapping().columns]
    asked = 0
    for row in scan.values[names.index("last_name")][:20]:
        assert row is not None
        for text in (row, row.upper(), row[:-1] + "z", row + "x", row.replace("l", "1")):
            columns = index.mapping.of_interest("NAME", "patient")
            ours, theirs = (
                scan.find_value(text, "NAME", columns),
                index.find_value(text, "NAME", columns),
            )
            assert [(m.column, m.people.tolist(), m.exact) for m in ours] == [
                (m.column, m.people.tolist(), m.exact) for m in theirs
            ]
            asked += bool(theirs)
    assert asked > 20
    assert all(scan.known_of(person) == index.known_of(person) for person in range(60))
