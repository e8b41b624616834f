"""The text that a decision leaves, for comparing policies without a PDF."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import pyarrow as pa

BLOCK: Final = "█"


def preview(paragraphs: pa.Table, decisions: pa.Table) -> list[str]:
    """Return each paragraph as its decisions leave it; what is removed becomes blocks.

    Args:
        paragraphs: PARAGRAPHS.
        decisions: DECISIONS of the same paragraphs.
    """
    rows: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in decisions.to_pylist():
        rows[row["doc"], row["paragraph"]].append(row)
    shown = []
    for place in paragraphs.select(["doc", "paragraph", "text"]).to_pylist():
        text = place["text"]
        mentions = rows[place["doc"], place["paragraph"]]
        for row in sorted(mentions, key=lambda row: -int(row["start"])):
            if row["action"] != "keep":
                text = text[: row["start"]] + (row["replacement"] or 3 * BLOCK) + text[row["end"] :]
        shown.append(text)
    return shown
