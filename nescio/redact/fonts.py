"""Takes from fonts what tells which letters a removed text had.

A subset holds only the letters that the document uses; one that only a removed name used gives
it away. MuPDF drops the outlines of glyphs that no page shows any more; the tables beside them
(ToUnicode, widths, names of glyphs, drawings of Type 3 glyphs) are pruned here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

Codes = set[int]

_PLAIN: Final = rb"[^()\\]|\\."
_INNER: Final = rb"\((?:" + _PLAIN + rb"|\((?:" + _PLAIN + rb")*+\))*+\)"
_LITERAL: Final = rb"\((?:" + _PLAIN + rb"|" + _INNER + rb")*+\)"
"""A string; parentheses inside it may stand unescaped where they are balanced."""

_TOKEN: Final = re.compile(
    rb"(?P<image>\bBI\b.*?\bEI\b)"
    rb"|(?P<literal>" + _LITERAL + rb")"
    rb"|<(?P<hex>[0-9A-Fa-f\s]*+)>(?!>)"
    rb"|/(?P<font>[^\s()<>\[\]{}/%]+)\s+[-+.\d]+\s+Tf\b"
    rb"|\b(?P<state>[qQ])\b",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_SECTION: Final = re.compile(rb"beginbf(char|range)(.*?)endbf\1", re.DOTALL)
_CHAR: Final = re.compile(rb"<([^>]*)>\s*<([^>]*)>")
_RANGE: Final = re.compile(rb"<([^>]*)>\s*<([^>]*)>\s*(?:<([^>]*)>|\[([^\]]*)\])")
_TARGET: Final = re.compile(rb"<([^>]*)>")

MOST_IN_SECTION: Final = 100
"""Entries of one section of a CMap (Adobe Technical Note 5014)."""


class FontUse:
    """Collects which codes of which fonts content streams show."""

    def __init__(self) -> None:
        self._codes: dict[tuple[int, int], Codes] = {}
        self._fonts: dict[tuple[int, int], Any] = {}
        self._seen: set[tuple[int, int]] = set()

    def read_page(self, page: pikepdf.Page) -> None:
        """Read the contents of a page and of all that it draws."""
        contents = page.obj.get(Name.Contents)
        resources = page.obj.get(Name.Resources, Dictionary())
        streams = list(contents) if isinstance(contents, Array) else [contents]
        data = b"\n".join(item.read_bytes() for item in streams if isinstance(item, Stream))
        self._read(data, resources)

    def _read_stream(self, stream: Stream, inherited: Any) -> None:
        if stream.objgen in self._seen:
            return
        self._seen.add(stream.objgen)  # a form may draw itself
        own = Name.Resources in stream
        self._read(stream.read_bytes(), stream.Resources if own else inherited)
        if not own:  # drawn from another page, its names may mean other fonts
            self._seen.discard(stream.objgen)

    def _read(self, data: bytes, resources: Any) -> None:
        fonts = resources.get(Name.Font, Dictionary())
        for name, string in _shown(data):
            font = fonts.get("/" + name.decode("latin-1"))
            if not isinstance(font, Dictionary):
                continue
            codes = self._codes.setdefault(font.objgen, set())
            self._fonts[font.objgen] = font
            codes.update(_codes(font, string))
        for stream in _drawn_streams(resources):
            self._read_stream(stream, resources)

    def prune(self) -> None:
        """Remove from every font what belongs to codes that nothing shows."""
        self._share_parts()
        for key, font in self._fonts.items():
            codes = self._codes[key]
            if font.get(Name.Subtype) == Name.Type0:
                _prune_composite(font, codes)
            else:
                _prune_simple(font, codes)

    def _share_parts(self) -> None:
        """Give fonts that share a table the codes of all of them."""
        owners: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for key, font in self._fonts.items():
            for part in (Name.ToUnicode, Name.DescendantFonts, Name.Encoding, Name.CharProcs):
                table = font.get(part)
                for item in (table, table[0] if isinstance(table, Array) else None):
                    if isinstance(item, Object) and item.is_indirect:
                        owners.setdefault(item.objgen, []).append(key)
        for keys in owners.values():
            union = set().union(*(self._codes[key] for key in keys))
            for key in keys:
                self._codes[key] = union


def _drawn_streams(resources: Any) -> Iterator[Any]:
    for category in (Name.XObject, Name.Pattern):
        for _, item in resources.get(category, Dictionary()).items():
            if isinstance(item, Stream) and item.get(Name.Subtype) != Name.Image:
                yield item
    for _, state in resources.get(Name.ExtGState, Dictionary()).items():
        mask = state.get(Name.SMask) if isinstance(state, Dictionary) else None
        if isinstance(mask, Dictionary) and isinstance(mask.get(Name.G), Stream):
            yield mask.G
    for _, font in resources.get(Name.Font, Dictionary()).items():
        if isinstance(font, Dictionary) and Name.CharProcs in font:
            yield from (proc for _, proc in font.CharProcs.items() if isinstance(proc, Stream))


def _shown(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name of the font in force and each string of a content stream."""
    font, saved = b"", []
    for token in _TOKEN.finditer(data):
        match token.lastgroup:
            case "literal":
                yield font, _unescaped(token["literal"][1:-1])
            case "hex":
                digits = b"".join(token["hex"].split())
                yield font, bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
            case "font":
                font = token["font"]
            case "state" if token["state"] == b"q":
                saved.append(font)
            case "state":
                font = saved.pop() if saved else font


