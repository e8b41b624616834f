"""What MuPDF alone cannot cut: patterns, soft masks; and the last resort, a page as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pymupdf
import pytest
from redact_inputs import row, table, words

from nescio.errors import QuarantinedError
from nescio.redact import redact_document

NAME = "Vargasdottir"
BOX = (55, 80, 145, 106)
"""Around the name at 60, 100 of a page of 300 x 200 points, 14 points high."""

FONT = pikepdf.Dictionary(
    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
)
SHOWN = f"BT /F1 14 Tf 60 100 Td ({NAME}) Tj ET".encode()
OUTSIDE = b"BT /F1 14 Tf 60 40 Td (harmless) Tj ET"


def document(path: Path, contents: bytes, **resources: object) -> Path:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 200))
        fonts = pikepdf.Dictionary(F1=FONT)
        made = {name: make(pdf) for name, make in resources.items()}
        page.Resources = pikepdf.Dictionary(Font=fonts, **made)
        page.Contents = pdf.make_stream(OUTSIDE + b" " + contents)
        pdf.save(path)
    return path


def drawn(pdf: pikepdf.Pdf, contents: bytes, **keys: object) -> pikepdf.Object:
    stream = pdf.make_stream(contents)
    stream.BBox = [0, 0, 300, 200]
    stream.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=FONT))
    for key, value in keys.items():
        stream["/" + key] = value
    return stream


def pattern(pdf: pikepdf.Pdf) -> pikepdf.Object:
    keys = {"PatternType": 1, "PaintType": 1, "TilingType": 1, "XStep": 300, "YStep": 200}
    tile = drawn(pdf, b"0 g " + SHOWN, Type=pikepdf.Name.Pattern, **keys)
    return pikepdf.Dictionary(P1=tile)


def soft_mask(pdf: pikepdf.Pdf) -> pikepdf.Object:
    group = pikepdf.Dictionary(S=pikepdf.Name.Transparency, CS=pikepdf.Name.DeviceGray)
    form = drawn(pdf, b"1 g " + SHOWN, Subtype=pikepdf.Name.Form, Group=group)
    mask = pikepdf.Dictionary(S=pikepdf.Name.Luminosity, G=form)
    return pikepdf.Dictionary(G1=pikepdf.Dictionary(SMask=mask))


def form(pdf: pikepdf.Pdf) -> pikepdf.Object:
    inner = drawn(pdf, SHOWN, Subtype=pikepdf.Name.Form)
    outer = drawn(pdf, b"q /Fm2 Do Q", Subtype=pikepdf.Name.Form)
    outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm2=inner))
    return pikepdf.Dictionary(Fm1=outer)


CASES = {
    "pattern": (b"/Pattern cs /P1 scn 0 60 300 60 re f", {"Pattern": pattern}),
    "soft mask": (b"q /G1 gs 0 60 300 60 re f Q", {"ExtGState": soft_mask}),
    "nested forms": (b"q /Fm1 Do Q", {"XObject": form}),
    "scaled text": (
        b"BT /F1 9 Tf 60 Tz 1 Tc 2 Ts 60 100 Td (Vargas) Tj [(dot)-100(tir)-900(x)] TJ ET",
        {},
    ),
    "invisible": (b"BT /F1 14 Tf 3 Tr 60 100 Td (%s) Tj ET" % NAME.encode(), {}),
    "clipping": (b"q BT /F1 14 Tf 7 Tr 60 100 Td (%s) Tj ET Q" % NAME.encode(), {}),
    "white": (b"1 g " + SHOWN, {}),
    "outside a clip": (b"q 0 0 5 5 re W n " + SHOWN + b" Q", {}),
}


def everything(pdf: Path) -> bytes:
    with pikepdf.open(pdf) as file:
        return b"\n".join(i.read_bytes() for i in file.objects if isinstance(i, pikepdf.Stream))


@pytest.mark.parametrize(("contents", "resources"), CASES.values(), ids=CASES.keys())
def test_text_in_odd_places_is_gone(
    tmp_path: Path, contents: bytes, resources: dict[str, object]
) -> None:
    pdf = document(tmp_path / "a.pdf", contents, **resources)
    assert "".join(words(pdf)).count("Vargas") == 1
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, BOX, NAME)))
    assert words(out) == ["harmless"]
    assert b"Vargas" not in everything(out)


def test_a_form_shared_by_pages_is_redacted_only_where_it_was_decided(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        shared = drawn(pdf, SHOWN, Subtype=pikepdf.Name.Form)
        for matrix in (b"1 0 0 1 0 0", b"1 0 0 1 10 20"):
            page = pdf.add_blank_page(page_size=(300, 200))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm1=shared))
            page.Contents = pdf.make_stream(b"q %s cm /Fm1 Do Q" % matrix)
        pdf.save(tmp_path / "a.pdf")
    out = tmp_path / "out.pdf"
    redact_document(tmp_path / "a.pdf", out, table(row(0, BOX, NAME)))
    assert words(out, 0) == []
    assert words(out, 1) == [NAME]


def mixed_pattern(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A pattern with the name and with words that were to stay: it cannot be cut."""
    keys = {"PatternType": 1, "PaintType": 1, "TilingType": 1, "XStep": 300, "YStep": 200}
    other = b" BT /F1 14 Tf 160 100 Td (staying) Tj ET"
    tile = drawn(pdf, b"0 g " + SHOWN + other, Type=pikepdf.Name.Pattern, **keys)
    return pikepdf.Dictionary(P1=tile)


def test_a_page_that_cannot_be_cut_is_quarantined_or_becomes_a_picture(tmp_path: Path) -> None:
    contents = b"/Pattern cs /P1 scn 0 60 300 60 re f"
    pdf = document(tmp_path / "a.pdf", contents, Pattern=mixed_pattern)
    boxes = table(row(0, BOX, NAME))
    out = tmp_path / "out.pdf"
    with pytest.raises(QuarantinedError, match="collateral"):
        redact_document(pdf, out, boxes)
    assert not out.exists()
    result = redact_document(pdf, out, boxes, raster="needed")
    assert "pages_as_pictures:1" in result.notes
    assert words(out) == []
    with pymupdf.open(out) as made:
        pixmap = made[0].get_pixmap(colorspace=pymupdf.csGRAY)
        pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    assert pixels[90:100, 70:140].max() < 32  # the box
    assert pixels[90:100, 160:200].min() < 96  # a word that stays
