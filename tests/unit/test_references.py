"""Lists of reference tables: what they name, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nescio.errors import ConfigurationError
from nescio.steps.references import Source, index_references, list_facts, only_index, read_list


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_what_a_list_names_is_relative_to_the_list_itself(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    written(source, "path,reference,mapping\na.pdf,x.csv,own.yaml\nb.pdf,s3://b/y.csv,\n")
    (tmp_path / "staged").mkdir()
    link = tmp_path / "staged" / "reference.csv"
    link.symlink_to(source)
    assert read_list(str(link), "all.yaml") == {
        "a.pdf": Source(f"{tmp_path}/x.csv", f"{tmp_path}/own.yaml"),
        "b.pdf": Source("s3://b/y.csv", "all.yaml"),
    }


@pytest.mark.parametrize("header", ["USUBJID,NAME", "path,reference,dose", "path,mapping"])
def test_a_table_is_no_list(header: str, tmp_path: Path) -> None:
    assert read_list(written(tmp_path / "t.csv", f"{header}\n1,2\n")) is None


def test_a_row_without_reference_is_refused_by_its_line(tmp_path: Path) -> None:
    uri = written(tmp_path / "t.csv", "path,reference\na.pdf,x.csv\nsecret.pdf,\n")
    with pytest.raises(ConfigurationError, match="line 3") as refused:
        read_list(uri)
    assert "secret" not in str(refused.value)


def test_tables_are_indexed_once_and_only_where_a_document_asks(tmp_path: Path) -> None:
    written(tmp_path / "m.yaml", "columns: {MRN: ID/mrn}")
    written(tmp_path / "x.csv", "MRN\n4471\n")
    uri = written(
        tmp_path / "list.csv", "path,reference\na.pdf,x.csv\nb.pdf,x.csv\nc.pdf,missing.csv\n"
    )
    rows = [{"doc": f"d-{n}", "path": f"/in/{n}.pdf", "key": f"{n}.pdf"} for n in "abz"]
    at = tmp_path / "indexes"
    found = index_references(uri, str(tmp_path / "m.yaml"), rows, at)
    assert found == {"d-a": "r000", "d-b": "r000"}
    assert [path.name for path in at.iterdir() if path.is_dir()] == ["r000"]
    assert only_index(at, ["d-a", "d-b"]) == at / "r000"
    assert only_index(at, ["d-a", "d-z"]) is None
    with pytest.raises(ConfigurationError, match="does not exist"):
        index_references(uri, str(tmp_path / "m.yaml"), [{"doc": "c", "path": "c.pdf", "key": ""}],
                         at)  # fmt: skip


def test_lines_and_documents_that_do_not_meet_are_counted(tmp_path: Path) -> None:
    uri = written(tmp_path / "l.csv", "path,reference\nin/a.pdf,x.csv\ntypo.pdf,x.csv\n")
    rows = [{"path": "/data/in/a.pdf", "key": "1.pdf"}, {"path": "", "key": "b.pdf"}]
    assert list_facts(uri, rows) == {
        "reference_list_lines_unused": 1,
        "documents_without_reference": 1,
    }
    assert list_facts(written(tmp_path / "t.csv", "MRN\n1\n"), rows) == {}
