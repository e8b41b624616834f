"""What reviewers decided, as labelled texts from which the tagger can learn. Private.

A text is a block of a page on which a person decided: its spans are what was accepted or added,
under the labels that were decided; what was rejected is a span no more. Blocks with a mark that was
left open are not taken: nobody said what is right there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pymupdf

from nescio.redact.apply import read_text, unrotated
from nescio.redact.boxes import OFF_PAGE
from nescio.redact.glyphs import Rect, corners
from nescio.store import PRIVATE

FOLDER: Final = f"{PRIVATE}/corrections"


def corrections_key(doc: str) -> str:
    """Return the private key of a document's corrections, JSON lines of {id, text, spans}."""
    return f"{FOLDER}/{doc}.jsonl"


def corrections_of(
    document: pymupdf.Document,
    doc: str,
    final: Iterable[Mapping[str, Any]],
    proposed: Iterable[Mapping[str, Any]],
    undecided: Iterable[tuple[int, int]] = (),
) -> bytes:
    """Return the labelled texts of a reviewed document.

    Args:
        document: the original, flattened.
        doc: its opaque id.
        final: rows of REDACTIONS as decided.
        proposed: rows of REDACTIONS as proposed.
        undecided: mention and page of the marks that nobody decided.
    """
    kept, before = _by_page(final), _by_page(proposed)
    skipped = set(undecided)
    lines = []
    for page in sorted(kept.keys() | before.keys()):
        is_open = [row for row in before.get(page, ()) if (row["mention"], page) in skipped]
        blocks = _blocks(document[page], kept.get(page, []), before.get(page, []), is_open)
        for number, text, spans in blocks:
            item = {"id": f"{doc}/{page}/{number}", "text": text, "spans": spans}
            lines.append(json.dumps(item, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def _by_page(rows: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    pages: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["page"] != OFF_PAGE:
            pages.setdefault(row["page"], []).append(row)
    return pages


def _blocks(
    page: pymupdf.Page,
    kept: list[Mapping[str, Any]],
    before: list[Mapping[str, Any]],
    is_open: list[Mapping[str, Any]],
) -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """Yield number, text and spans of the blocks of a page on which something was decided."""
    with unrotated(page) as matrix:
        raw = read_text(page).extractRAWDICT()
        places = [(_placed(row, matrix), row) for row in kept]
        touched = [_placed(row, matrix) for row in (*kept, *before)]
        left = [_placed(row, matrix) for row in is_open]
    for number, block in enumerate(raw["blocks"]):
        text, middles = _text_of(block)
        if not any(_any_in(place, middles) for place in touched):
            continue
        if any(_any_in(place, middles) for place in left):
            continue
        yield number, text, _spans(text, middles, places)


def _placed(row: Mapping[str, Any], matrix: pymupdf.Matrix) -> Rect:
    return corners(pymupdf.Rect(row["x0"], row["y0"], row["x1"], row["y1"]) * matrix)


Middles = list[tuple[float, float] | None]
"""The middle of each character's box; None for the space between two lines."""


def _text_of(block: Mapping[str, Any]) -> tuple[str, Middles]:
    parts: list[str] = []
    middles: Middles = []
    for line in block.get("lines", ()):
        if parts:
            parts.append(" ")
            middles.append(None)
        for span in line["spans"]:
            for char in span["chars"]:
                x0, y0, x1, y1 = char["bbox"]
                parts += char["c"]
                middles += [((x0 + x1) / 2, (y0 + y1) / 2)] * len(char["c"])
    return "".join(parts), middles


def _is_in(place: Rect, middle: tuple[float, float] | None) -> bool:
    if middle is None:
        return False
    x0, y0, x1, y1 = place
    return x0 <= middle[0] <= x1 and y0 <= middle[1] <= y1


def _any_in(place: Rect, middles: Middles) -> bool:
    return any(_is_in(place, middle) for middle in middles)


def _spans(
    text: str, middles: Middles, places: Iterable[tuple[Rect, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the spans of a text: runs of marked characters, white space between them included."""
    owners: list[tuple[int, str] | None] = [None] * len(text)
    for place, row in places:
        for position, middle in enumerate(middles):
            if _is_in(place, middle):
                owners[position] = (row["mention"], row["label"])
    spans: list[dict[str, Any]] = []
    for owner in dict.fromkeys(owner for owner in owners if owner is not None):
        runs: list[list[int]] = []
        for position in (i for i, other in enumerate(owners) if other == owner):
            if runs and not text[runs[-1][1] : position].strip():
                runs[-1][1] = position + 1
            else:
                runs.append([position, position + 1])
        for start, end in runs:
            inner = text[start:end]
            start += len(inner) - len(inner.lstrip())
            end -= len(inner) - len(inner.rstrip())
            if start < end:
                spans.append({"start": start, "end": end, "label": owner[1]})
    return sorted(spans, key=lambda span: (span["start"], span["end"]))
