"""Write the page that shows every policy on one text: ``python docs/policies_side_by_side.py``.

Surrogates and shifts are drawn at random, so ``ema-0070`` and ``surrogates`` differ each time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.policy import BUILT_IN, Mapping, Policy, decide, load_policy, preview

PAGE: Final = Path(__file__).with_suffix(".md")
MARK: Final = re.compile(r"\[([A-Z]+)(?:\.(\w+))?\|([^\]]*)\]")
PERSONS: Final = {"Margaret Doyle": 0, "Doyle": 0, "Tom Doyle": 1, "Dr. Priya Nair": 2}
YEAR: Final = 2024

EXAMPLE: Final = (
    "Subject [ID.subject_id|017-0042], [NAME.patient|Margaret Doyle], aged [AGE|93], born "
    "[DATE.birth|14 March 1931], lives at [ADDRESS|8 Quarry Lane, Stowe, VT 05672].",
    "Mrs. [NAME.patient|Doyle] (MRN [ID.mrn|MR-889120]) was seen by [NAME.staff|Dr. Priya Nair] "
    "at [FACILITY|Green Mountain Hospital] on [DATE.visit|Tuesday, March 5, 2024] and again on "
    "[DATE.visit|03/12/2024].",
    "Her son [NAME.relative|Tom Doyle], [AGE|58], works for [ORGANIZATION.employer|Maple Tools "
    "Inc.]; call [PHONE|(802) 555-3317] or write to [EMAIL|tdoyle@example.com].",
    "Study [ID.study_id|NX-2207], principal investigator [NAME.investigator|Prof. Lena Ortiz], "
    "sponsor [ORGANIZATION.sponsor|Northwind Pharma], [LOCATION.country|USA].",
)
"""An invented subject; the last paragraph stands on the title page, the others in a narrative."""


def tables_of(marked: tuple[str, ...]) -> tuple[pa.Table, pa.Table, pa.Table, dict[Any, int]]:
    """Return paragraphs, context, spans and people of the marked text."""
    paragraphs, context, spans = [], [], []
    people: dict[Any, int] = {}
    for number, source in enumerate(marked):
        text, position = "", 0
        for match in MARK.finditer(source):
            text += source[position : match.start()]
            start, end = len(text), len(text) + len(match[3])
            spans.append(
                {"doc": "example", "paragraph": number, "start": start, "end": end}
                | {"label": match[1], "kind": match[2] or "", "score": 0.99, "sources": ["tagger"]}
            )
            person = PERSONS.get(match[3], 1 if match[3] == "58" else 0 if number < 2 else -1)
            people["example", number, start, end] = person
            text, position = text + match[3], match.end()
        last = number == len(marked) - 1
        paragraphs.append(
            {"doc": "example", "page": 0, "paragraph": number, "text": text + source[position:]}
            | {"kind": "body", "origin": "page", "font": "", "size": 10.0, "in_scope": True}
            | dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap"), 0.0)
            | {"bold": False, "italic": False, "table": -1, "row": -1}
        )
        context.append(
            {"doc": "example", "paragraph": number, "dep_flag": number > 0 and not last}
            | {"dep_score": 1.0, "section": "title_page" if last else "narratives"}
        )
    made = [
        tables.from_rows(name, rows)
        for name, rows in (("paragraphs", paragraphs), ("context", context), ("spans", spans))
    ]
    return made[0], made[1], made[2], people


def shown(policy: Policy) -> list[str]:
    """Return the example as a policy leaves it."""
    paragraphs, context, spans, people = tables_of(EXAMPLE)
    decisions = decide(paragraphs, context, spans, policy, people, Mapping(), this_year=YEAR)
    return preview(paragraphs, decisions)


def surrogates() -> Policy:
    """Return a policy of one's own that replaces all it can by surrogates."""
    base = load_policy("everything").model_dump()
    kinds = ("NAME", "ADDRESS", "LOCATION", "FACILITY", "ORGANIZATION", "ID", "PHONE", "EMAIL")
    rules: dict[str, Any] = dict.fromkeys(kinds, "surrogate")
    rules |= {"DATE": "shift", "AGE": {"action": "generalise", "to": "age"}}
    return Policy.model_validate(base | {"name": "surrogates", "entities": rules})


def page() -> str:
    """Return the page in Markdown."""
    lines = [
        "# Every policy on one text",
        "",
        "Written by `python docs/policies_side_by_side.py`. The subject is invented; `███` is a",
        "box. Surrogates and shifts are drawn at random and differ each time the page is written.",
        "",
    ]
    plain = [MARK.sub(lambda match: match[3], text) for text in EXAMPLE]
    policies = [load_policy(name) for name in BUILT_IN] + [surrogates()]
    results = {policy.name: shown(policy) for policy in policies}
    for number, text in enumerate(plain):
        lines += [f"## Paragraph {number + 1}", "", "| Policy | Text |", "|---|---|"]
        lines.append(f"| *original* | {text} |")
        lines += [f"| `{name}` | {texts[number]} |" for name, texts in results.items()]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
