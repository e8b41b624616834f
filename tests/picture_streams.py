"""Pictures as objects of a PDF, for the tests that look at what is left of their pixels."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
from pikepdf import Name
from PIL import Image

Store = Callable[[pikepdf.Pdf, Image.Image], pikepdf.Object]


def stream(pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], **keys: object) -> pikepdf.Object:
    """Return a picture of ``size`` pixels whose dictionary has these keys, too."""
    image = pikepdf.Stream(pdf, data)
    image.Type, image.Subtype = Name.XObject, Name.Image
    image.Width, image.Height = size
    for key, value in keys.items():
        image["/" + key] = value
    return pdf.make_indirect(image)


def plain(mode: str, space: str, bits: int = 8) -> Store:
    """Return what stores a picture without a filter, in a colour space of PDF."""
    return lambda pdf, picture: stream(
        pdf,
        picture.convert(mode).tobytes(),
        picture.size,
        ColorSpace=Name("/" + space),
        BitsPerComponent=bits,
    )
