"""Rewrites text operators so that MuPDF keeps every other glyph where it was.

Where MuPDF (1.28) takes the first glyph of a run out of the middle of a string, it loses that
glyph's width in arrays, and for runs of a single glyph in plain strings; all that follows on the
line moves to the left::

    [(Mrs. Doe was)] TJ       removes Doe, writes  [(Mrs. )-1080( was)] TJ   should be -1610
    (vitamin C was) Tj        removes C, writes    (vitamin )Tj ( was)Tj     without the gap

A run that begins where a string of an array begins is removed rightly. So before glyphs are
removed, each string becomes an array of several, cut at the borders of words; afterwards
:func:`join_text` puts neighbouring strings together again.

Besides, every pass of MuPDF's filter multiplies the numbers of arrays by the square of the
horizontal scaling (``Tz``); :func:`mend_numbers` divides them after each pass.

MuPDF writes the contents in its own plain form first (no comments, parentheses in strings
escaped), which makes byte patterns safe and fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import pymupdf

Cut = Literal["words", "glyphs"]
"""Where strings are cut: at the borders of words, or (slower) between all glyphs."""

TWO_BYTES: Final = frozenset({"Identity-H", "Identity-V"})
"""Encodings of composite fonts whose codes all have two bytes."""

_STRING: Final = rb"\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]*+>"
_NUMBER: Final = rb"[-+]?[.\d]+"
_TOKEN: Final = re.compile(
    rb"(?P<image>\bBI\b.*?\bEI\b)"
    rb"|\[(?P<array>(?:" + _STRING + rb"|[-+.\d\s])*+)\]\s*TJ\b"
    rb"|(?P<string>" + _STRING + rb")\s*(?P<operator>Tj\b|')?"
    rb"|/(?P<font>[^\s()<>\[\]{}/%]+)\s+" + _NUMBER + rb"\s+Tf\b"
    rb"|(?P<scale>" + _NUMBER + rb")\s+Tz\b"
    rb"|\b(?P<state>[qQ])\b",
    re.DOTALL,
)
_SHOWN: Final = re.compile(
    rb"(?P<image>\bBI\b.*?\bEI\b)"
    rb"|\[(?P<array>(?:" + _STRING + rb"|[-+.\d\s])*+)\]\s*TJ\b"
    rb"|(?P<string>" + _STRING + rb")\s*(?P<operator>Tj\b|')?",
    re.DOTALL,
)
"""The same without what tells the font in force: enough where all fonts are alike."""
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_FONTS: Final = re.compile(rb"/([^\s()<>\[\]{}/%]+)\s+" + _NUMBER + rb"\s+Tf\b")
_SPACED: Final = re.compile(
    rb"(" + _NUMBER + rb")\s+(" + _NUMBER + rb")\s*(" + _STRING + rb")\s*\"", re.DOTALL
)
_ELEMENT: Final = re.compile(rb"(" + _STRING + rb")|(" + _NUMBER + rb")", re.DOTALL)
_GLYPHS: Final = re.compile(rb"\\[0-7]{1,3}|\\.|[^\\]", re.DOTALL)
_WORDS: Final = re.compile(rb"[A-Za-z0-9]+|\\[0-7]{1,3}|\\.|[^\\]", re.DOTALL)
_JOINT: Final = re.compile(rb"(?<!\\)\)\s*\(|(?<=[0-9A-Fa-f])>\s*<(?=[0-9A-Fa-f])")


def split_text(page: pymupdf.Page, cut: Cut = "words") -> None:
    """Cut the strings in a page's contents and in the forms that it shows."""
    page.clean_contents(sanitize=False)
    code_bytes = _code_bytes(page)
    for xref, data in _streams(page):
        page.parent.update_stream(xref, _Cutter(code_bytes, cut).run(data), compress=False)


def mend_numbers(page: pymupdf.Page) -> None:
    """Divide the moves in scaled text by what a pass of the filter has multiplied them with."""
    if not any(b"Tz" in data for _, data in _streams(page)):
        return
    page.clean_contents(sanitize=False)
    for xref, data in _streams(page):
        if b"Tz" in data:
            page.parent.update_stream(xref, _Scaler({}, "words").run(data), compress=False)


def _streams(page: pymupdf.Page) -> Iterator[tuple[int, bytes]]:
    """Yield number and data of a page's contents and of the forms that it shows."""
    xrefs = [*page.get_contents(), *(item[0] for item in page.get_xobjects())]
    for xref in dict.fromkeys(xrefs):
        data = page.parent.xref_stream(xref)
        if data:
            yield xref, data


