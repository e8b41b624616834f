"""Carries clean bookmarks into the rebuilt file: titles without secrets, targets that are pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import pikepdf

REDACTED_TITLE: Final = "[redacted]"
"""Title of a bookmark that held a secret, kept where others stand below it."""

MOST: Final = 20_000
"""Bookmarks beyond this number are dropped: no reader uses them, and a hostile file may loop."""


class Bookmark(NamedTuple):
    """A bookmark: level from 1, title, page from 0."""

    level: int
    title: str
    page: int


def clean_bookmarks(
    table_of_contents: Sequence[Sequence[object]], has_secret: Callable[[str], bool]
) -> list[Bookmark]:
    """Return the bookmarks with titles that hold a secret replaced, or left out if childless.

    Args:
        table_of_contents: what ``pymupdf.Document.get_toc`` returns: level, title, page from 1
            (-1 where the target is no page of this document).
        has_secret: says whether a title holds a secret.
    """
    rows = [(int(str(r[0])), str(r[1]), int(str(r[2])) - 1) for r in table_of_contents[:MOST]]
    found: list[Bookmark] = []
    for number, (level, title, page) in enumerate(rows):
        if has_secret(title):
            childless = number + 1 == len(rows) or rows[number + 1][0] <= level
            if childless:
                continue
            title = REDACTED_TITLE
        found.append(Bookmark(level, title, max(page, 0)))
    return found


def write_bookmarks(pdf: pikepdf.Pdf, bookmarks: Sequence[Bookmark]) -> None:
    """Give ``pdf`` these bookmarks, each leading to the top of its page."""
    if not bookmarks:
        return
    with pdf.open_outline() as outline:
        parents: list[pikepdf.OutlineItem] = []
        for bookmark in bookmarks:
            item = pikepdf.OutlineItem(bookmark.title, min(bookmark.page, len(pdf.pages) - 1))
            del parents[max(bookmark.level - 1, 0) :]
            (parents[-1].children if parents else outline.root).append(item)
            parents.append(item)
