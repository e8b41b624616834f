"""Widened boxes: their width is a step's multiple or that of unknown words, never the name's."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from redact_inputs import boxes_of, make, text, words

from nescio.redact import redact_document
from nescio.redact.quantise import STEP


def widths(pdf: Path) -> list[float]:
    """Return the widths of the black rectangles of the first page."""
    with pymupdf.open(pdf) as document:
        drawings = document[0].get_drawings()
    return [drawing["rect"].width for drawing in drawings if drawing["fill"] == (0, 0, 0)]


def redacted(tmp_path: Path, line: str, name: str, **options: object) -> Path:
    pdf = make(tmp_path / f"{name}.pdf", text(line))
    out = tmp_path / f"{name}-out.pdf"
    redact_document(pdf, out, boxes_of(pdf, name), boxes="quantised", **options)
    return out


@pytest.mark.parametrize("rotation", [0, 90])
def test_names_of_different_width_leave_boxes_of_one_width(tmp_path: Path, rotation: int) -> None:
    found = []
    for name in ("Li", "Vargas", "Oberman"):
        pdf = make(tmp_path / f"{name}.pdf", text(f"came {name}"), rotation=rotation)
        out = tmp_path / f"{name}-out.pdf"
        redact_document(pdf, out, boxes_of(pdf, name), boxes="quantised")
        found += widths(out)
    assert len(found) == 3
    assert max(found) - min(found) < 0.1


def test_a_word_that_the_box_would_cut_goes_whole(tmp_path: Path) -> None:
    out = redacted(tmp_path, "came Li for antihypertensives and tea", "Li")
    assert words(out) == ["came", "and", "tea"]


def test_tight_boxes_are_called_tight_in_the_certificate(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("came Vargas"))
    tight = redact_document(pdf, tmp_path / "t.pdf", boxes_of(pdf, "Vargas")).certificate
    wide = redact_document(
        pdf, tmp_path / "w.pdf", boxes_of(pdf, "Vargas"), boxes="quantised"
    ).certificate
    assert (tight.checks[7].status, wide.checks[7].status) == ("not_applicable", "passed")
    assert STEP > 1
