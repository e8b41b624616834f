"""Work on one document that is done in a process of its own, for steps that only ask for it.

What is imported here is imported in that process, where the server that it is forked from has it
already: the step itself starts without any PDF engine, and so in half the time.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa


def count_pages(pdf: Path, password: str | None) -> int:
    """Return how many pages a document has; errors are those of :func:`nescio.extract.inspect`."""
    from nescio.extract import inspect

    return inspect(pdf, password).pages


def extract_pages(
    pdf: Path, doc: str, first_page: int, last_page: int, password: str | None
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return PAGES, WORDS and PARAGRAPHS, as :func:`nescio.extract.extract_pages` does."""
    from nescio import extract

    pages, words, paragraphs = extract.extract_pages(pdf, doc, first_page, last_page, password)
    return pages, words, paragraphs
