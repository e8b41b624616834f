"""What stays visible is found: whole mentions, parts of them, and nothing beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf

from training.evaluation.visible import page, tally, visible


def mention(text: str, *box: float) -> dict[str, object]:
    """Return a row of gold."""
    return {"label": "NAME", "text": text, "boxes": [[0, *box]]}


def released(path: Path | None = None) -> pymupdf.Document:
    """Return a document of which one name is gone and of another its degree is left."""
    document = pymupdf.open()
    sheet = document.new_page()
    sheet.insert_text((60, 100), "Seen by            , then by           MD, and sent home.")
    if path:
        document.save(path)
    return document


def gold(document: pymupdf.Document) -> dict[str, object]:
    """Return gold with a box that is empty, and one that ends behind the degree."""
    seen, first_by, comma, _then, second_by, degree, *_ = document[0].get_text("words")
    y0, y1 = seen[1], seen[3]
    return {
        "mentions": [
            mention("Ilse Varga", first_by[2] + 2, y0, comma[0] - 1, y1),
            mention("Ola Lind MD", second_by[2] + 2, y0, degree[2], y1),
        ]
    }


def test_a_part_that_is_left_counts_and_an_empty_box_does_not() -> None:
    document = released()
    [item] = visible(document, gold(document))
    assert (item.text, item.words) == ("Ola Lind MD", ("MD,",))


def test_documents_that_were_held_back_are_counted_as_such(tmp_path: Path) -> None:
    (tmp_path / "released").mkdir()
    (tmp_path / "private").mkdir()
    document = released(tmp_path / "released" / "d-1.pdf")
    (tmp_path / "a.gold.json").write_text(json.dumps(gold(document)))
    rows = ["path,outcome,released_as", "a.pdf,released,released/d-1.pdf", "b.pdf,quarantined,"]
    (tmp_path / "private" / "documents.csv").write_text("\n".join(rows))
    result = tally(tmp_path, tmp_path)
    assert result.outcomes == {"released": 1, "quarantined": 1}
    assert (result.boxes["NAME"], result.left["NAME"]) == (2, 1)
    assert "| NAME | 2 | 1 |" in page(result, "two documents")
