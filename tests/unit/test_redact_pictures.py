"""Pixels and paths under boxes are gone from what a program can take out, not only from view."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
import pikepdf
import pymupdf
import pytest
from picture_streams import Store, plain
from picture_streams import stream as image_stream
from PIL import Image
from redact_inputs import make, row, table

from nescio import tables
from nescio.redact import redact_document

SIZE = (200, 100)
BOX = (100.0, 80.0, 160.0, 110.0)
"""On a page of 300 x 200 points whose picture fills 50..250 x 50..150."""

stream = partial(image_stream, size=SIZE)


def noise() -> Image.Image:
    """A picture without two pixels alike, no pixel black or white."""
    generator = np.random.default_rng(7)
    return Image.fromarray(generator.integers(60, 200, (SIZE[1], SIZE[0], 3), dtype=np.uint8))


def encoded(kind: str, filter_name: str, mode: str = "RGB") -> Store:
    def store(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
        buffer = io.BytesIO()
        picture.convert(mode).save(buffer, kind)
        space = {"RGB": pikepdf.Name.DeviceRGB, "L": pikepdf.Name.DeviceGray}[mode]
        name = pikepdf.Name("/" + filter_name)
        return stream(pdf, buffer.getvalue(), Filter=name, ColorSpace=space, BitsPerComponent=8)

    return store


def palette(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    indexed = picture.quantize(256)
    colours = pikepdf.String(bytes(indexed.getpalette() or b""))
    space = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 255, colours])
    return stream(pdf, indexed.tobytes(), ColorSpace=space, BitsPerComponent=8)


def with_soft_mask(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    black = stream(
        pdf, bytes(SIZE[0] * SIZE[1]), ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8
    )
    black.SMask = plain("L", "DeviceGray")(pdf, picture)
    return black


def stencil(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    return stream(pdf, picture.convert("1").tobytes(), ImageMask=True, BitsPerComponent=1)


STORES: dict[str, Store] = {
    "RGB": plain("RGB", "DeviceRGB"),
    "grey": plain("L", "DeviceGray"),
    "CMYK": plain("CMYK", "DeviceCMYK"),
    "two levels": plain("1", "DeviceGray", bits=1),
    "palette": palette,
    "JPEG": encoded("JPEG", "DCTDecode"),
    "grey JPEG": encoded("JPEG", "DCTDecode", "L"),
    "JPEG 2000": encoded("JPEG2000", "JPXDecode"),
    "soft mask": with_soft_mask,
    "stencil": stencil,
}


def page_with(path: Path, store: Store, *matrices: str) -> Path:
    """Write a document with the picture drawn once on each page."""
    with pikepdf.new() as pdf:
        image = store(pdf, noise())
        for matrix in matrices or ("200 0 0 100 50 50",):
            page = pdf.add_blank_page(page_size=(300, 200))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
            page.Contents = pdf.make_stream(b"q %s cm /Im0 Do Q" % matrix.encode())
        pdf.save(path)
    return path


def extracted(pdf: Path) -> list[np.ndarray]:
    """Return the pixels of every picture and mask that a program can take out of the file."""
    found = []
    with pikepdf.open(pdf) as file:
        for item in file.objects:
            if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image":
                picture = pikepdf.PdfImage(item).as_pil_image(apply_mask=False)
                found.append(np.asarray(picture.convert("L" if picture.mode == "1" else "RGB")))
    return found


@pytest.mark.parametrize("store", STORES.values(), ids=STORES.keys())
def test_no_original_pixel_is_left_in_the_box(tmp_path: Path, store: Store) -> None:
    pdf = page_with(tmp_path / "a.pdf", store)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, BOX, "x")))
    pictures = extracted(out)
    assert pictures
    for pixels in pictures:
        under = pixels[34:56, 54:106]  # the box, four pixels in
        assert np.ptp(under.reshape(under.shape[0] * under.shape[1], -1), axis=0).max() <= 16
        assert pixels[70:, 120:].std() > 5 or not pixels[70:, 120:].any()


def test_pixels_outside_the_box_stay(tmp_path: Path) -> None:
    pdf = page_with(tmp_path / "a.pdf", STORES["RGB"])
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, BOX, "x")))
    (pixels,) = extracted(out)
    original = np.asarray(noise())
    assert (pixels[:28] == original[:28]).all() and (pixels[62:] == original[62:]).all()


def test_inline_pictures_are_rewritten(tmp_path: Path) -> None:
    data = noise().convert("L").tobytes()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Contents = pdf.make_stream(
            b"q 200 0 0 100 50 50 cm BI /W 200 /H 100 /BPC 8 /CS /G /F /AHx ID "
            + data.hex().encode()
            + b"> EI Q"
        )
        pdf.save(tmp_path / "a.pdf")
    out = tmp_path / "out.pdf"
    redact_document(tmp_path / "a.pdf", out, table(row(0, BOX, "x")))
    middle = data[45 * 200 + 60 : 45 * 200 + 100]
    with pymupdf.open(out) as document:
        assert middle not in document[0].read_contents()
        pixmap = document[0].get_pixmap(colorspace=pymupdf.csGRAY)
        pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
        assert np.ptp(pixels[82:108, 102:158]) == 0


def test_a_picture_shared_by_pages_is_redacted_in_every_use(tmp_path: Path) -> None:
    pdf = page_with(tmp_path / "a.pdf", STORES["grey"], "200 0 0 100 50 50", "100 0 0 50 20 120")
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, BOX, "x")))
    for pixels in extracted(out):
        assert np.ptp(pixels[34:56, 54:106]) == 0


def test_what_a_page_hides_of_a_cropped_picture_is_gone(tmp_path: Path) -> None:
    pdf = page_with(tmp_path / "a.pdf", STORES["grey"])
    with pikepdf.open(pdf, allow_overwriting_input=True) as file:
        drawn = file.pages[0].Contents.read_bytes()
        file.pages[0].Contents = file.make_stream(b"q 60 60 50 50 re W n " + drawn + b" Q")
        file.save(pdf)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, tables.empty("redactions"))
    (pixels,) = extracted(out)
    assert (
        pixels[42:88, 12:58] == np.asarray(noise().convert("RGB").convert("L"))[42:88, 12:58, None]
    ).all()
    assert np.ptp(pixels[:, 66:]) == 0 and np.ptp(pixels[:36]) == 0


def test_a_picture_that_reaches_over_the_page_ends_there(tmp_path: Path) -> None:
    pdf = page_with(tmp_path / "a.pdf", STORES["grey"], "400 0 0 200 -100 -50")
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, tables.empty("redactions"))
    (pixels,) = extracted(out)
    assert np.ptp(pixels[:, :48]) == 0 and np.ptp(pixels[80:]) == 0
    assert pixels[5:70, 60:].std() > 5


def test_a_slanted_scan_loses_little_more_than_the_box(tmp_path: Path) -> None:
    pdf = page_with(tmp_path / "a.pdf", STORES["grey"], "198 28 -14 99 60 40")
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, (90, 95, 200, 107), "x")))
    pixels = extracted(out)[0][..., 0]
    cleared = (pixels == 0) | (pixels == 255)
    assert 1000 < cleared.sum() < 2500  # the box has 1,320 square points, a pixel about one


def test_a_scan_stays_as_small_as_it_was(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    coarse = Image.fromarray(generator.integers(0, 255, (60, 40, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    coarse.resize((1200, 1800), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=60)
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, stream=buffer.getvalue(), keep_proportion=False)
        document.save(tmp_path / "a.pdf")
    out = tmp_path / "out.pdf"
    redact_document(tmp_path / "a.pdf", out, table(row(0, (100, 100, 200, 120), "x")))
    assert out.stat().st_size < 1.5 * (tmp_path / "a.pdf").stat().st_size


def test_a_fax_stays_a_fax(tmp_path: Path) -> None:
    picture = Image.new("1", (1700, 2200), 1)
    for y in range(100, 2100, 40):
        picture.paste(0, (200, y, 1500, y + 3))
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression="group4")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, stream=buffer.getvalue())
        document.save(tmp_path / "a.pdf")
    out = tmp_path / "out.pdf"
    redact_document(tmp_path / "a.pdf", out, table(row(0, (100, 100, 200, 120), "x")))
    with pymupdf.open(out) as document:
        before = pymupdf.open(tmp_path / "a.pdf")[0].get_pixmap(colorspace=pymupdf.csGRAY)
        after = document[0].get_pixmap(colorspace=pymupdf.csGRAY)
    old, new = (
        np.frombuffer(p.samples, np.uint8).reshape(p.height, p.width) for p in (before, after)
    )
    assert np.ptp(new[102:118, 102:198]) == 0
    assert (old[130:] == new[130:]).all()


def test_metadata_inside_a_picture_is_gone(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Ilse Vargasdottir"  # Artist
    noise().save(buffer, "JPEG", exif=exif, comment=b"Vargasdottir")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image((50, 50, 250, 150), stream=buffer.getvalue())
        document.save(tmp_path / "a.pdf")
    assert b"Vargasdottir" in (tmp_path / "a.pdf").read_bytes()
    out = tmp_path / "out.pdf"
    redact_document(tmp_path / "a.pdf", out, table(row(0, (300, 300, 350, 320), "x")))
    assert b"Vargasdottir" not in out.read_bytes()
    assert len(extracted(out)) == 1


def signature(page: pymupdf.Page) -> None:
    """A swung line that leaves the box at its right, beside a table's rules."""
    shape = page.new_shape()
    shape.draw_bezier((80, 120), (120, 60), (160, 180), (200, 120))
    shape.draw_bezier((200, 120), (240, 60), (280, 180), (400, 120))
    shape.finish(width=1.5)
    shape.draw_line((60, 140), (500, 140))
    shape.finish(width=0.5)
    shape.commit()