def _unescaped(string: bytes) -> bytes:
    if b"\\" not in string:
        return string

    def plain(escape: re.Match[bytes]) -> bytes:
        if escape[1]:
            return bytes([int(escape[1], 8) & 0xFF])
        return b"" if escape[2] in {b"\n", b"\r", b"\r\n"} else _NAMED.get(escape[2], escape[2])

    return _ESCAPE.sub(plain, string)


def _is_two_bytes(font: Any) -> bool:
    return font.get(Name.Encoding) in (Name("/Identity-H"), Name("/Identity-V"))


def _codes(font: Any, string: bytes) -> Iterable[int]:
    if font.get(Name.Subtype) != Name.Type0:
        return string
    return [int.from_bytes(string[i : i + 2], "big") for i in range(0, len(string), 2)]


def _prune_simple(font: Any, codes: Codes) -> None:
    first = int(font.get(Name.FirstChar, 0))
    if isinstance(font.get(Name.Widths), Array):
        widths = list(font.Widths)
        font.Widths = Array(w if first + i in codes else 0 for i, w in enumerate(widths))
    _prune_to_unicode(font, codes)
    procs, encoding = font.get(Name.CharProcs), font.get(Name.Encoding)
    if isinstance(encoding, Dictionary) and isinstance(encoding.get(Name.Differences), Array):
        used, kept = [], set()
        code = 0
        for item in encoding.Differences:
            if not isinstance(item, Name):
                code = int(item)
                continue
            if code in codes:
                used += [code, item]
                kept.add(str(item))
            code += 1
        encoding.Differences = Array(used)
        if isinstance(procs, Dictionary):
            for key in list(procs.keys()):
                if key not in kept:
                    del procs[key]


def _prune_composite(font: Any, codes: Codes) -> None:
    if not _is_two_bytes(font):
        return
    _prune_to_unicode(font, codes)
    descendant = font.DescendantFonts[0]
    if isinstance(descendant.get(Name.W), Array):
        descendant.W = Array(_pruned_widths(list(descendant.W), codes))


def _pruned_widths(entries: list[Any], codes: Codes) -> Iterator[Any]:
    """Yield the entries of a W array (``first [w ...]`` or ``first last w``) for used codes."""
    position = 0
    while position + 1 < len(entries):
        first, second = int(entries[position]), entries[position + 1]
        if isinstance(second, Array):
            widths = list(enumerate(second, first))
            position += 2
        elif position + 2 < len(entries):
            last = min(int(second), 0xFFFF)
            widths = [(code, entries[position + 2]) for code in range(first, last + 1)]
            position += 3
        else:
            return
        for code, width in widths:
            if code in codes:
                yield code
                yield Array([width])


def _prune_to_unicode(font: Any, codes: Codes) -> None:
    cmap = font.get(Name.ToUnicode)
    if not isinstance(cmap, Stream):
        return
    data = cmap.read_bytes()
    if b"usecmap" in data:
        return
    entries = sorted((code, text) for code, text in _mappings(data) if code in codes)
    digits = 4 if font.get(Name.Subtype) == Name.Type0 else 2
    cmap.write(_cmap(dict(entries), digits))


def _mappings(cmap: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each code of a ToUnicode CMap with the hexadecimal UTF-16 that it stands for."""
    for kind, section in _SECTION.findall(cmap):
        if kind == b"char":
            for code, text in _CHAR.findall(section):
                yield _number(code), _digits(text)
            continue
        for first, last, text, listed in _RANGE.findall(section):
            start, end = _number(first), min(_number(last), _number(first) + 0xFFFF)
            if listed:
                yield from enumerate(map(_digits, _TARGET.findall(listed)), start)
                continue
            base, digits = _number(text), len(_digits(text))
            for code in range(start, end + 1):
                yield code, b"%0*X" % (digits, base + code - start)


def _digits(text: bytes) -> bytes:
    return b"".join(text.split())


def _number(text: bytes) -> int:
    return int(_digits(text) or b"0", 16)


def _cmap(entries: dict[int, bytes], digits: int) -> bytes:
    """Return a ToUnicode CMap (PDF 32000-1, 9.10.3) with these entries."""
    lines = [
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        b"1 begincodespacerange <%s> <%s> endcodespacerange" % (b"0" * digits, b"F" * digits),
    ]
    items = list(entries.items())
    for start in range(0, len(items), MOST_IN_SECTION):
        section = items[start : start + MOST_IN_SECTION]
        lines.append(b"%d beginbfchar" % len(section))
        lines += [b"<%0*X> <%s>" % (digits, code, text) for code, text in section]
        lines.append(b"endbfchar")
    lines.append(b"endcmap CMapName currentdict /CMap defineresource pop end end")
    return b"\n".join(lines)
