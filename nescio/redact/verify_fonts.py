"""Checks that no font tells which letters a removed text had: its maps name only what shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pikepdf

from nescio.redact.boxes import Box
from nescio.redact.findings import Findings

WHOLE: Final = 400
"""Characters from which a font's map is that of a whole font, which tells nothing."""

_SECTION: Final = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_PAIR: Final = re.compile(rb"<[^>]*>\s*<([^>]*)>")
_RANGE: Final = re.compile(rb"<([^>]*)>\s*<([^>]*)>\s*(?:<([^>]*)>|\[([^\]]*)\])")
_HEX: Final = re.compile(rb"<([^>]*)>")


def check_fonts(pdf: Path, boxes: Iterable[Box], shown: set[str], findings: Findings) -> None:
    """Look in every font for letters that secrets had and that no page shows any more.

    Args:
        pdf: the file.
        boxes: what is to be gone.
        shown: the characters that stand on its pages.
        findings: where the result goes.
    """
    secret = {char for box in boxes for char in box.secret if char.isalnum()}
    if not secret:
        return
    gone = secret - shown - {part for char in shown for part in unicodedata.normalize("NFKD", char)}
    with pikepdf.open(pdf) as file:
        for item in file.objects:
            if isinstance(item, pikepdf.Dictionary) and isinstance(
                item.get(pikepdf.Name.ToUnicode), pikepdf.Stream
            ):
                named = set("".join(_targets(item.ToUnicode.read_bytes())))
                findings.judge(23, len(named) >= WHOLE or not gone & named)


def _targets(cmap: bytes) -> Iterator[str]:
    """Yield the texts that a ToUnicode CMap maps codes to (PDF 32000, 9.10.3)."""
    for kind, body in _SECTION.findall(cmap):
        if kind == b"char":
            yield from map(_text, _PAIR.findall(body))
            continue
        for first, last, start, listed in _RANGE.findall(body):
            if listed:
                yield from map(_text, _HEX.findall(listed))
                continue
            base = _text(start)
            for step in range(min(int(last, 16) - int(first, 16) + 1, 0x10000) if base else 0):
                yield base[:-1] + chr(min(ord(base[-1]) + step, 0x10FFFF))


def _text(digits: bytes) -> str:
    try:
        return bytes.fromhex(digits.decode("ascii")).decode("utf-16-be", errors="ignore")
    except ValueError:
        return ""
