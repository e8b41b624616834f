"""Proposals: marks where the mentions stand, readable by other programs, the original unchanged."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pikepdf
import pymupdf
import pypdfium2
import pytest
from review_inputs import DOC, NAME, NUMBER, decisions_of, propose

from nescio import tables
from nescio.review.annotations import read_marks
from nescio.review.proposal import proposal_key, write_proposal
from nescio.review.xfdf import read_xfdf


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [(), (30, 40, 500, 700)])
def test_marks_lie_on_their_mentions(
    tmp_path: Path, rotation: int, crop: tuple[float, ...]
) -> None:
    _, store, _ = propose(tmp_path, rotation=rotation, crop=crop)
    found = []
    data = store.read(proposal_key(DOC, "pdf"))
    engine = pypdfium2.PdfDocument(data)  # reads text at PDF coordinates: an oracle of its own
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for mark in read_marks(pdf):
            text = engine[mark.page].get_textpage()
            rects = [(min(q[::2]), min(q[1::2]), max(q[::2]), max(q[1::2])) for q in mark.quads]
            found.append(" ".join(text.get_text_bounded(*rect).strip() for rect in rects))
            text.close()
    engine.close()
    assert found == [NAME, NUMBER] * 2


def test_a_mark_says_what_and_why_and_not_whom(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path)
    with pikepdf.open(io.BytesIO(store.read(proposal_key(DOC, "pdf")))) as pdf:
        annotation = pdf.pages[0].Annots[0]
        assert annotation.Subtype == "/Redact" and str(annotation.T) == "Nescio"
        assert len(annotation.QuadPoints) == 16, "two words, two boxes"
        contents = str(annotation.Contents)
        assert str(annotation.Subj) == "NAME patient"
        assert contents.startswith("NAME (patient): remove\nConfidence 0.93")
        assert "rule for NAME" in contents and "the tagger" in contents
        assert NAME not in contents
        other = pdf.pages[0].Annots[1]
        assert list(other.C) != list(annotation.C) and other.NM != annotation.NM


def test_nothing_is_applied_and_all_is_private(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)
    path = tmp_path / "out" / proposal_key(DOC, "pdf")
    with pymupdf.open(pdf) as before, pymupdf.open(path) as after:
        assert [page.get_text() for page in before] == [page.get_text() for page in after]
    for entry in store.list():
        assert entry.key.startswith("private/")
        assert stat.S_IMODE((tmp_path / "out" / entry.key).stat().st_mode) == 0o600


def test_xfdf_holds_the_same_marks(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path, rotation=90)
    with pikepdf.open(io.BytesIO(store.read(proposal_key(DOC, "pdf")))) as pdf:
        marks = list(read_marks(pdf))
        file_id = bytes(pdf.trailer.ID[0]).hex()
    assert read_xfdf(store.read(proposal_key(DOC, "xfdf"))) == (file_id, marks)


def test_proposing_again_leaves_a_persons_edits_alone(tmp_path: Path) -> None:
    pdf, store, redactions = propose(tmp_path)
    store.write(proposal_key(DOC, "pdf"), b"edited")
    given = (decisions_of(redactions), redactions, tables.empty("words"))
    document = {"doc": DOC, "pages": 2, "outbox_key": "k"}
    write_proposal(store, pdf, document, given, style="box", boxes="tight")
    assert store.read(proposal_key(DOC, "pdf")) == b"edited"
    write_proposal(store, pdf, document, given, style="white", boxes="tight")
    assert store.read(proposal_key(DOC, "old.pdf")) == b"edited"
    assert store.read(proposal_key(DOC, "pdf")).startswith(b"%PDF-")
