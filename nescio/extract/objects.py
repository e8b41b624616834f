"""Strings in the objects of a PDF, wherever they are nested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pymupdf
from pymupdf import mupdf

DEEPEST: Final = 12
"""Levels of dictionaries and arrays inside one object that are looked into."""


def strings_of(document: pymupdf.Document, xref: int) -> Iterator[tuple[str, str]]:
    """Yield the strings of an indirect object with the keys that they stand under.

    Objects that it refers to are left to themselves, but for scripts, which may be streams.
    """
    pdf = mupdf.pdf_document_from_fz_document(document.this)
    yield from _strings(mupdf.pdf_load_object(pdf, xref), "", DEEPEST)


def _strings(value: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if mupdf.pdf_is_indirect(value):
        if key == "JS" and mupdf.pdf_is_stream(value):
            yield key, _stream_text(value)
        elif key and mupdf.pdf_is_string(value):
            yield key, mupdf.pdf_to_text_string(value)
    elif mupdf.pdf_is_string(value):
        yield key, mupdf.pdf_to_text_string(value)
    elif depth and mupdf.pdf_is_dict(value):
        for number in range(mupdf.pdf_dict_len(value)):
            name = mupdf.pdf_to_name(mupdf.pdf_dict_get_key(value, number))
            yield from _strings(mupdf.pdf_dict_get_val(value, number), name, depth - 1)
    elif depth and mupdf.pdf_is_array(value):
        for number in range(mupdf.pdf_array_len(value)):
            yield from _strings(mupdf.pdf_array_get(value, number), key, depth - 1)


def _stream_text(value: Any) -> str:
    data: bytes = mupdf.pdf_load_stream(value).fz_buffer_extract()
    encoding = "utf-16" if data[:2] in (b"\xfe\xff", b"\xff\xfe") else "latin-1"
    return data.decode(encoding, "replace")