def test_a_signature_is_gone_where_it_lies_under_the_box(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", signature)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, (70, 80, 300, 150), "x", label="OTHER")))
    with pymupdf.open(out) as document:
        drawings = document[0].get_drawings()
    curves = [item for d in drawings for item in d["items"] if item[0] == "c"]
    assert curves  # what lies right of the box is still there
    assert all(min(point.x for point in curve[1:]) > 299 for curve in curves)
    rules = [item for d in drawings for item in d["items"] if item[0] == "l"]
    assert any(abs(rule[1].x - rule[2].x) == pytest.approx(440) for rule in rules)


def test_outlined_letters_under_the_box_are_gone(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        shape = page.new_shape()
        for number in range(20):  # twenty letters, one path
            x = 80 + 12 * number
            shape.draw_bezier((x, 100), (x, 90), (x + 8, 90), (x + 8, 100))
            shape.draw_line((x + 8, 100), (x, 100))
        shape.finish(fill=(0, 0, 0), width=0)
        shape.commit()

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, (102, 85, 150, 105), "x")))
    with pymupdf.open(out) as document:
        left = sorted(
            item[1].x for d in document[0].get_drawings() for item in d["items"] if item[0] == "c"
        )
    assert left and not any(100 < x < 150 for x in left)
    assert len(left) >= 14
