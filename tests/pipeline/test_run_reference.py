"""A reference table in `nescio run`, as a person calls it: what it adds, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest
from test_run import leaks, nescio

HEADER = "MRN,LASTNAME,FIRSTNAME,BRTHDTC,LAB"
ROWS = (
    "MR5528817,Zubrowska,Wilhelmina,1977-05-24,1.0",
    "MR5528818,Nowak,Jan,1977-08-01,2.0",
    "MR5528819,Kowal,Anna,1960-01-02,3.0",
)
MAPPING = """
columns:
  MRN: ID/mrn
  LASTNAME: NAME/patient/last
  FIRSTNAME: NAME/patient/first
  BRTHDTC: DATE/birth
"""


def table(path: Path, header: str = HEADER, rows: tuple[str, ...] = ROWS) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def test_a_run_with_a_reference_says_how_many_of_its_people_a_subject_may_be(
    record_pdf: Path, tmp_path: Path
) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    result = nescio(
        "run", record_pdf, "-o", tmp_path / "out", "--policy", "safe-harbor",
        "--reference", table(tmp_path / "people.csv"),
        "--reference-mapping", tmp_path / "mapping.yaml",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["risk_population_members"] == 3
    # Born on that day is one of three; born in 1977, as the released file says, are two.
    assert metrics["risk_population_maximum_before"] == 1
    assert metrics["risk_population_maximum_after"] == 0.5
    draft = (tmp_path / "out" / "anonymisation-report.md").read_text()
    assert "Against a reference population" in draft and leaks(draft) == 0


def wrong_types(folder: Path) -> Path:
    columns = {"MRN": ["1", "2"], "LASTNAME": [True, False]}
    pq.write_table(pa.table(columns), folder / "people.parquet")
    return folder / "people.parquet"


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("without mapping", "--reference needs --reference-mapping"),
        ("duplicate columns", "more than one column named MRN"),
        ("wrong types", "Column LASTNAME is mapped to NAME/patient/last but holds bool"),
        ("no rows", "has no rows"),
        ("missing column", "names columns that the reference table has not: BRTHDTC"),
        ("unknown entity", "mapped to the unknown entity NAM/patient"),
        ("not there", "does not exist"),
    ],
)
def test_a_bad_reference_is_refused_in_one_line_before_anything_is_released(
    case: str, says: str, record_pdf: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    mapping = MAPPING
    source = table(tmp_path / "people.csv")
    if case == "duplicate columns":
        source = table(tmp_path / "people.csv", HEADER.replace("LAB", "MRN"))
    elif case == "wrong types":
        source, mapping = wrong_types(tmp_path), "columns: {LASTNAME: NAME/patient/last}"
    elif case == "no rows":
        source = table(tmp_path / "people.csv", rows=())
    elif case == "missing column":
        source = table(tmp_path / "people.csv", HEADER.replace("BRTHDTC", "DOB"))
    elif case == "unknown entity":
        mapping = "columns: {LASTNAME: NAM/patient}"
    elif case == "not there":
        source = tmp_path / "no.csv"
    (tmp_path / "mapping.yaml").write_text(mapping)
    options: list[object] = ["--reference", source]
    if case != "without mapping":
        options += ["--reference-mapping", tmp_path / "mapping.yaml"]
    line = refusal("run", record_pdf, "-o", tmp_path / "out", *options)
    assert says in line and leaks(line) == 0
    assert not (tmp_path / "out" / "released").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\ntitle: A\nentities:\n  NAM: remove\n", "line 4, entities.NAM: unknown entity"),
        ("name: a\ntitle: A\nentities: {}\nthreshold: 7\n", "line 4, threshold"),
        ("name: a\ntitle: [\n", "not YAML"),
    ],
    ids=["unknown entity", "value out of range", "not YAML"],
)
def test_a_bad_policy_is_refused_with_line_and_field(
    text: str, says: str, record_pdf: Path, tmp_path: Path, refusal: Callable[..., str]
) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    out = tmp_path / "out"
    line = refusal("run", record_pdf, "-o", out, "--policy", tmp_path / "mine.yaml")
    assert says in line and not out.exists()


def test_each_document_of_a_list_is_searched_with_its_own_table_alone(tmp_path: Path) -> None:
    """Only the table of a document knows that what stands in it is a record number."""
    inbox = tmp_path / "inbox"
    for name in ("one", "two", "three"):
        (inbox / name).mkdir(parents=True)
        with pymupdf.open() as made:
            made.new_page().insert_text((60, 80), f"Sample {name} came from QX-LIND-77.")
            made.save(inbox / name / "sample.pdf")
    (tmp_path / "mapping.yaml").write_text("columns: {SAMPLE: ID/mrn}")
    (tmp_path / "knows.csv").write_text("SAMPLE\nQX-LIND-77\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "knows.csv").write_text("CODE\nZZ-AAAA-00\n")
    (tmp_path / "other" / "mapping.yaml").write_text("columns: {CODE: ID/mrn}")
    (tmp_path / "list.csv").write_text(
        "path,reference,mapping\n"
        "one/sample.pdf,knows.csv,\n"
        "two/sample.pdf,other/knows.csv,other/mapping.yaml\n"
    )
    result = nescio(
        "run", inbox, "-o", tmp_path / "out", "--reference", tmp_path / "list.csv",
        "--reference-mapping", tmp_path / "mapping.yaml",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    listing = (tmp_path / "out" / "private" / "documents.csv").read_text().splitlines()[1:]
    vouched = {}
    for line in listing:
        path, doc, *_ = line.split(",")
        decisions = tmp_path / "out" / "private" / "decisions" / f"{doc}.parquet"
        rows = pq.read_table(decisions).to_pylist() if decisions.exists() else []
        vouched[Path(path).parent.name] = any("reference" in row["sources"] for row in rows)
    assert vouched == {"one": True, "two": False, "three": False}
