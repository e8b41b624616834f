"""The regulators' form: outlined marks by class, text readable, page numbers kept, a legend."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pymupdf
import pytest
from review_inputs import DOC, NAME, NUMBER, OTHER_NAME, propose

from nescio.errors import ConfigurationError
from nescio.review.log import open_log
from nescio.review.proposal import read_record
from nescio.review.regulator import Written, write_regulator
from nescio.store import LocalStore


def confidential(folder: Path, *rows: str) -> str:
    path = folder / "cci.csv"
    path.write_text("\n".join(["text,justification", *rows]) + "\n")
    return str(path)


def write(folder: Path, **options: object) -> tuple[Written, Path]:
    out = folder / "out"
    done = write_regulator(str(out), DOC, folder / "original.pdf", **options)  # type: ignore[arg-type]
    return done, out / done.key


def colour_on_edge(path: Path, page: int, rect: pymupdf.Rect) -> set[tuple[int, int, int]]:
    """Return the colours along the upper edge of a place, as MuPDF draws the page."""
    with pymupdf.open(path) as document:
        pixmap = document[page].get_pixmap(matrix=pymupdf.Matrix(4, 4))
        y = round(4 * rect.y0)
        return {pixmap.pixel(x, y) for x in range(round(4 * rect.x0) + 8, round(4 * rect.x1) - 8)}


@pytest.mark.parametrize("rotation", [0, 90])
def test_personal_and_confidential_marks_are_told_apart(tmp_path: Path, rotation: int) -> None:
    propose(tmp_path, rotation=rotation)
    listed = confidential(tmp_path, "Aspirin  75 MG,dose not public", "absent,none")
    done, path = write(tmp_path, confidential=listed)
    assert done.marks == {"PPD": 4, "CCI": 2} and done.absent == 1
    assert path.stat().st_mode & 0o777 == 0o600
    with pikepdf.open(path) as pdf:
        marks = [(page, mark) for page in (1, 2) for mark in pdf.pages[page].Annots]
        assert {str(mark.Subtype) for _, mark in marks} == {"/Redact"}
        subjects = [str(mark.Subj) for page, mark in marks if page == 1]
        assert subjects == ["PPD NAME patient", "PPD ID", "CCI"]
        assert [str(mark.Contents) for page, mark in marks if page == 1] == [
            "NAME patient: remove",
            "ID: remove",
            "CCI: dose not public",
        ]
        labels = pdf.Root.PageLabels.Nums
        assert labels[0] == 0 and str(labels[1].P) == "Legend" and labels[2] == 1
    with pymupdf.open(tmp_path / "original.pdf") as old, pymupdf.open(path) as new:
        assert [page.get_text() for page in old] == [page.get_text() for page in new][1:]
        legend = new[0].get_text()
        assert "(4 marks)" in legend and "(2 marks)" in legend and "NAME patient: 2" in legend
        assert "dose not public" in legend


def test_marks_are_outlines_over_readable_text(tmp_path: Path) -> None:
    propose(tmp_path)
    _, path = write(tmp_path, confidential=confidential(tmp_path, "Aspirin 75 mg,x"))
    with pikepdf.open(path) as pdf:
        for mark in pdf.pages[1].Annots:
            drawn = mark.AP.N.read_bytes().split()
            assert b"s" in drawn and b"b" not in drawn and b"f" not in drawn
            assert (b"d" in drawn) == (str(mark.Subj) == "CCI")
    with pymupdf.open(path) as document:
        marks = {annotation.info["subject"]: annotation.rect for annotation in document[1].annots()}
    blue = colour_on_edge(path, 1, marks["PPD ID"])
    red = colour_on_edge(path, 1, marks["CCI"])
    assert any(b > 2 * r for r, _, b in blue) and not any(r > 2 * b for r, _, b in blue)
    assert any(r > 2 * b for r, _, b in red)


def test_a_readers_decisions_are_taken_in(tmp_path: Path) -> None:
    propose(tmp_path)
    record = read_record(LocalStore(tmp_path / "out"), DOC)
    assert record
    log = open_log(str(tmp_path / "out"), DOC, record.token, "alice")
    log.append({"n": 1, "time": 0, "do": "verdict", "marks": ["0.0"], "verdict": "rejected"})
    places = [{"page": 1, "boxes": [[70, 100, 200, 125]], "text": OTHER_NAME}]
    log.append({"n": 2, "time": 1, "do": "add", "label": "NAME", "places": places})
    log.append({"n": 3, "time": 1, "do": "label", "marks": ["2.0"], "label": "PHONE"})
    log.close()
    done, path = write(tmp_path, reader="alice")
    assert done.marks == {"PPD": 4}
    with pikepdf.open(path) as pdf:
        pages = [[str(mark.Subj) for mark in pdf.pages[page].Annots] for page in (1, 2)]
    assert pages == [["PPD PHONE"], ["PPD NAME patient", "PPD ID", "PPD NAME"]]


@pytest.mark.parametrize("data", [b"word\nx\n", b"\xff\xfe\x00", b""])
def test_a_bad_list_is_refused(tmp_path: Path, data: bytes) -> None:
    propose(tmp_path)
    path = tmp_path / "cci.csv"
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match="confidential texts") as error:
        write(tmp_path, confidential=str(path))
    assert NAME not in str(error.value) and NUMBER not in str(error.value)
