"""The reference index: what it reads, what it finds, what counts, and what it refuses."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from search_inputs import Given, found_in, search

from nescio.errors import ConfigurationError
from nescio.search import ReferenceIndex
from nescio.search.dates import read_date
from nescio.search.mapping import Column, load_mapping, make_mapping, propose_columns, write_mapping
from nescio.search.reference_build import build_index
from nescio.search.reference_file import column_names

TABLE: dict[str, list[Any]] = {
    "USUBJID": ["CJ1-101-1004", "CJ1-101-1005", "CJ1-102-2001", "CJ1-102-2002", "CJ1-102-2003"],
    "LASTNAME": ["Doe", "Marchetti", "Young", "Kowalczyk", "Houston"],
    "FIRSTNAME": ["May", "Luca", "Will", "Anna", "Mary"],
    "BRTHDTC": ["1977-05-24", "1980-01-02", "1955-12-31", "1999-01-01", "1999-01-01"],
    "AGE": [45, 41, 67, 22, 22],
    "CITY": ["Leeds", "Reading", "Bath", "Leeds", "Leeds"],
    "PHONE": ["(0113) 555 0101", "0118 555 0102", "01225 555 0103", None, "unknown"],
    **{f"LAB{i}": [float(i)] * 5 for i in range(300)},
}
MAPPING = {
    "USUBJID": "ID/subject_id",
    "LASTNAME": "NAME/patient/last",
    "FIRSTNAME": "NAME/patient/first",
    "BRTHDTC": "DATE/birth",
    "AGE": "AGE",
    "CITY": "LOCATION/city",
    "PHONE": "PHONE",
}


def write_parquet(path: Path, table: dict[str, Any]) -> Path:
    pq.write_table(pa.table(table), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def write_csv(path: Path, table: dict[str, Any]) -> Path:
    pyarrow.csv.write_csv(pa.table(table), path.with_suffix(".csv"))
    return path.with_suffix(".csv")


def write_xpt(path: Path, table: dict[str, Any]) -> Path:
    """Write a SAS transport file, version 5 (SAS TS-140); dates as days since 1960."""
    epoch = datetime.date(1960, 1, 1)
    columns = {
        name[:8]: [
            float((datetime.date.fromisoformat(v) - epoch).days) if name == "BRTHDTC" else v
            for v in values
        ]
        for name, values in table.items()
    }
    stamp = "01JAN21:00:00:00"
    now = f"{'SAS':8}{'SAS':8}{'SASLIB':8}{'9.4':8}{'X64':8}{'':24}{stamp}"
    member = f"{'SAS':8}{'REF':8}{'SASDATA':8}{'9.4':8}{'X64':8}{'':24}{stamp}"
    head = "HEADER RECORD*******{:8}HEADER RECORD!!!!!!!{:0<30}  "
    sizes = [8 if isinstance(v[0], int | float) else 40 for v in columns.values()]
    records = [
        head.format("LIBRARY", ""),
        now,
        f"{stamp:80}",
        "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140  ",
        head.format("DSCRPTR", ""),
        member,
        f"{stamp:80}",
        f"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000{len(columns):04d}"
        "00000000000000000000  ",
    ]
    fields, position = b"", 0
    for number, ((name, values), size) in enumerate(
        zip(columns.items(), sizes, strict=True), start=1
    ):
        kind = 1 if isinstance(values[0], int | float) else 2
        text = [name.ljust(8).encode(), b" " * 40, b" " * 8]
        fields += struct.pack(">hhhh8s40s8shhh2s8shhl52s", kind, 0, size, number, *text, 0, 0, 0,
                              b"", b" " * 8, 0, 0, position, b"")  # fmt: skip
        position += size
    fields = fields.ljust(-(-len(fields) // 80) * 80)
    rows = b"".join(
        _ibm(value) if isinstance(value, int | float) else str(value or "").ljust(40).encode()
        for row in zip(*columns.values(), strict=True)
        for value in row
    )
    rows = rows.ljust(-(-len(rows) // 80) * 80)
    content = "".join(records).encode() + fields + head.format("OBS", "").encode() + rows
    path.with_suffix(".xpt").write_bytes(content)
    return path.with_suffix(".xpt")


def _ibm(value: float) -> bytes:
    """Return a number as an IBM System/360 double, as transport files keep it."""
    if not value:
        return bytes(8)
    sign, value, exponent = (0x80 if value < 0 else 0), abs(value), 64
    while value >= 1:
        value, exponent = value / 16, exponent + 1
    while value < 1 / 16:
        value, exponent = value * 16, exponent - 1
    return bytes([sign | exponent]) + int(value * (1 << 56)).to_bytes(7, "big")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ReferenceIndex:
    folder = tmp_path_factory.mktemp("reference")
    return build_index(write_parquet(folder / "r", TABLE), make_mapping(MAPPING), folder / "index")


XPT = {name: TABLE[name] for name in ("USUBJID", "LASTNAME", "FIRSTNAM", "BRTHDTC", "AGE")
       if name in TABLE} | {"FIRSTNAM": TABLE["FIRSTNAME"]}  # fmt: skip
WRITERS: dict[str, Callable[[Path, dict[str, Any]], Path]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "xpt": write_xpt,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_index(kind: str, tmp_path: Path) -> None:
    mapping = make_mapping(
        {"USUBJID": "ID/subject_id", "LASTNAME": "NAME/patient/last", "BRTHDTC": "DATE/birth",
         "AGE": "AGE"}
    )  # fmt: skip
    source = WRITERS[kind](tmp_path / "r", XPT)
    built = build_index(source, mapping, tmp_path / kind)
    assert built.people == 5
    assert dict(built.known_of(0)) == {0: "CJ1-101-1004", 1: "Doe", 2: "1977-05-24", 3: "45"}


def test_only_mapped_columns_are_read(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "r", {"ID": ["A10001"], "SECRET": ["Jane Doe"]})
    build_index(source, make_mapping({"ID": "ID/mrn"}), tmp_path / "index")
    written = b"".join(path.read_bytes() for path in (tmp_path / "index").iterdir())
    assert b"A10001" in written
    assert b"Jane" not in written and b"SECRET" not in written


def test_rows_of_one_subject_are_one_person(tmp_path: Path) -> None:
    rows = {"USUBJID": ["A-1", "A-1", "A-2"], "VISIT": ["2021-01-01", "2021-02-01", "2021-01-01"]}
    mapping = make_mapping({"USUBJID": "ID/subject_id", "VISIT": "DATE/visit"})
    built = build_index(write_parquet(tmp_path / "r", rows), mapping, tmp_path / "index")
    assert built.people == 2
    assert len(built.known_of(0)) == 3


def test_persons_can_be_told_apart_by_a_column_that_is_no_entity(tmp_path: Path) -> None:
    rows = {"ROW": [7, 7, 8, None], "MRN": ["A10001", "A10002", "A10001", "A10001"]}
    mapping = make_mapping({"MRN": "ID/mrn"}, person="ROW")
    built = build_index(write_parquet(tmp_path / "r", rows), mapping, tmp_path / "index")
    assert built.people == 3
    assert [value for _, value in built.known_of(0)] == ["A10001", "A10002"]


def test_index_opens_again_from_its_folder_alone(tmp_path: Path) -> None:
    source = write_parquet(tmp_path / "r", TABLE)
    build_index(source, make_mapping(MAPPING), tmp_path / "index")
    source.unlink()
    opened = ReferenceIndex(tmp_path / "index")
    assert opened.mapping == make_mapping(MAPPING)
    assert found_in(search(["Subject CJ1-102-2001"], reference=opened), 0) == ["CJ1-102-2001"]


@pytest.mark.parametrize("text", ["CJ1-102-2001", "cj1/102/2001", "CJ11022001", "CJ1.102.2001"])
def test_number_is_found_however_it_is_punctuated(text: str, index: ReferenceIndex) -> None:
    [hit] = search([f"Sample {text} was lost."], reference=index)
    assert (hit.text, hit.label, hit.kind, hit.sources) == (
        text, "ID", "subject_id", ("reference",)
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Luca Marchetti", "MARCHETTI, Luca", "Luca P. Marchetti", "Marchetti Luca"]
)
def test_given_name_and_surname_of_one_person_side_by_side_count(
    text: str, index: ReferenceIndex
) -> None:
    assert found_in(search([f"The report of {text} was late."], reference=index), 0) == [text]


def test_given_name_and_surname_of_two_persons_side_by_side_are_nobody(
    index: ReferenceIndex,
) -> None:
    assert search(["anna doe and Luca Houston"], reference=index) == []


def test_rare_surname_counts_by_itself_but_weakly(index: ReferenceIndex) -> None:
    hits = search(["The wound of Kowalczyk healed."], reference=index)
    assert [(hit.text, hit.kind) for hit in hits] == [("Kowalczyk", "patient")]


@pytest.mark.parametrize(
    "text",
    [
        "He was young.",
        "Young patients will recover in May.",
        "He flew to Houston.",
        "The bath and the reading were fine in Leeds.",
        "45 cells, 22 years.",
        "It was done on 24 May 1977.",
        "Call 1004.",
    ],
)
def test_ambiguous_value_without_support_is_no_hit(text: str, index: ReferenceIndex) -> None:
    assert search([text], reference=index) == []


def test_date_and_age_of_a_person_count_where_the_person_was_found(index: ReferenceIndex) -> None:
    texts = ["# Subject CJ1-101-1004", "Born 24 May 1977, aged 45, seen 3 May 2021, 22 years."]
    predicted = [
        Given(1, "24 May 1977", "DATE", score=0.7),
        Given(1, "45", "AGE", score=0.7),
        Given(1, "3 May 2021", "DATE", score=0.7),
        Given(1, "22", "AGE", score=0.7),
    ]
    hits = search(texts, *predicted, reference=index)
    vouched = {hit.text: hit.kind for hit in hits if "reference" in hit.sources}
    assert vouched == {"CJ1-101-1004": "subject_id", "24 May 1977": "birth", "45": ""}


def test_what_is_known_of_a_person_who_was_found_is_found_to_the_end_of_the_blob(
    index: ReferenceIndex,
) -> None:
    texts = [
        "# Subject CJ1-101-1004",
        "Doe moved to Leeds.",
        "May was well in May.",
        "# Subject CJ1-102-2003",
        "Doe moved.",
    ]
    hits = search(texts, reference=index)
    assert found_in(hits, 1) == ["Doe", "Leeds"]
    assert found_in(hits, 2) == ["May"]
    assert found_in(hits, 4) == []


def test_doctors_name_and_hospital_find_none_of_their_patients(tmp_path: Path) -> None:
    rows = {"MRN": ["A10001"], "NAME": ["Jane Kowalczyk"], "DR": ["Luca Marchetti"],
            "AT": ["Mercy General"]}  # fmt: skip
    mapping = make_mapping({"MRN": "ID/mrn", "NAME": "NAME/patient", "DR": "NAME/staff",
                            "AT": "FACILITY"})  # fmt: skip
    built = build_index(write_parquet(tmp_path / "r", rows), mapping, tmp_path / "index")
    given = Given(0, "Mercy General", "FACILITY", score=0.6)
    texts = ["# Seen by Luca Marchetti at Mercy General", "Then Kowalczyk left and J.K. stayed."]
    assert found_in(search(texts, given, reference=built), 1) == []
    texts[0] = "# Jane Kowalczyk, seen at Mercy General"
    assert found_in(search(texts, given, reference=built), 1) == ["Kowalczyk", "J.K."]


def test_prediction_calls_for_its_columns_and_is_confirmed(index: ReferenceIndex) -> None:
    hits = search(
        ["He moved to Leeds, then to York."],
        Given(0, "Leeds", "LOCATION", "city", 0.6, "tagger"),
        Given(0, "York", "LOCATION", "city", 0.6, "tagger"),
        reference=index,
    )
    assert [(hit.text, hit.sources) for hit in hits] == [
        ("Leeds", ("reference", "tagger")),
        ("York", ("tagger",)),
    ]


@pytest.mark.parametrize("written", ["Marchett1", "Marchetty", "Marcheti", "Marhcetti"])
def test_predicted_name_one_slip_away_is_confirmed(written: str, index: ReferenceIndex) -> None:
    given = Given(0, written, "NAME", score=0.5, source="tagger")
    [hit] = search([f"Seen: {written} today."], given, reference=index)
    assert "reference" in hit.sources


def test_predicted_name_two_slips_away_is_not_confirmed(index: ReferenceIndex) -> None:
    given = Given(0, "Markhety", "NAME", score=0.5, source="tagger")
    [hit] = search(["Seen: Markhety today."], given, reference=index)
    assert hit.sources == ("tagger",)


def test_placeholder_is_nobodys_value(index: ReferenceIndex) -> None:
    given = Given(0, "unknown", "PHONE", score=0.5)
    assert search(["Phone: unknown"], given, reference=index)[0].sources == ("pattern",)


def test_at_most_three_columns_are_called_for_by_an_entity() -> None:
    mapping = make_mapping(
        {"A": "DATE/visit", "B": "DATE/visit", "C": "DATE/visit", "D": "DATE/birth",
         "E": "NAME/patient/last", "F": "NAME/patient/first"}
    )  # fmt: skip
    assert mapping.of_interest("DATE", "visit") == (0, 1, 2)
    assert mapping.of_interest("DATE", "birth") == (3,)
    assert mapping.of_interest("DATE", "death") == (0, 1, 2)
    assert mapping.of_interest("NAME") == (4, 5)
    assert mapping.of_interest("IP") == ()


def test_names_of_columns_propose_a_mapping_that_loads(tmp_path: Path) -> None:
    columns = propose_columns(["USUBJID", "Last Name", "dob", "ALT", "AGE", "WEIGHT"])
    assert columns == [
        Column("USUBJID", "ID", "subject_id"),
        Column("Last Name", "NAME", "patient", "last"),
        Column("dob", "DATE", "birth"),
        Column("AGE", "AGE"),
    ]
    path = tmp_path / "mapping.yaml"
    path.write_text(write_mapping(columns))
    assert load_mapping(path).columns == tuple(columns)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("24/05/1977", ("1977-05-24",)),
        ("24-MAY-1977", ("1977-05-24",)),
        ("24MAY1977", ("1977-05-24",)),
        ("May 24, 1977", ("1977-05-24",)),
        ("24th of May 1977", ("1977-05-24",)),
        ("1977-05-24T10:30", ("1977-05-24",)),
        ("24.05.77", ("1977-05-24",)),
        ("03/04/2021", ("2021-03-04", "2021-04-03")),
        ("31/02/2020", ()),
        ("May 1977", ()),
    ],
)
def test_dates_are_read_in_every_usual_form(text: str, dates: tuple[str, ...]) -> None:
    assert read_date(text) == dates


def test_order_of_day_and_month_of_the_table_is_the_mappings(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "r", {"ID": ["A10001"], "DOB": ["03/04/1980"]})
    entities = {"ID": "ID/mrn", "DOB": "DATE/birth"}
    for order, expected in (("month_first", "1980-03-04"), ("day_first", "1980-04-03")):
        mapping = make_mapping(entities, dates=order)
        assert dict(build_index(source, mapping, tmp_path / order).known_of(0))[1] == expected


def doubled(folder: Path) -> Path:
    path = folder / "r.csv"
    path.write_text("ID,NAME,NAME\n1,a,b\n")
    return path


BAD: dict[str, tuple[Callable[[Path], Path], dict[str, str], str]] = {
    "doubled column": (doubled, {"ID": "ID/mrn"}, "more than one column named NAME"),
    "no rows": (lambda f: write_csv(f / "r", {"ID": pa.array([], pa.string())}),
                {"ID": "ID/mrn"}, "no rows"),
    "no header": (lambda f: _file(f / "r.csv", b""), {"ID": "ID/mrn"}, "no rows"),
    "column missing": (lambda f: write_csv(f / "r", {"ID": ["1"]}),
                       {"ID": "ID/mrn", "MRN": "ID/mrn"}, "has not: MRN"),
    "person column missing": (lambda f: write_csv(f / "r", {"A": ["1"]}), {"A": "ID/account"},
                              "has not: ROW"),
    "not Parquet": (lambda f: _file(f / "r.parquet", b"PAR0"), {"ID": "ID/mrn"},
                    "cannot be read as Parquet"),
    "not XPT": (lambda f: _file(f / "r.xpt", b"HEADER"), {"ID": "ID/mrn"},
                "cannot be read as SAS XPT"),
    "not UTF-8": (lambda f: _file(f / "r.csv", b"ID\n\xff\xfe\n"), {"ID": "ID/mrn"},
                  "cannot be read as CSV"),
    "absent": (lambda f: f / "none.csv", {"ID": "ID/mrn"}, "cannot be read as CSV"),
    "other ending": (lambda f: _file(f / "r.xlsx", b"PK"), {"ID": "ID/mrn"}, "not known"),
    "nested type": (lambda f: write_parquet(f / "r", {"ID": [[1], [2]]}), {"ID": "ID/mrn"},
                    "holds list"),
    "number as name": (lambda f: write_parquet(f / "r", {"N": [1.5, 2.5]}),
                       {"N": "NAME/patient"}, "holds double"),
    "text as date": (lambda f: write_csv(f / "r", {"D": ["soon", "later"]}),
                     {"D": "DATE/birth"}, "holds values that are none"),
    "text as age": (lambda f: write_csv(f / "r", {"A": ["old", "young"]}), {"A": "AGE"},
                    "holds values that are none"),
}  # fmt: skip


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("case", BAD)
def test_bad_table_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    make, entities, message = BAD[case]
    with pytest.raises(ConfigurationError, match=message) as refused:
        person = "ROW" if case.startswith("person") else ""
        build_index(make(tmp_path), make_mapping(entities, person), tmp_path / "index")
    assert "\n" not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no section 'columns'"),
        ("columns: [", "cannot be read as YAML"),
        ("columns: {}", "maps no column"),
        ("columns: {A: NOM}", "unknown entity NOM"),
        ("columns: {A: NAME/parrot}", "NAME has no 'parrot'"),
        ("columns: {A: AGE/old}", "AGE has no 'old'"),
        ("columns: {A: AGE}\nkey: B", "unknown keys: key"),
        ("columns: {A: AGE}\nperson: [B]", "not the name of a column"),
        ("columns: {A: AGE}\ndates: french", "neither month_first nor day_first"),
        ("columns: {A: DATE, B: DATE, C: DATE, D: DATE}", "more than 3 columns to DATE"),
    ],
)
def test_bad_mapping_is_refused_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=message) as refused:
        load_mapping(path)
    assert "\n" not in str(refused.value)


def test_reference_without_mapping_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as refused:
        load_mapping(tmp_path / "none.yaml")
    assert "nescio reference FILE" in refused.value.remedy


def test_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        ReferenceIndex(tmp_path)


def test_names_of_columns_come_without_reading_rows(tmp_path: Path) -> None:
    path = _file(tmp_path / "r.csv", b"\xef\xbb\xbfID,NAME\n\xff\xff")
    assert column_names(path) == ["ID", "NAME"]
