"""Object checks of a whole file: forbidden objects, revisions, strings, streams, raw bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from nescio.redact.boxes import Box
from nescio.redact.findings import Findings
from nescio.redact.links import is_plain_action, is_plain_link
from nescio.redact.secrets import ByteSearch, Secret, SecretSearch, title_search

FORBIDDEN_KEYS: Final = {
    "/StructTreeRoot": 10,
    "/StructParents": 10,
    "/StructParent": 10,
    "/MarkInfo": 10,
    "/Alt": 10,
    "/ActualText": 10,
    "/Dests": 11,
    "/PageLabels": 11,
    "/Metadata": 12,
    "/PieceInfo": 12,
    "/LastModified": 12,
    "/EmbeddedFiles": 13,
    "/EF": 13,
    "/AF": 13,
    "/Collection": 13,
    "/Annots": 14,
    "/Popup": 14,
    "/AcroForm": 15,
    "/XFA": 15,
    "/OCProperties": 16,
    "/OC": 16,
    "/Thumb": 21,
    "/AA": 25,
    "/OpenAction": 25,
    "/JS": 25,
    "/JavaScript": 25,
    "/URI": 25,
    "/Launch": 25,
}
"""Dictionary keys that no rebuilt file has -> the check that fails."""

FORBIDDEN_TYPES: Final = {
    "/Filespec": 13,
    "/F": 13,
    "/EmbeddedFile": 13,
    "/Annot": 14,
    "/OCG": 16,
    "/OCMD": 16,
    "/Action": 25,
    "/Sig": 15,
    "/StructElem": 10,
    "/Metadata": 12,
}
"""Values of /Type that no rebuilt file has -> the check that fails."""

NAMED: Final = frozenset(
    {
        "/Font",
        "/XObject",
        "/ExtGState",
        "/ColorSpace",
        "/Pattern",
        "/Shading",
        "/Properties",
        "/CharProcs",
        "/Colorants",
    }
)
"""Keys of dictionaries whose own keys are names that the file's maker chose."""

STRUCTURAL: Final = frozenset({"/ObjStm", "/XRef"})

INFO_KEYS: Final = frozenset({"/Producer"})

_LITERAL: Final = rb"\((?:[^()\\]|\\.)*+\)"
_ARRAY: Final = re.compile(rb"\[((?:" + _LITERAL + rb"|[^()\[\]])*+)\]\s*TJ\b", re.DOTALL)
_STRINGS: Final = re.compile(_LITERAL, re.DOTALL)
_HEXES: Final = re.compile(rb"<([0-9A-Fa-f\s]{2,})>")


def check_objects(
    pdf: Path,
    secrets: Sequence[Secret],
    boxes: Iterable[Box],
    findings: Findings,
    web_links: bool = False,
) -> None:
    """Run the checks that look at the file as a whole.

    Args:
        pdf: the file.
        secrets: those that can be searched for everywhere.
        boxes: all that was to go.
        findings: where the results go.
        web_links: clean links to the web were kept on purpose.
    """
    has_secret = title_search(boxes)
    data = pdf.read_bytes()
    findings.judge(22, data.startswith(b"%PDF-") and data.count(b"startxref") == 1)
    findings.judge(22, data.rstrip().endswith(b"%%EOF") and data.count(b"%%EOF") == 1)
    walk = _Walk(secrets, findings, has_secret if web_links else None)
    findings.judge(12, walk.in_bytes.count(data) == 0)
    with pikepdf.open(pdf) as file:
        findings.judge(32, not file.is_encrypted)
        findings.look(2, *FORBIDDEN_KEYS.values(), *FORBIDDEN_TYPES.values())
        walk.visit(file.trailer)
        for item in file.objects:
            reached = not isinstance(item, Object) or item.objgen in walk.seen
            kind = item.get("/Type") if isinstance(item, Stream | Dictionary) else None
            findings.judge(22, reached or str(kind) in STRUCTURAL)
        for key in file.trailer.get("/Info", Dictionary()).keys():  # noqa: SIM118
            findings.judge(12, key in INFO_KEYS)
        with file.open_outline() as outline:
            for title in _titles(outline.root):
                findings.judge(11, not has_secret(title))


