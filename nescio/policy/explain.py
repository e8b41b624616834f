"""Why a mention was hidden or let stand, told without the text itself."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio.errors import ConfigurationError
from nescio.policy.entities import entity_name
from nescio.policy.precedence import ORDER

ACTIONS: Final = {
    "remove": "was removed",
    "label": "was replaced by a numbered label",
    "surrogate": "was replaced by a surrogate drawn at random",
    "shift": "was shifted by a number of days drawn at random for its person",
    "generalise": "was made coarser",
    "keep": "was let stand",
}

DETAILS: Final = {
    "individual": "it stands in individual patient data, for which the rule names another action",
    "unreadable": "what it means could not be told, so it went altogether",
    "no-surrogate": "every fitting surrogate was an original of the document, so a label stands",
    "shows-age-over-89": "its year would show an age over 89 (45 CFR 164.514(b)(2)(i)(C))",
    "zip3-restricted": "20,000 people or fewer share its first three digits "
    "(45 CFR 164.514(b)(2)(i)(B))",
    "general-enough": "it is as coarse as the rule asks already",
    "unmoved": "it is so coarse that the person's shift leaves it as it is",
}

SOURCES: Final = {
    "reviewer": "a reviewer",
    "deny": "the deny list",
    "reference": "the reference table",
    "pattern": "a pattern",
    "tagger": "the tagger",
    "lexicon": "the document's lexicon",
    "carryover": "a mention before it under the same heading",
}


def explain(decisions: pa.Table, mention: int, doc: str | None = None) -> str:
    """Say why one mention was decided as it was; no word of it is from the document.

    Args:
        decisions: DECISIONS.
        mention: number of the mention, unique within its document.
        doc: opaque id of the document; may be left out where the table has one only.

    Raises:
        ConfigurationError: there is no such mention, or several documents have one.
    """
    chosen = pc.field("mention") == mention
    if doc is not None:
        chosen &= pc.field("doc") == doc
    rows = decisions.filter(chosen).to_pylist()
    if len(rows) != 1:
        what = (
            "no such mention." if not rows else "several documents have a mention of this number."
        )
        raise ConfigurationError(what, "Give the document's id and a mention that it has.")
    return sentence(rows[0])


def sentence(row: dict[str, Any]) -> str:
    """Say the same of a row of DECISIONS; no word of it is from the document."""
    page = f"page {row['page'] + 1}" if row["page"] >= 0 else "text outside the pages"
    entity = entity_name(row["label"], row["kind"])
    person = f", person {row['person']}" if row["person"] >= 0 else ""
    rule, *details = row["why"].split("/")
    named = {
        "allow-list": "The allow list names it.",
        "deny-list": "The deny list names it.",
        "staff": "The policy's staff switch lets providers stand.",
        "default": "No rule names the entity: the policy's default applies.",
    }
    reasons = [named.get(rule, f"The policy's rule for {rule} applies.")]
    reasons += [f"Here {DETAILS[detail]}." for detail in details]
    found = " and ".join(SOURCES[source] for source in sorted(row["sources"], key=ORDER.index))
    return (
        f"Mention {row['mention']} ({entity}, {page}, {row['end'] - row['start']} characters"
        f"{person}) {ACTIONS[row['action']]}. {' '.join(reasons)} "
        f"Found by {found}, with a score of {row['score']:.2f}."
    )
