"""`nescio detect`: offsets into the text as given, one line out for each line in."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nescio.cli import app
from nescio.detect import Text, detect, read_texts
from nescio.errors import ConfigurationError
from nescio.tables import LABELS, SOURCES

NOTE = (
    "Patient: Ilse Varga\r\nDOB: 24/05/1977\r\n\r\n"
    "😀 Mrs. Varga (MRN: AB-44172) wrote from ilse.varga@example.org on 3 March 2021.\n\n"
    "Ms. VARGA has Parkinson disease; the Apgar score was 9."
)


def found(text: str) -> list[str]:
    (result,) = detect([Text("1", text)], None)
    return [text[span["start"] : span["end"]] for span in result["spans"]]


def test_offsets_are_code_points_of_the_text_as_given() -> None:
    values = found(NOTE)
    wanted = {"Ilse Varga", "24/05/1977", "AB-44172", "ilse.varga@example.org", "3 March 2021"}
    assert len(wanted - set(values)) == 0
    assert "VARGA" in values


def test_eponyms_are_no_people() -> None:
    assert not {"Parkinson", "Apgar"} & set(found(NOTE))


def test_spans_are_disjoint_sorted_and_of_the_closed_lists() -> None:
    (result,) = detect([Text("1", NOTE)], None)
    spans = result["spans"]
    for before, after in pairwise(spans):
        assert before["end"] <= after["start"]
    for span in spans:
        assert span["label"] in LABELS and set(span["sources"]) <= set(SOURCES)
        assert span["kind"] in ("", *LABELS[span["label"]]) and 0 <= span["score"] <= 1


def test_every_text_gets_its_line_in_order() -> None:
    texts = [Text("b", ""), Text("a", "   \n\n "), Text("c", "See Dr. Oberhuber.")]
    assert [item["id"] for item in detect(texts, None)] == ["b", "a", "c"]


def test_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    alone = next(detect([Text("1", NOTE)], None))
    beside = [Text("0", "Dr. Varga, 1 May 2020"), Text("1", NOTE), Text("2", "Ilse")]
    assert list(detect(beside, None))[1] == alone


def test_a_text_file_is_one_text(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(NOTE.encode())
    (text,) = read_texts(path)
    assert text.text == NOTE


@pytest.mark.parametrize("line", ["nonsense", '{"id": 1}', "[1]", '{"text": 5}'])
def test_a_bad_line_is_named_by_its_number_and_nothing_is_written(
    tmp_path: Path, line: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"id": "1", "text": "fine"}) + f"\n{line}\n")
    result = CliRunner().invoke(app, ["detect", str(source), "-o", str(target)])
    assert isinstance(result.exception, ConfigurationError)
    assert "line 2" in str(result.exception)
    assert not target.exists() and sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl"]