def join_text(page: pymupdf.Page) -> None:
    """Join strings that follow each other, where no picture's bytes can look like them."""
    document = page.parent
    for xref in page.get_contents():
        data = document.xref_stream(xref)
        if data and b"BI" not in data:
            document.update_stream(xref, _JOINT.sub(b"", data), compress=False)


def _code_bytes(page: pymupdf.Page) -> dict[bytes, int]:
    """Return font name -> bytes of its codes; 0 where they vary, so that nothing may be cut."""
    found: dict[bytes, int] = {}
    for font in page.get_fonts(full=True):
        kind, name, encoding = font[2], font[4].encode(), font[5]
        size = 1 if kind != "Type0" else 2 if encoding in TWO_BYTES else 0
        found[name] = size if found.get(name, size) == size else 0
    return found


def _without_spaced(data: bytes) -> bytes:
    """Spell out the operator ``"``: word and character spacing, next line, show."""
    return _SPACED.sub(rb"\1 Tw \2 Tc \3 '", data) if b'"' in data else data


class _Cutter:
    """Rewrites one content stream; knows the font that each string is set in."""

    def __init__(self, code_bytes: Mapping[bytes, int], cut: Cut) -> None:
        self._code_bytes = code_bytes
        self._cut = cut
        self._size = 0
        self._saved: list[int] = []
        self._known: dict[bytes, bytes] = {}

    def run(self, data: bytes) -> bytes:
        """Return the rewritten stream."""
        data = _without_spaced(data)
        sizes = {self._code_bytes.get(name, 0) for name in _FONTS.findall(data)}
        if len(sizes) == 1:
            (self._size,) = sizes
            return _SHOWN.sub(self._rewrite, data)
        return _TOKEN.sub(self._rewrite, data)

    def _rewrite(self, token: re.Match[bytes]) -> bytes:
        kind = token.lastgroup
        if kind == "array":
            return b"[" + _STRINGS.sub(self._cut_string, token["array"]) + b"] TJ"
        if kind == "operator":
            next_line = b"T* " if token["operator"] == b"'" else b""
            return next_line + b"[" + b"".join(self._pieces(token["string"])) + b"] TJ"
        if kind == "font":
            self._change_size(self._code_bytes.get(token["font"], 0))
        elif kind == "state":
            self._change_state(token["state"])
        return token[0]

    def _change_state(self, operator: bytes) -> None:
        if operator == b"q":
            self._saved.append(self._size)
        elif self._saved:
            self._change_size(self._saved.pop())

    def _change_size(self, size: int) -> None:
        if size != self._size:
            self._size = size
            self._known.clear()

    def _cut_string(self, string: re.Match[bytes]) -> bytes:
        """Cut a string of an array; kerned text repeats its short strings again and again."""
        whole = string[0]
        cut = self._known.get(whole)
        if cut is None:
            cut = self._known[whole] = b"".join(self._pieces(whole))
        return cut

    def _pieces(self, string: bytes) -> Iterator[bytes]:
        if string.startswith(b"<"):
            digits = b"".join(string[1:-1].split())
            step = 2 * self._size or len(digits) or 1
            digits += b"0" * (len(digits) % 2)
            for start in range(0, len(digits), step):
                yield b"<" + digits[start : start + step] + b">"
            return
        pattern = _WORDS if self._cut == "words" and self._size == 1 else _GLYPHS
        inner = string[1:-1]
        if self._size == 1 and inner.isalnum() and self._cut == "words":
            yield string
            return
        units = pattern.findall(inner)
        step = self._size or len(units) or 1
        for start in range(0, len(units), step):
            yield b"(" + b"".join(units[start : start + step]) + b")"


class _Scaler(_Cutter):
    """Rewrites the numbers of arrays only, by the scaling in force."""

    def __init__(self, code_bytes: Mapping[bytes, int], cut: Cut) -> None:
        super().__init__(code_bytes, cut)
        self._scale = 1.0
        self._scales: list[float] = []

    def run(self, data: bytes) -> bytes:
        """Return the rewritten stream."""
        return _TOKEN.sub(self._rewrite, _without_spaced(data))

    def _rewrite(self, token: re.Match[bytes]) -> bytes:
        kind = token.lastgroup
        if kind == "scale":
            self._scale = float(token["scale"]) / 100 or 1.0
        elif kind == "state" and token["state"] == b"q":
            self._scales.append(self._scale)
        elif kind == "state" and self._scales:
            self._scale = self._scales.pop()
        elif kind == "array" and self._scale != 1.0:
            return b"[" + b"".join(self._elements(token["array"])) + b"] TJ"
        return token[0]

    def _elements(self, array: bytes) -> Iterator[bytes]:
        for string, number in _ELEMENT.findall(array):
            yield string or b" %.4f " % (float(number) / self._scale**2)
