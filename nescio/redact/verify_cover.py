"""Checks that boxes lie where their secrets stood: a box in the wrong place hides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from typing import Any, Final

import numpy as np
import pymupdf
from rapidfuzz.fuzz import ratio

from nescio.redact.apply import unrotated
from nescio.redact.boxes import Box
from nescio.redact.findings import Findings
from nescio.redact.glyphs import Rect, corners, overlap
from nescio.redact.secrets import core
from nescio.redact.verify_ocr import DPI, Reader, read_under
from nescio.redact.verify_pictures import render

ALIKE: Final = 60.0
"""Similarity (0 to 100) from which text under boxes counts as the secret: engines and OCR differ
in a character here and there, but a box in the wrong place holds something else."""


def check_cover(
    original: pymupdf.Page,
    text: pymupdf.TextPage,
    number: int,
    boxes: Sequence[Box],
    split: Container[int],
    findings: Findings,
    reader: Reader | None = None,
) -> None:
    """Compare what the original has under each mention's boxes with what was to be hidden.

    Where the original has no text under the boxes, the secret was read from a picture, and the
    picture checks have to do. Where it has another text there, what it shows decides, if
    ``reader`` is given: its fonts may tell other characters than they show.

    Args:
        original: a page of the original, flattened.
        text: its glyphs, from :func:`nescio.redact.apply.read_text`.
        number: its number.
        boxes: the boxes on it.
        split: mentions that have boxes on other pages, too.
        findings: where the result goes.
        reader: reads a picture; given for pages that were released as pictures, of which the text
            is gone, whatever it said.
    """
    mentions: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        if core(box.secret):
            mentions[box.mention].append(box)
    if not mentions:
        return
    with unrotated(original) as matrix:
        words = _Words(text.extractWORDS())
        raw: dict[str, Any] = {}
        doubted: list[tuple[list[Box], str, bool]] = []
        for mention, parts in mentions.items():
            rects = [corners(pymupdf.Rect(part.rect) * matrix) for part in parts]
            secret = core(parts[0].secret)
            if secret == core("".join(map(words.inside, rects))):
                findings.look(30)
                continue
            raw = raw or text.extractRAWDICT()
            found = core("".join(text_inside(raw, rect) for rect in rects))
            if not found:
                continue
            held = _is_held(found, secret, mention in split)
            if held or reader is None:
                findings.judge(30, held, number)
            else:
                doubted.append((parts, secret, mention in split))
    if reader is None or not doubted:
        return
    shown = render(original, DPI)
    for parts, secret, is_split in doubted:
        said = core(read_under(shown, [part.rect for part in parts], reader))
        findings.judge(30, _is_held(said, secret, is_split), number)


def _is_held(found: str, secret: str, split: bool) -> bool:
    """Say whether text found under boxes is the secret, or the part of it on this page."""
    if found in secret:
        return split or found == secret
    return secret in found or ratio(found, secret) >= ALIKE


class _Words:
    """The words of a page by their centres."""

    def __init__(self, words: Sequence[Any]) -> None:
        self._texts = [word[4] for word in words]
        boxes = np.array([word[:4] for word in words], float).reshape(-1, 4)
        self._centres = (boxes[:, :2] + boxes[:, 2:]) / 2

    def inside(self, rect: Rect) -> str:
        """Return the words whose centres lie in ``rect``, without gaps."""
        within = ((rect[:2] < self._centres) & (self._centres < rect[2:])).all(axis=1)
        return "".join(self._texts[number] for number in np.flatnonzero(within))


def text_inside(raw: dict[str, Any], rect: Rect) -> str:
    """Return the characters of a page's ``rawdict`` whose centres lie in ``rect``."""
    chars = []
    for block in raw["blocks"]:
        for line in block["lines"]:
            if not overlap(line["bbox"], rect):
                continue
            for span in line["spans"]:
                chars += [char["c"] for char in span["chars"] if _centre_inside(char["bbox"], rect)]
    return "".join(chars)


def _centre_inside(box: Sequence[Any], rect: Rect) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(rect[0] < x < rect[2] and rect[1] < y < rect[3])
