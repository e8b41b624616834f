"""Text under boxes is gone, and all other text is where it was."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pypdfium2
import pytest
from redact_inputs import SECRET, boxes_of, make, row, table, text, words

from nescio import tables
from nescio.redact import redact_document

LINE = f"On Monday {SECRET} came, and (Vargasdottir) left; Ilse went home."
KEPT = ["On", "Monday", "came,", "and", "left;", "went", "home."]


def places(pdf: Path) -> dict[str, tuple[float, ...]]:
    with pymupdf.open(pdf) as document:
        return {w[4]: tuple(round(x, 1) for x in w[:4]) for w in document[0].get_text("words")}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_several_hits_in_a_line_go_and_its_other_words_stay(tmp_path: Path, rotation: int) -> None:
    pdf = make(tmp_path / "a.pdf", text(LINE), rotation=rotation)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET))
    assert words(out) == KEPT
    before = places(pdf)
    assert all(before[w] == box for w, box in places(out).items() if w in before)


def test_the_second_engine_reads_no_hit(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text(LINE))
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET))
    found = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_range()
    assert "Monday" in found
    assert "Ilse" not in found and "Varga" not in found


@pytest.mark.parametrize("angle", [7, 30, 45, 90, 180, 200, 270])
def test_a_slanted_line_loses_only_its_hits(tmp_path: Path, angle: int) -> None:
    def draw(page: pymupdf.Page) -> None:
        centre = pymupdf.Point(300, 400)
        writer = pymupdf.TextWriter(page.rect)
        writer.append(centre, "seen Vargasdottir again")
        writer.write_text(page, morph=(centre, pymupdf.Matrix(angle)))

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, "Vargasdottir"))
    assert sorted(words(out)) == ["again", "seen"]


def test_lines_set_tight_keep_their_neighbours(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for number, line in enumerate(["gypsy jig", f"{SECRET} jig", "ÄÖÜ Ångström"]):
            page.insert_text((72, 100 + 9 * number), line, fontsize=11)

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET))
    assert words(out) == ["gypsy", "jig", "jig", "ÄÖÜ", "Ångström"]


def test_a_ligature_goes_whole(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        font = pymupdf.Font("tiro")
        writer = pymupdf.TextWriter(page.rect)
        writer.append((72, 100), "with Gra\ufb01nkel there", font=font)
        writer.write_text(page)

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    with pymupdf.open(pdf) as document:
        name = next(w for w in document[0].get_text("words") if w[4].startswith("Gra"))
    redact_document(pdf, out, table(row(0, name[:4], "Grafinkel")))
    assert words(out) == ["with", "there"]


def test_a_name_broken_over_lines_goes_in_both(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("It was Vargas-", "dottir who came."))
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, "Vargas- dottir"))
    assert words(out) == ["It", "was", "who", "came."]


def test_a_replacement_stands_where_the_text_stood(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("seen by Vargasdottir today"))
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, "Vargasdottir", replacement="Łucja N."))
    assert words(out) == ["seen", "by", "today", "Łucja", "N."]
    old, new = places(pdf), places(out)
    assert new["Łucja"][0] == pytest.approx(old["Vargasdottir"][0], abs=1)
    assert new["N."][2] <= old["Vargasdottir"][2] + 1


def test_a_long_replacement_is_shrunk_into_its_box(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("seen by Vargas today"))
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, "Vargas", replacement="Maximiliane"))
    assert places(out)["Maximiliane"][2] <= places(pdf)["Vargas"][2] + 1


def test_the_label_style_names_what_was_removed(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text(LINE))
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET), style="label")
    assert words(out).count("[NAME]") == 3


def test_text_off_the_page_is_gone_without_any_box(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "inside")
        page.insert_text((72, -40), "above")
        page.insert_text((72, 700), "below the crop box")
        page.set_cropbox(pymupdf.Rect(0, 0, 595, 600))

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, tables.empty("redactions"))
    assert words(out) == ["inside"]
    with pymupdf.open(out) as document:
        xrefs = range(1, document.xref_length())
        assert not any(b"below" in (document.xref_stream(x) or b"") for x in xrefs)


def test_text_under_somebodys_black_rectangle_is_gone_without_any_box(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "left hidden right")
        hidden = next(w for w in page.get_text("words") if w[4] == "hidden")
        page.draw_rect(pymupdf.Rect(hidden[:4]), fill=(0, 0, 0))
        page.draw_rect((60, 140, 200, 165), fill=(0.9, 0.9, 0.9))
        page.insert_text((72, 158), "shaded")

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    result = redact_document(pdf, out, tables.empty("redactions"))
    assert words(out) == ["left", "right", "shaded"]
    assert "covered_glyphs_removed:6" in result.notes


def test_layers_that_are_off_are_redacted_like_all_text(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        layer = page.parent.add_ocg("off", on=False)
        page.insert_text((72, 100), f"{SECRET} below", oc=layer)
        page.insert_text((72, 130), "shown")

    pdf = make(tmp_path / "a.pdf", draw)
    with pymupdf.open(pdf) as document:
        assert "Ilse" not in document[0].get_text()
    box = (70, 85, 70 + pymupdf.get_text_length(SECRET), 104)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, box, SECRET)))
    assert words(out) == ["below", "shown"]


def test_a_form_field_and_a_note_become_page_content_and_are_redacted(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        widget = pymupdf.Widget()
        widget.field_name, widget.field_type = "name", pymupdf.PDF_WIDGET_TYPE_TEXT
        widget.rect, widget.field_value = pymupdf.Rect(72, 90, 300, 110), SECRET
        page.add_widget(widget)
        page.add_freetext_annot((72, 140, 300, 160), "a remark")

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, (72, 90, 300, 110), SECRET)))
    assert words(out) == ["a", "remark"]
    with pymupdf.open(out) as document:
        assert not document.is_form_pdf and not list(document[0].annots())
