"""The verifier catches what a bad redaction leaves, whoever made it; nothing passes unproven."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pyarrow as pa
import pymupdf
import pytest
from redact_inputs import SECRET, boxes_of, make, photographed, row, table, text, words

from nescio import tables
from nescio.errors import QuarantinedError
from nescio.extract.pictures import number_of_threads
from nescio.isolation import Limits, run_isolated
from nescio.redact import Certificate, ranges, redact_document, verify, verify_pages

LINES = ("Discharge letter", f"seen was {SECRET} on Monday", "and again on Tuesday")

Spoil = Callable[[Path], None]


def failed(certificate: Certificate) -> set[int]:
    return {check.number for check in certificate.failed}


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return make(tmp_path / "a.pdf", text(*LINES))


@pytest.fixture
def boxes(original: Path) -> pa.Table:
    return boxes_of(original, SECRET)


@pytest.fixture
def good(tmp_path: Path, original: Path, boxes: pa.Table) -> Path:
    redact_document(original, tmp_path / "good.pdf", boxes)
    return tmp_path / "good.pdf"


def test_a_good_redaction_passes_with_all_34_checks_listed(
    good: Path, original: Path, boxes: pa.Table
) -> None:
    certificate = verify(good, original, boxes)
    assert certificate.verdict == "verified"
    assert [check.number for check in certificate.checks] == list(range(1, 35))
    assert {1, 2, 4, 7, 12, 22, 31, 34} <= {
        check.number for check in certificate.checks if check.status == "passed"
    }


def test_a_certificate_holds_no_secret_and_survives_json(
    good: Path, original: Path, boxes: pa.Table
) -> None:
    certificate = verify(good, original, boxes)
    assert "Varga" not in certificate.to_json()
    assert Certificate.from_json(certificate.to_json()) == certificate


def certified_twice(out: Path, original: Path, boxes: pa.Table) -> list[dict[str, Any]]:
    """Verify with copies of the process that share the pages, and without."""
    both = []
    for alone in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if alone:
                patch.setattr(ranges, "has_one_thread", lambda: False)
            parts = ranges.page_ranges(18, verify_pages.LEAST_PAGES)
            assert len(parts) == 1 if alone else len(parts) == min(number_of_threads(), 2)
            certificate = verify(out, original, boxes, ocr=lambda pixels: SECRET, open_flags=())
        both.append({**certificate.to_dict(), "seconds": 0.0})
    return both


def test_pages_that_cores_share_give_the_same_certificate(tmp_path: Path) -> None:
    def pictured(page: pymupdf.Page) -> None:
        text(*LINES)(page)
        page.insert_image((50, 300, 350, 500), pixmap=photographed("letterhead", "of a clinic"))

    pages = [text(f"page {number}", f"signed {SECRET}") for number in range(17)]
    original = make(tmp_path / "a.pdf", *pages, pictured)
    boxes = boxes_of(original, SECRET)
    left = boxes.slice(0, len(boxes) - 8)  # on the last pages some stay: their check fails
    redact_document(original, tmp_path / "bad.pdf", left, kept=[SECRET])
    shared, alone = run_isolated(
        Limits(seconds=120, megabytes=1024), certified_twice, tmp_path / "bad.pdf", original, boxes
    )
    assert shared == alone
    assert alone["checks"][0]["pages"] == (14, 15, 16, 17)
    assert alone["checks"][17]["pages"] == (17,)


def test_a_box_drawn_over_live_text_fails(tmp_path: Path, original: Path, boxes: pa.Table) -> None:
    bad = tmp_path / "bad.pdf"
    with pymupdf.open(original) as document:
        for found in boxes.to_pylist():
            corners = [found[name] for name in ("x0", "y0", "x1", "y1")]
            document[0].draw_rect(pymupdf.Rect(corners), fill=(0, 0, 0))
        document.save(bad)
    assert {1, 7, 34} <= failed(verify(bad, original, boxes))


def test_a_glyph_left_behind_fails(tmp_path: Path, original: Path, boxes: pa.Table) -> None:
    narrow = [
        {**found, "x1": found["x1"] - 8} for found in boxes.to_pylist()
    ]  # the last letter stands outside of what was cleared
    redact_document(original, tmp_path / "bad.pdf", tables.from_rows("redactions", narrow))
    assert 1 in failed(verify(tmp_path / "bad.pdf", original, boxes))


def test_a_box_in_the_wrong_place_fails(tmp_path: Path, original: Path, boxes: pa.Table) -> None:
    moved = [
        {**found, "y0": found["y0"] + 60, "y1": found["y1"] + 60} for found in boxes.to_pylist()
    ]
    redact_document(
        original, tmp_path / "bad.pdf", tables.from_rows("redactions", moved), kept=[SECRET]
    )
    assert 1 in failed(verify(tmp_path / "bad.pdf", original, boxes))


def in_metadata(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.docinfo["/Title"] = SECRET
        file.save(pdf)


def in_an_odd_string(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.pages[0].obj.Odd = pikepdf.Dictionary(Key=SECRET.upper())
        file.save(pdf)


def in_a_stream(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.pages[0].obj.Odd = file.make_stream(SECRET.encode("utf-16-be"))
        file.save(pdf)


def in_a_kerned_array(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        parts = b"(Ilse Va)-20(rgas)3(dottir)"
        file.pages[0].obj.Odd = file.make_stream(b"BT [" + parts + b"] TJ ET")
        file.save(pdf)


def in_hexadecimal(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.pages[0].obj.Odd = file.make_stream(SECRET.encode().hex().encode())
        file.save(pdf)


def as_a_bookmark(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document.set_toc([[1, "to Vargasdottir", 1]])
        document.saveIncr()


def behind_the_end(pdf: Path) -> None:
    with pdf.open("ab") as file:
        file.write(b"\n% " + SECRET.encode())


def as_a_note(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].add_text_annot((300, 300), "a remark")
        document.saveIncr()


def as_an_attachment(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document.embfile_add("a.txt", b"x")
        document.saveIncr()


def as_a_script(pdf: Path) -> None:
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.beep()")
        file.save(pdf)


def as_a_layer(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].insert_text((72, 400), "x", oc=document.add_ocg("off", on=False))
        document.saveIncr()


def as_a_form_field(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        widget = pymupdf.Widget()
        widget.field_name, widget.field_type = "name", pymupdf.PDF_WIDGET_TYPE_TEXT
        widget.rect, widget.field_value = pymupdf.Rect(72, 290, 300, 310), "x"
        document[0].add_widget(widget)
        document.saveIncr()


def as_an_unapplied_redaction(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].add_redact_annot((72, 290, 300, 310))
        document.saveIncr()


def as_letter_spaced_text(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].insert_text((72, 400), " ".join(SECRET.replace(" ", "")))
        document.saveIncr()


def broken_over_lines(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].insert_text((72, 400), "ILSE VARGAS-")
        document[0].insert_text((72, 420), "DOTTIR came")
        document.saveIncr()


def off_the_page(pdf: Path) -> None:
    with pymupdf.open(pdf) as document:
        document[0].insert_text((72, -40), "x")
        document.saveIncr()


SPOILT = {
    in_metadata: 12,
    in_an_odd_string: 12,
    in_a_stream: 9,
    in_a_kerned_array: 9,
    in_hexadecimal: 9,
    as_a_bookmark: 11,
    behind_the_end: 12,
    as_a_note: 14,
    as_an_attachment: 13,
    as_a_script: 25,
    as_a_layer: 16,
    as_a_form_field: 15,
    as_an_unapplied_redaction: 2,
    as_letter_spaced_text: 7,
    broken_over_lines: 7,
    off_the_page: 17,
}


@pytest.mark.parametrize(
    ("spoil", "check"), SPOILT.items(), ids=lambda x: getattr(x, "__name__", x)
)
def test_what_comes_back_is_found(
    spoil: Spoil, check: int, good: Path, original: Path, boxes: pa.Table
) -> None:
    spoil(good)
    assert check in failed(verify(good, original, boxes))


def test_an_incremental_update_fails(good: Path, original: Path, boxes: pa.Table) -> None:
    as_a_note(good)
    assert 22 in failed(verify(good, original, boxes))


def test_a_black_box_over_picture_pixels_fails(tmp_path: Path) -> None:
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 100, 100), False)
    for x in range(100):
        for y in range(100):
            pixmap.set_pixel(x, y, ((x * 37 + y * 91) % 200,))
    bad = tmp_path / "bad.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image((100, 100, 300, 300), pixmap=pixmap)
        document.save(tmp_path / "a.pdf")
        page.draw_rect((150, 150, 200, 170), fill=(0, 0, 0))
        document.save(bad)
    cover = table(row(0, (150, 150, 200, 170), "x"))
    assert {19, 20} <= failed(verify(bad, tmp_path / "a.pdf", cover))


def test_a_drawing_left_under_a_box_fails(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_bezier((80, 120), (120, 60), (160, 180), (200, 120))

    pdf = make(tmp_path / "a.pdf", draw)
    cover = table(row(0, (70, 80, 300, 150), "x", label="OTHER"))
    assert 24 in failed(verify(pdf, pdf, cover))


def test_a_lost_neighbour_fails(tmp_path: Path, original: Path, boxes: pa.Table) -> None:
    bad = tmp_path / "bad.pdf"
    more = boxes_of(original, SECRET, "Monday")
    redact_document(original, bad, more)
    assert 31 in failed(verify(bad, original, boxes))


def test_a_changed_picture_fails(tmp_path: Path, original: Path, boxes: pa.Table) -> None:
    bad = tmp_path / "bad.pdf"
    redact_document(original, bad, boxes)
    with pymupdf.open(bad) as document:
        document[0].draw_rect((300, 500, 400, 600), fill=(0, 0, 0))
        document.saveIncr()
    assert 31 in failed(verify(bad, original, boxes))


def test_a_missing_page_fails(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("one"), text("two"))
    one = make(tmp_path / "one.pdf", text("one"))
    redact_document(one, tmp_path / "out.pdf", tables.empty("redactions"))
    assert 32 in failed(verify(tmp_path / "out.pdf", pdf, tables.empty("redactions")))


def test_a_replacement_that_repeats_the_secret_fails(tmp_path: Path, original: Path) -> None:
    repeated = boxes_of(original, "Vargasdottir", replacement="Dr Vargasdottir")
    with pytest.raises(QuarantinedError, match="replacement_text"):
        redact_document(original, tmp_path / "out.pdf", repeated)


def rare(page: pymupdf.Page) -> None:
    writer = pymupdf.TextWriter(page.rect)
    writer.append((72, 100), "seen by Žižek here", font=pymupdf.Font("tiro"))
    writer.write_text(page)
    page.parent.subset_fonts()


def test_a_font_that_names_letters_of_the_secret_fails(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", rare)
    boxes = boxes_of(pdf, "Žižek")
    good = tmp_path / "good.pdf"
    result = redact_document(pdf, good, boxes)
    assert {check.status for check in result.certificate.checks if check.number == 23} == {"passed"}
    with pikepdf.open(good, allow_overwriting_input=True) as file:
        for item in file.objects:
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item:
                more = b" 1 beginbfchar <00ff> <017D> endbfchar"
                item.ToUnicode = file.make_stream(item.ToUnicode.read_bytes() + more)
        file.save(good)
    assert failed(verify(good, pdf, boxes)) == {23}


def test_a_name_of_the_file_that_tells_fails(
    tmp_path: Path, original: Path, boxes: pa.Table
) -> None:
    out = tmp_path / "letter_Ilse-Vargasdottir.pdf"
    with pytest.raises(QuarantinedError, match="names"):
        redact_document(original, out, boxes)
    assert not out.exists()


def test_a_name_that_stands_elsewhere_quarantines_unless_it_was_decided_to_stay(
    tmp_path: Path, original: Path
) -> None:
    pdf = make(tmp_path / "b.pdf", text(*LINES), text(f"Author: {SECRET}"))
    first = boxes_of(original, SECRET)
    with pytest.raises(QuarantinedError, match="spelling_variants"):
        redact_document(pdf, tmp_path / "out.pdf", first)
    redact_document(pdf, tmp_path / "out.pdf", first, kept=[SECRET])
    assert words(tmp_path / "out.pdf", 1) == ["Author:", *SECRET.split()]


def test_a_short_word_may_stand_elsewhere(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("May was 45", "in May she took 45 mg"))
    everything = boxes_of(pdf, "May", "45").to_pylist()
    first = tables.from_rows("redactions", [found for found in everything if found["y1"] < 110])
    redact_document(pdf, tmp_path / "out.pdf", first)
    assert words(tmp_path / "out.pdf") == ["was", "in", "May", "she", "took", "45", "mg"]


def test_a_finding_of_the_detector_quarantines(
    tmp_path: Path, original: Path, boxes: pa.Table
) -> None:
    out = tmp_path / "out.pdf"
    with pytest.raises(QuarantinedError, match="detector_on_output"):
        redact_document(original, out, boxes, detector=lambda pdf: [0])
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    certificate = redact_document(original, out, boxes, detector=lambda pdf: []).certificate
    assert certificate.checks[32].status == "passed"


def test_nothing_is_left_behind_where_a_document_breaks_the_redactor(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("one"))
    with pytest.raises(QuarantinedError) as caught:
        redact_document(pdf, tmp_path / "out.pdf", table(row(7, (0, 0, 9, 9), "x")))
    assert caught.value.reason in {"redaction_failed", "verification_failed"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
