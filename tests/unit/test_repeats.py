"""What is hidden once is hidden everywhere."""

from __future__ import annotations

from typing import Any

from nescio import tables
from nescio.detect import _row
from nescio.search import repeats


def span(text: str, label: str) -> dict[str, Any]:
    return {
        "doc": "d-1", "paragraph": 0, "start": 0, "end": len(text), "label": label, "kind": "",
        "score": 0.9, "sources": ["tagger"],
    }  # fmt: skip


def found(first: str, label: str, *others: str, origin: str = "page") -> list[tuple[int, str]]:
    texts = [first, *others]
    rows = [_row("d-1", i, t) | {"origin": origin} for i, t in enumerate(texts)]
    paragraphs = tables.from_rows("paragraphs", rows)
    spans = tables.from_rows("spans", [span(first, label)])
    seen = repeats(paragraphs, spans, lambda row, text: row["label"] == "ID").to_pylist()
    found = {(row["paragraph"], texts[row["paragraph"]][row["start"] : row["end"]]) for row in seen}
    return sorted(found)


def test_an_identifier_is_found_again_in_any_case() -> None:
    again = found("ALT-3415", "ID", "Report alt-3415, final", "nothing here")
    assert again == [(0, "ALT-3415"), (1, "alt-3415")]


def test_a_part_of_a_longer_word_is_not_it() -> None:
    assert found("ALT-3415", "ID", "ALT-34155 and XALT-3415") == [(0, "ALT-3415")]


def test_only_what_counts_is_looked_for() -> None:
    assert found("Grace", "NAME", "by the grace of") == []


def test_where_ocr_lost_or_invented_spaces_a_long_identifier_is_found() -> None:
    lines = ("IM1626341 hr", "IM 162634 12 hr", "im1626 34")
    assert found("IM162634", "ID", *lines) == [(0, "IM162634")]
    assert found("IM162634", "ID", *lines, origin="ocr") == [
        (0, "IM162634"), (1, "IM162634"), (2, "IM 162634"), (3, "im1626 34"),
    ]  # fmt: skip
    assert found("A12", "ID", "A123 and A 12", origin="ocr") == [(0, "A12")]
