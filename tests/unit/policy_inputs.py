"""Documents for the tests of policies, written as text with the mentions marked in it.

``Patient [NAME.patient|Jo Bell] is [AGE|92]`` is a paragraph with two spans; ``[NAME:0.2|Jo]`` has
a score, ``[NAME@deny|Jo]`` a source. All people here are invented.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.policy import Mapping, Policy, decide, load_policy, preview

MARK = re.compile(r"\[([A-Z]+)(?:\.(\w+))?(?::([\d.]+))?(?:@([\w+]+))?\|([^\]]*)\]")


class Input(NamedTuple):
    """The tables that ``decide`` takes."""

    paragraphs: pa.Table
    context: pa.Table
    spans: pa.Table


def document(*marked: str, doc: str = "d-1", sections: tuple[str, ...] = (), one_blob: bool = True,
             pages: tuple[int, ...] = (), kinds: tuple[str, ...] = ()) -> Input:  # fmt: skip
    """Make the tables of one document, a paragraph for each text."""
    paragraphs, context, spans = [], [], []
    for number, source in enumerate(marked):
        page = pages[number] if pages else 0
        paragraph = page * tables.PARAGRAPHS_PER_PAGE + number
        text, position = "", 0
        for match in MARK.finditer(source):
            label, kind, score, source_names, value = match.groups()
            text += source[position : match.start()]
            spans.append({
                "doc": doc, "paragraph": paragraph, "start": len(text),
                "end": len(text) + len(value), "label": label, "kind": kind or "",
                "score": float(score or 0.95),
                "sources": (source_names or "tagger").split("+"),
            })  # fmt: skip
            text += value
            position = match.end()
        text += source[position:]
        kind = kinds[number] if kinds else "body"
        paragraphs.append(paragraph_row(doc, page, paragraph, text, kind))
        context.append({
            "doc": doc, "paragraph": paragraph, "dep_flag": one_blob and number > 0,
            "dep_score": 1.0, "section": sections[number] if sections else "",
        })  # fmt: skip
    return Input(
        tables.from_rows("paragraphs", paragraphs),
        tables.from_rows("context", context),
        tables.from_rows("spans", spans),
    )


def paragraph_row(doc: str, page: int, number: int, text: str, kind: str) -> dict[str, Any]:
    """Return a row of PARAGRAPHS whose layout does not matter."""
    return {
        "doc": doc, "page": page, "paragraph": number, "text": text, "kind": kind,
        "origin": "page", "x0": 0.0, "y0": 0.0, "x1": 0.0, "y1": 0.0, "font": "", "size": 10.0,
        "bold": False, "italic": False, "indent": 0.0, "gap": 0.0, "table": -1, "row": -1,
        "in_scope": True,
    }  # fmt: skip


def together(*inputs: Input) -> Input:
    """Make one run of several documents."""
    return Input(*(pa.concat_tables(parts) for parts in zip(*inputs, strict=True)))


def judge(source: Input, policy: str | Policy, mapping: Mapping | None = None,
          people: Any = None, this_year: int = 2024) -> pa.Table:  # fmt: skip
    """Decide a document by a policy, read in a fixed year."""
    chosen = load_policy(policy) if isinstance(policy, str) else policy
    return decide(*source, chosen, people, mapping, this_year=this_year)


def outcome(marked: str, policy: str | Policy, this_year: int = 2024) -> str:
    """Return one paragraph as a policy leaves it; blocks stand for what was removed."""
    source = document(marked)
    return preview(source.paragraphs, judge(source, policy, this_year=this_year))[0]


def policy_of(folder: Any, text: str) -> Policy:
    """Read a policy from YAML text."""
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return load_policy(str(path))
