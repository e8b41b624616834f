"""The boxes of one document, ordered by page, with what each one hides and shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

OFF_PAGE: Final = -1

BoxWidth = Literal["tight", "quantised"]
"""As wide as what a box hides, or widened so that the width tells nothing."""


@dataclass(frozen=True)
class Box:
    """One place to clear, in points of the page as shown (tables.py, conventions)."""

    x0: float
    y0: float
    x1: float
    y1: float
    mention: int
    label: str
    replacement: str
    secret: str
    leading: bool = True
    """Whether it is the first of its mention's boxes: the one that shows a label."""

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """The corners as (x0, y0, x1, y1)."""
        return self.x0, self.y0, self.x1, self.y1


def by_page(redactions: pa.Table | None) -> dict[int, list[Box]]:
    """Return page -> boxes of a REDACTIONS table; secrets that stand on no page under -1."""
    pages: dict[int, list[Box]] = defaultdict(list)
    seen: set[int] = set()
    if redactions is not None:
        for row in redactions.to_pylist():
            del row["doc"]
            page = row.pop("page")
            pages[page].append(Box(**row, leading=row["mention"] not in seen))
            seen.add(row["mention"])
    return dict(pages)
