"""Stores pictures again as they were stored before pixels were cleared, and without metadata.

MuPDF writes a picture whose pixels it cleared without loss, which makes a scanned page ten times
as large. Here it gets its old compression back, from the cleared pixels.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pikepdf
import pymupdf
from PIL import Image, TiffImagePlugin

Size = tuple[int, int]

WORTHWHILE: Final = 20_000
"""Bytes from which a picture is stored anew."""

_APP0, _APP14, _COM, _SOS, _SOI, _EOI = 0xE0, 0xEE, 0xFE, 0xDA, 0xD8, 0xD9


@dataclass(frozen=True)
class Codec:
    """How a picture was stored: ``DCTDecode`` with its tables, or two levels (a fax)."""

    kind: str
    quantization: dict[int, list[int]] | None = None
    subsampling: int = -1


def codecs_of(page: pymupdf.Page) -> dict[Size, Codec]:
    """Return size in pixels -> how the pictures of a page are stored."""
    found: dict[Size, Codec] = {}
    document = page.parent
    for image in page.get_images():
        xref, size, kind = image[0], (image[2], image[3]), image[8]
        if kind == "DCTDecode":
            found[size] = _jpeg_codec(document.xref_stream_raw(xref))
        elif kind in {"CCITTFaxDecode", "JBIG2Decode"}:
            found[size] = Codec("CCITTFaxDecode")
    return found


def _jpeg_codec(data: bytes) -> Codec:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            tables = dict(getattr(picture, "quantization", {})) or None
            sampling = {(1, 1): 0, (2, 1): 1, (2, 2): 2}
            layer = getattr(picture, "layer", None) or [(0, 1, 1, 0)]
            return Codec("DCTDecode", tables, sampling.get(layer[0][1:3], 2))
    except (OSError, ValueError, SyntaxError):
        return Codec("DCTDecode")


def store_as_before(image: Any, codecs: Mapping[Size, Codec]) -> None:
    """Give a losslessly stored picture the compression that one of its size had before."""
    codec = codecs.get((int(image.Width), int(image.Height)))
    if codec is None or image.get("/Filter") != pikepdf.Name.FlateDecode:
        return
    if int(image.get("/Length", 0)) < WORTHWHILE:
        return
    bits = int(image.get("/BitsPerComponent", 1))
    if codec.kind == "CCITTFaxDecode":
        if bits == 1:
            _store_fax(image)
    elif bits == 8:
        _store_jpeg(image, codec)


def _store_jpeg(image: Any, codec: Codec) -> None:
    raw = image.read_bytes()
    size = int(image.Width), int(image.Height)
    mode = {1: "L", 3: "RGB"}.get(len(raw) // (size[0] * size[1]))
    if mode is None or len(raw) != size[0] * size[1] * len(mode):
        return  # four colours: a JPEG of those is read differently by different programs
    options: dict[str, Any] = {"quality": 85}
    if codec.quantization:
        options = {"qtables": codec.quantization}
        if mode == "L":
            options = {"qtables": [next(iter(codec.quantization.values()))]}
    if mode == "RGB":
        options["subsampling"] = codec.subsampling
    buffer = io.BytesIO()
    Image.frombytes(mode, size, raw).save(buffer, "JPEG", optimize=True, **options)
    if buffer.tell() < int(image.Length):
        image.write(buffer.getvalue(), filter=pikepdf.Name.DCTDecode)


def _store_fax(image: Any) -> None:
    size = int(image.Width), int(image.Height)
    raw = image.read_bytes()
    if len(raw) != (size[0] + 7) // 8 * size[1]:
        return
    buffer = io.BytesIO()
    options = TiffImagePlugin.ImageFileDirectory_v2()
    options[278] = size[1]  # RowsPerStrip: the whole picture is one strip
    Image.frombytes("1", size, raw).save(buffer, "TIFF", compression="group4", tiffinfo=options)
    with Image.open(buffer) as tiff:
        offsets, lengths = tiff.tag_v2[273], tiff.tag_v2[279]  # type: ignore[attr-defined]
        inverted = tiff.tag_v2[262] == 0  # type: ignore[attr-defined]
    if len(offsets) != 1:
        return
    data = buffer.getvalue()[offsets[0] : offsets[0] + lengths[0]]
    parameters = pikepdf.Dictionary(
        K=-1, Columns=size[0], Rows=size[1], BlackIs1=not inverted, EndOfBlock=True
    )
    if len(data) < int(image.Length):
        image.write(data, filter=pikepdf.Name.CCITTFaxDecode, decode_parms=parameters)


def strip_metadata(image: Any) -> None:
    """Remove EXIF, XMP, thumbnails and comments from inside a picture's own file format."""
    filters = image.get("/Filter")
    if filters == pikepdf.Name.DCTDecode:
        image_data = image.read_raw_bytes()
        clean = without_jpeg_metadata(image_data)
    elif filters == pikepdf.Name.JPXDecode:
        image_data = image.read_raw_bytes()
        clean = without_jpx_metadata(image_data)
    else:
        return
    if clean != image_data:
        image.write(clean, filter=filters, decode_parms=image.get("/DecodeParms"))


def without_jpeg_metadata(data: bytes) -> bytes:
    """Return a JPEG with JFIF and Adobe headers as its only application data.

    Segments before the first scan are ``FF <marker> <length>``; what follows the end of the
    picture is dropped. Data that is no JPEG comes back as it is.
    """
    if data[:2] != bytes([0xFF, _SOI]):
        return data
    kept = [data[:2]]
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == _SOS:
            end = data.rfind(bytes([0xFF, _EOI]), position)
            kept.append(data[position : end + 2] if end > 0 else data[position:])
            return b"".join(kept)
        length = 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if (marker not in range(_APP0 + 1, 0xF0) and marker != _COM) or marker == _APP14:
            kept.append(data[position : position + length])
        position += length
    return data


def without_jpx_metadata(data: bytes) -> bytes:
    """Return a JPEG 2000 file with the boxes that a decoder needs: signature, header, picture."""
    if data[4:8] != b"jP  ":
        return data  # a bare codestream
    kept = []
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16], "big")
        if length == 0:
            length = len(data) - position
        if length < 8:
            return data
        if kind in {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}:
            kept.append(data[position : position + length])
        position += length
    return b"".join(kept)
