"""Kinds of id that a policy treats as one: ``subject_id: [patient_id, usubjid]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import pyarrow as pa
import regex

from nescio import tables
from nescio.policy.model import Policy
from nescio.policy.precedence import Mention

REACH: Final = 40
"""Characters before a value in which the words that name its kind are looked for."""


@cache
def _names(merges: tuple[tuple[str, tuple[str, ...]], ...]) -> regex.Pattern[str] | None:
    """Find a merged name at the end of a text, as a label before a value."""
    if not merges:
        return None
    groups = []
    for kind, words in merges:
        written = "|".join(
            r"[\s_.\-/]*".join(regex.escape(part) for part in word.split("_"))
            for word in sorted(words, key=len, reverse=True)
        )
        groups.append(rf"(?P<{kind}>{written})")
    return regex.compile(
        rf"(?<![\p{{L}}\d])(?:{'|'.join(groups)})(?:s|\(s\))?\s*(?:no|nr|number|\#)?[\s.:=|#]*$",
        regex.IGNORECASE,
    )


def merge_kinds(mention: Mention, text: str, merges: Mapping[str, tuple[str, ...]]) -> Mention:
    """Return an id with the kind that the policy merges it into.

    An id is merged if its kind is one of the merged ones, or if one of the merged names stands
    right before it (``USUBJID: 1004``).

    Args:
        mention: of any label; only ids change.
        text: the paragraph's text.
        merges: kind -> the kinds and names that are merged into it.
    """
    if mention.label != "ID" or not merges:
        return mention
    for kind, words in merges.items():
        if mention.kind in words:
            return replace(mention, kind=kind)
    if mention.kind not in ("", "subject_id"):
        return mention  # a kind that a detector is sure of is not overruled by a word before it
    pattern = _names(tuple((kind, tuple(words)) for kind, words in merges.items()))
    match = pattern.search(text[max(0, mention.start - REACH) : mention.start]) if pattern else None
    if match is None or match.lastgroup is None:
        return mention
    return replace(mention, kind=match.lastgroup)


def merged(paragraphs: pa.Table, spans: pa.Table, policy: Policy) -> pa.Table:
    """Return the spans with their ids merged as the policy says, for linking people.

    Args:
        paragraphs: PARAGRAPHS.
        spans: SPANS of the same paragraphs.
        policy: its merges.
    """
    rows = spans.to_pylist()
    ids = [row for row in rows if row["label"] == "ID"]
    if not policy.merges or not ids:
        return spans
    columns = paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    texts = {(row["doc"], row["paragraph"]): row["text"] for row in columns}
    for row in ids:
        place = (row["paragraph"], row["start"], row["end"])
        mention = Mention(*place, "ID", row["kind"], row["score"], tuple(row["sources"]))
        text = texts[row["doc"], row["paragraph"]]
        row["kind"] = merge_kinds(mention, text, policy.merges).kind
    return tables.from_rows("spans", rows)
