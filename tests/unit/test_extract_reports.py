"""Real study reports: everything is read once, and alike in any shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymupdf
import pytest
from extract_inputs import PROSE, paragraphs, read, save, texts, words

from nescio import tables
from nescio.extract import Extraction, extract_pages, inspect, pictures
from nescio.extract.characters import LEADER


@pytest.fixture(scope="module")
def no_ocr() -> Iterator[None]:
    """Let pictures say nothing: what OCR reads is tested elsewhere, and here takes a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "read_lines", lambda *_, **__: [])
        yield


@pytest.fixture(scope="module")
def reports(shared_pdfs: list[Path], no_ocr: None) -> dict[Path, Extraction]:
    """Each report, extracted once."""
    return {path: read(path) for path in shared_pdfs}


def test_every_character_of_every_page_is_read(reports: dict[Path, Extraction]) -> None:
    for path, extraction in reports.items():
        found: Counter[str] = Counter()
        pictured = {
            row["paragraph"]
            for row in extraction.paragraphs.select(["paragraph", "origin"]).to_pylist()
            if row["origin"] == "ocr"  # read from pictures: not in the file's own text
        }
        for text, word in words(extraction):
            if word["paragraph"] not in pictured:
                found.update(text)
        expected: Counter[str] = Counter()
        with pymupdf.open(path) as document:
            for page in document:
                expected.update(LEADER.sub(" ", page.get_text()))
        for character in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
            assert found[character] >= 0.999 * expected[character], f"{character} on {path.name}"
            assert found[character] <= 1.001 * expected[character] + 20


def test_offsets_index_the_paragraph_and_edges_rise(reports: dict[Path, Extraction]) -> None:
    for extraction in reports.values():
        found = words(extraction)
        assert found
        assert not any(map(str.isspace, "".join(text for text, _ in found)))
        for text, row in found:
            assert len(row["edges"]) == len(text) + 1 > 1
            assert row["edges"] == sorted(row["edges"])


@pytest.mark.parametrize("size", [1, 7])
def test_shards_give_what_the_whole_gives(reports: dict[Path, Extraction], size: int) -> None:
    path, whole = list(reports.items())[1]
    pages = inspect(path).pages
    parts = [extract_pages(path, "d-1", n, min(n + size, pages)) for n in range(0, pages, size)]
    for name in ("pages", "words", "paragraphs"):
        joined = tables.concat(name, [getattr(part, name) for part in parts])
        ordered = joined.sort_by([(column, "ascending") for column in ("page",)])
        expected = getattr(whole, name).sort_by([("page", "ascending")])
        assert ordered.equals(expected)


def test_tables_have_their_schemas_and_numbers_sort_in_reading_order(
    reports: dict[Path, Extraction],
) -> None:
    extraction = next(iter(reports.values()))
    for name in ("pages", "words", "paragraphs"):
        assert getattr(extraction, name).schema.equals(tables.SCHEMAS[name])
    numbers = extraction.paragraphs["paragraph"].to_pylist()
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)
    for row in paragraphs(extraction):
        assert row["kind"] in tables.PARAGRAPH_KINDS
        assert row["origin"] in tables.PARAGRAPH_ORIGINS
        if row["page"] >= 0:
            assert row["paragraph"] // tables.PARAGRAPHS_PER_PAGE == row["page"]


def test_headings_rows_and_running_lines_of_a_report(reports: dict[Path, Extraction]) -> None:
    extraction = next(reports[path] for path in reports if "report_cj16050" in path.name)
    headings = texts(extraction, kind="heading")
    assert {"1.1 INTRODUCTION", "1.5 CONCLUSION"} <= {text.upper() for text in headings}
    fields = texts(extraction, kind="field")
    assert "Number of animals used:\t18 males" in fields
    assert len(texts(extraction, kind="header")) >= 8
    assert len(texts(extraction, kind="footer")) >= 18


def test_memory_does_not_grow_with_the_document(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.pdf", *[lambda page: page.insert_textbox(page.rect, PROSE * 12)] * 400
    )
    process = psutil.Process()
    used = []
    for first in range(0, 400, 50):
        assert len(extract_pages(path, "d-1", first, first + 50).pages) == 50
        used.append(process.memory_info().rss)
    assert max(used[2:]) < used[1] + 20e6
