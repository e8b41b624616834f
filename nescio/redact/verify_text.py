"""Text checks of one page: under boxes in two engines, everywhere for secrets, outside for loss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pymupdf
import pypdfium2

from nescio.redact import second_engine
from nescio.redact.apply import unrotated
from nescio.redact.boxes import Box
from nescio.redact.covered import covered_glyphs
from nescio.redact.findings import Findings
from nescio.redact.glyphs import FLAGS, Rect, corners, overlap, touching
from nescio.redact.overlay import shown_text
from nescio.redact.secrets import SecretSearch, core
from nescio.redact.verify_cover import text_inside

SIDE: Final = 0.75
"""Points by which a box is smaller for this check along its text, at most: rounding."""

EDGE: Final = 0.15
"""Share of its height by which a box is smaller for this check: lines may stand close."""

SAME_PLACE: Final = 1.0
"""Points by which a word may move and still stand where it stood."""

Word = tuple[Any, ...]
"""x0, y0, x1, y1, text and numbers, as PyMuPDF gives them."""


@dataclass(frozen=True)
class TextPage:
    """One page of the output and, for comparison, of the original, both open in MuPDF.

    ``source`` holds the glyphs of the original, from :func:`nescio.redact.apply.read_text`.
    """

    number: int
    page: pymupdf.Page
    second: pypdfium2.PdfPage
    original: pymupdf.Page | None
    source: pymupdf.TextPage | None
    boxes: Sequence[Box]
    style: str


def check_text(item: TextPage, search: SecretSearch, findings: Findings) -> list[Word]:
    """Run the text checks of one page; returns its words, rotation taken away."""
    with unrotated(item.page) as matrix:
        text_page = item.page.get_textpage(flags=FLAGS, clip=pymupdf.INFINITE_RECT())
        words: list[Word] = item.page.get_text("words", textpage=text_page, sort=False)
        findings.shown.update(*(word[4] for word in words))
        rects = [corners(pymupdf.Rect(box.rect) * matrix) for box in item.boxes]
        if item.boxes:
            near = _near(words, [inset(rect) for rect in rects])
            raw = item.page.get_text("rawdict", textpage=text_page) if near else {"blocks": []}
            found = [text_inside(raw, inset(rect)) for rect in rects]
            _judge_boxes(item, found, findings)
        _check_outside_page(item, words, findings)
    told = None
    if item.boxes:
        characters, told = second_engine.read_page(item.second)
        second = [characters.inside(inset(box.rect)) for box in item.boxes]
        _judge_boxes(item, second, findings)
    if search:
        told = second_engine.page_text(item.second) if told is None else told
        texts = (" ".join(word[4] for word in words), told)
        hits = max(search.count(text) for text in texts)
        findings.look(7, 17)
        if hits:
            findings.fail(7, item.number, hits)
    if item.original is not None:
        _compare(item, words, rects, findings)
    return words


def inset(rect: Rect) -> Rect:
    """Return the part of a box in which the centre of no neighbouring character can lie."""
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    along, across = min(SIDE, 0.2 * max(width, height)), EDGE * min(width, height)
    if width >= height:
        return rect[0] + along, rect[1] + across, rect[2] - along, rect[3] - across
    # A single character: as narrow as a vertical line, as high as a horizontal one.
    across = min(across, SIDE)
    return rect[0] + across, rect[1] + EDGE * height, rect[2] - across, rect[3] - EDGE * height


def _judge_boxes(item: TextPage, found: Sequence[str], findings: Findings) -> None:
    """Compare what stands in each box with what was decided to stand there."""
    for number, (box, text) in enumerate(zip(item.boxes, found, strict=True)):
        findings.look(1, 3, 4, 6)
        rest = core(text)
        for other in (box, *(o for i, o in enumerate(item.boxes) if i != number)):
            if rest and (other is box or overlap(other.rect, box.rect)):
                rest = _without(rest, core(shown_text(other, item.style)))
        if rest:
            findings.fail(1, item.number)
        if _shares_line(box, item.boxes):
            findings.judge(5, not rest, item.number)
        if box.replacement:
            findings.judge(26, not _repeats(box), item.number)


def _without(text: str, label: str) -> str:
    """Take a label out of what was found; its first and last characters may stand at the edge."""
    return "" if text in label else text.replace(label, "", 1)


def _repeats(box: Box) -> bool:
    """Say whether a replacement holds the secret that it replaces."""
    secret, shown = core(box.secret), core(box.replacement)
    return len(secret) >= 3 and secret in shown


def _shares_line(box: Box, boxes: Sequence[Box]) -> bool:
    middle = (box.y0 + box.y1) / 2
    return any(
        other is not box and other.y0 < middle < other.y1 and not overlap(box.rect, other.rect)
        for other in boxes
    )


def _near(words: Sequence[Word], rects: Sequence[Rect]) -> list[Word]:
    """Return the words that touch a rectangle."""
    near = touching([word[:4] for word in words], rects).any(axis=1)
    return [words[number] for number in np.flatnonzero(near).tolist()]


def _check_outside_page(item: TextPage, words: Sequence[Word], findings: Findings) -> None:
    x0, y0, x1, y1 = item.page.rect
    findings.look(17)
    for word in words:
        if word[2] < x0 or word[0] > x1 or word[3] < y0 or word[1] > y1:
            findings.fail(17, item.number)


def _compare(
    item: TextPage, after: Sequence[Word], rects: Sequence[Rect], findings: Findings
) -> None:
    """Check that words outside boxes are where they were, and that no others appeared."""
    assert item.original is not None
    findings.look(31)
    assert item.source is not None
    with unrotated(item.original):
        page = corners(item.original.rect)
    before = [word for word in item.source.extractWORDS() if _centre_in(word, page)]
    if not rects and [word[4] for word in before] == [word[4] for word in after]:
        return
    touched = _near(before, [inset(rect) for rect in rects])
    marks = {id(word) for word in touched}
    left = _Places(after)
    lost = [word for word in before if id(word) not in marks and not left.take(word)]
    lost = _without_covered(lost, item.original)
    regions = [_grown(rect) for rect in rects] + [_grown(word[:4]) for word in touched]
    rest = left.rest()
    new = len(rest) - len(_near(rest, regions))
    if lost or new:
        findings.fail(31, item.number, len(lost) + new)


def _without_covered(words: list[Word], original: pymupdf.Page) -> list[Word]:
    """Leave out words that nobody saw: an opaque rectangle lies on them, they had to go."""
    if not words:
        return words
    with unrotated(original):
        covered = covered_glyphs(original, original.get_cdrawings(), words)
    return [word for word in words if not any(overlap(word[:4], glyph) for glyph in covered)]


class _Places:
    """Words by text and place; each can be taken once."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._by_text: dict[str, list[Word]] = defaultdict(list)
        for word in words:
            self._by_text[word[4]].append(word)

    def take(self, word: Word) -> bool:
        """Take the word that stands where ``word`` stands; say whether there was one."""
        candidates = self._by_text[word[4]]
        for number, other in enumerate(candidates):
            if abs(other[0] - word[0]) < SAME_PLACE and abs(other[1] - word[1]) < SAME_PLACE:
                del candidates[number]
                return True
        return False

    def rest(self) -> list[Word]:
        """Return the words that nobody took."""
        return [word for words in self._by_text.values() for word in words]


def _centre_in(word: Word, rect: Rect) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3])


def _grown(rect: Sequence[float], by: float = 2.0) -> Rect:
    return rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by
