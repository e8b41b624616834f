"""Hard cases of pictures and drawings: pixels in each filter, scans, markers, outlines."""

from __future__ import annotations

import io
import struct
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import pymupdf
from picture_streams import Store, plain
from picture_streams import stream as image_stream
from pikepdf import Array, Dictionary, Name
from PIL import Image

from .case import PERSON, STAYS, Build, Case, Place, Rect, changed
from .texts import FONT

SIZE = (400, 200)
PLACE = "200 0 0 100 50 50"
"""The picture fills 50..250 x 50..150 of a page of 300 x 200 points."""

BOX: Rect = (70, 84, 230, 112)
"""Around the name in the picture, on the page as shown."""

INSIDE: Rect = (0.12, 0.37, 0.88, 0.59)
"""The middle of the box, as fractions of the picture."""

AT = [Place(0, BOX, PERSON)]

stream = partial(image_stream, size=SIZE)


def photographed(ground: int = 235) -> Image.Image:
    """Return a picture with the name in the middle, set in 18 points at 144 dpi."""
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        page.insert_text((25, 55), PERSON, fontsize=17)
        page.insert_text((25, 85), "other words", fontsize=12)
        pixmap = page.get_pixmap(dpi=144, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    return picture.resize(SIZE).point(lambda grey: grey * ground // 255)


def encoded(kind: str, filter_name: str, **options: object) -> Store:
    def store(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **options)
        keys = {"Filter": Name("/" + filter_name), "ColorSpace": Name.DeviceGray}
        return stream(pdf, buffer.getvalue(), BitsPerComponent=8, **keys)

    return store


def group_4(picture: Image.Image) -> tuple[bytes, bool]:
    """Return a picture in two levels as a fax codes it (ITU-T T.6), and whether 0 is white."""
    buffer = io.BytesIO()
    picture.point(lambda grey: 255 * (grey > 128)).convert("1").save(
        buffer, "TIFF", compression="group4"
    )
    with Image.open(buffer) as tiff:
        (offset,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
        white_is_zero = tiff.tag_v2[262] == 0
    return buffer.getvalue()[offset : offset + length], white_is_zero


def fax(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    data, white_is_zero = group_4(picture)
    parameters = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1], BlackIs1=not white_is_zero)
    keys = {"Filter": Name.CCITTFaxDecode, "DecodeParms": parameters}
    return stream(pdf, data, ColorSpace=Name.DeviceGray, BitsPerComponent=1, **keys)


def jbig2(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    """A page and one generic region that is coded as by a fax (ITU-T T.88, 7.4.6 and 7.4.8)."""
    coded, white_is_zero = group_4(picture)
    if not white_is_zero:  # in JBIG2 it is
        coded, _ = group_4(picture.point(lambda grey: 255 - grey))
    page = struct.pack(">IIIIBH", *SIZE, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", *SIZE, 0, 0, 0, 1) + coded
    data = b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body
        for number, (kind, body) in enumerate([(48, page), (38, region)])
    )
    keys = {"Filter": Name.JBIG2Decode, "ColorSpace": Name.DeviceGray}
    return stream(pdf, data, BitsPerComponent=1, **keys)


def palette(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    indexed = picture.convert("RGB").quantize(16)
    colours = pikepdf.String(bytes(indexed.getpalette() or b""))
    space = Array([Name.Indexed, Name.DeviceRGB, 15, colours])
    return stream(pdf, indexed.tobytes(), ColorSpace=space, BitsPerComponent=8)


def with_soft_mask(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    """All ink is in the mask; the picture itself is black."""
    keys = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    black = stream(pdf, bytes(SIZE[0] * SIZE[1]), **keys)
    black.SMask = stream(pdf, picture.point(lambda grey: 255 - grey).tobytes(), **keys)
    return black


def page_with(store: Store, *drawings: str, after: bytes = b"", ground: int = 235) -> Build:
    """Return a builder of one page for each drawing of the picture."""

    def build(path: Path) -> None:
        with pikepdf.new() as pdf:
            image = store(pdf, photographed(ground))
            for drawing in drawings or (f"{PLACE} cm /Im0 Do",):
                page = pdf.add_blank_page(page_size=(300, 200))
                page.Resources = Dictionary(XObject=Dictionary(Im0=image), Font=Dictionary(F1=FONT))
                stays = f"BT /F1 14 Tf 60 20 Td ({STAYS}) Tj ET q {drawing} Q ".encode()
                page.Contents = pdf.make_stream(stays + after)
            pdf.save(path)

    return build


def inline(path: Path) -> None:
    data = photographed().tobytes().hex().encode()
    picture = b"BI /W 400 /H 200 /BPC 8 /CS /G /F /AHx ID " + data + b"> EI"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Resources = Dictionary(Font=Dictionary(F1=FONT))
        stays = f"BT /F1 14 Tf 60 20 Td ({STAYS}) Tj ET q {PLACE} cm ".encode()
        page.Contents = pdf.make_stream(stays + picture + b" Q")
        pdf.save(path)


def marker(pdf: pikepdf.Pdf) -> None:
    """A marker through which letters still show when the contrast is stretched."""
    page = pdf.pages[0]
    page.Resources.ExtGState = Dictionary(G1=Dictionary(ca=0.9))
    page.contents_add(pdf.make_stream(b"q /G1 gs 0 g 70 88 160 28 re f Q"))


def described(path: Path) -> None:
    """A JPEG whose EXIF, comment and XMP hold the name."""
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = PERSON  # Artist
    photographed().save(buffer, "JPEG", exif=exif, comment=PERSON.encode())
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((60, 180), STAYS)
        page.insert_image((50, 50, 250, 150), stream=buffer.getvalue())
        document.save(path)


def as_paths(page: pymupdf.Page) -> bytes:
    """Return a PDF with the page, its letters as paths."""
    svg = page.get_svg_image(text_as_path=True)
    with pymupdf.open(stream=svg.encode(), filetype="svg") as drawing:
        data: bytes = drawing.convert_to_pdf()
    return data


def outlines(path: Path) -> None:
    """The name as paths, as drawing programs export it; no font, no text."""
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((60, 100), PERSON, fontsize=17)
        data = as_paths(page)
    with pymupdf.open(stream=data) as document:
        document[0].insert_text((60, 40), STAYS)
        document.save(path)


def signature(path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((60, 40), STAYS)
        shape = page.new_shape()
        shape.draw_bezier((70, 100), (110, 60), (140, 150), (180, 100))
        shape.draw_bezier((180, 100), (200, 70), (210, 130), (225, 95))
        shape.finish(width=1.5)
        shape.commit()
        document.save(path)


TEXT_LAYER = f"BT /F1 17 Tf 3 Tr 75 95 Td ({PERSON}) Tj ET".encode()
JPEG = encoded("JPEG", "DCTDecode", quality=85)
GREY = plain("L", "DeviceGray")
WHOLE = f"{PLACE} cm /Im0 Do"
SMALL = "100 0 0 50 150 120 cm /Im0 Do"
CROPPED = f"50 120 200 20 re W n {WHOLE}"

FILTERS: dict[str, Build] = {
    "RGB": page_with(plain("RGB", "DeviceRGB")),
    "CMYK": page_with(plain("CMYK", "DeviceCMYK")),
    "palette": page_with(palette),
    "JPEG": page_with(JPEG),
    "JPEG 2000": page_with(encoded("JPEG2000", "JPXDecode")),
    "CCITT fax": page_with(fax),
    "JBIG2": page_with(jbig2),
    "soft mask": page_with(with_soft_mask),
    "inline": inline,
}

OUTLINES_AT = [Place(0, (55, 80, 235, 108), PERSON)]
SIGNED_AT = [Place(0, (60, 55, 240, 150), PERSON)]
SCANNED: dict[str, Any] = {"boxes": AT, "uniform": INSIDE}

PICTURES = (
    Case(12, "EXIF and comment of a picture", described, **SCANNED),
    Case(18, "text layer under a scan", page_with(JPEG, after=TEXT_LAYER), **SCANNED),
    *(Case(19, f"pixels: {name}", build, **SCANNED) for name, build in FILTERS.items()),
    Case(20, "picture shared by pages", page_with(GREY, WHOLE, SMALL), **SCANNED),
    Case(20, "picture shown cropped", page_with(GREY, CROPPED), boxes=[], uniform=INSIDE),
    Case(24, "name as outlines", outlines, boxes=OUTLINES_AT, curves=True),
    Case(24, "signature as a path", signature, boxes=SIGNED_AT, curves=True),
    Case(29, "translucent marker on a scan", changed(page_with(JPEG), marker), **SCANNED),
)