class _Walk:
    """Visits every object that the trailer leads to, and looks at keys, strings and streams."""

    def __init__(
        self,
        secrets: Sequence[Secret],
        findings: Findings,
        has_secret: Callable[[str], bool] | None = None,
    ) -> None:
        """Prepare a walk; with ``has_secret``, links to the web may stand that hold none."""
        self.seen: set[tuple[int, int]] = set()
        self.in_bytes = ByteSearch(secrets)
        self._search = SecretSearch(secrets)
        self._findings = findings
        self._has_secret = has_secret

    def visit(self, root: Object) -> None:
        """Visit ``root`` and all that it leads to."""
        waiting: list[tuple[Any, str]] = [(root, "")]
        while waiting:
            item, key = waiting.pop()
            if not isinstance(item, Object):
                continue
            if item.is_indirect:
                if item.objgen in self.seen:
                    continue
                self.seen.add(item.objgen)
            if isinstance(item, Dictionary | Stream):
                self._check_dictionary(item, named=key in NAMED)
                waiting += [(value, name) for name, value in item.items()]
            elif isinstance(item, Array):
                waiting += [(value, "") for value in item if isinstance(value, Object)]
            elif isinstance(item, pikepdf.String | Name):
                self._check_text(item)
            if isinstance(item, Stream):
                self._check_stream(item)

    def _check_dictionary(self, item: Object, named: bool) -> None:
        if named or self._is_kept_link(item):
            return
        kind = str(item.get("/Type", ""))
        if kind in FORBIDDEN_TYPES:
            self._findings.fail(FORBIDDEN_TYPES[kind])
        if str(item.get("/Subtype", "")) == "/Redact":
            self._findings.fail(2)
        allowed = {"/Annots"} if self._has_secret and kind == "/Page" else set()
        for key in (item.keys() & FORBIDDEN_KEYS.keys()) - allowed:
            self._findings.fail(FORBIDDEN_KEYS[key])

    def _is_kept_link(self, item: Object) -> bool:
        if self._has_secret is None:
            return False
        if is_plain_action(item):
            self._findings.judge(25, not self._has_secret(unquote(str(item.URI))))
            return True
        return is_plain_link(item)

    def _check_text(self, item: Object) -> None:
        if self._search and (self._search.count(str(item)) or self.in_bytes.count(bytes(item))):
            self._findings.fail(12)

    def _check_stream(self, item: Stream) -> None:
        """Look for secrets in decoded data; pictures are looked at as pictures."""
        if not self._search or item.get("/Subtype") == Name.Image:
            return
        self._findings.look(9)
        try:
            data = item.read_bytes()
        except pikepdf.PdfError:
            data = item.read_raw_bytes()
        hits = self.in_bytes.count(data)
        if b"TJ" in data or b"Tj" in data:
            hits += self.in_bytes.count(_shown_strings(data))
        if hits:
            self._findings.fail(9, count=hits)


def _shown_strings(data: bytes) -> bytes:
    """Return the strings of a content stream; those of one text array are joined.

    ``[(Ja)-20(ne)] TJ`` holds no ``Jane``, but shows it.
    """
    lines = []
    for array in _ARRAY.findall(data):
        literals = b"".join(string[1:-1] for string in _STRINGS.findall(array))
        digits = b"".join(_HEXES.findall(array))
        lines += [literals, bytes.fromhex(b"".join(digits.split()).decode()[: len(digits) & ~1])]
    return b"\n".join(lines)


def _titles(items: Iterable[pikepdf.OutlineItem]) -> Iterator[str]:
    for item in items:
        yield item.title
        yield from _titles(item.children)
