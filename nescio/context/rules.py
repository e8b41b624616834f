"""Rules that say, from text and layout alone, whether a paragraph opens a new heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import regex

from nescio.context.sections import NUMBER, level_of, section_of

Paragraph = dict[str, Any]
"""A row of the table ``paragraphs``."""

SIDE_KINDS: Final = frozenset({"header", "footer", "note"})
FLOW_ORIGINS: Final = frozenset({"page", "ocr"})
MAX_HEADING_CHARACTERS: Final = 120
MAX_LABEL_WORDS: Final = 6
RECORD_LEVEL: Final = 99
"""Depth of a line that opens one subject's part of a section."""

RECORD: Final = regex.compile(
    r"^\W*(?:(?:narratives?|case(?: report)?|listing|profile|data)\s+(?:for|of)\s+)?"
    r"(?:(?:study|trial)\s+)?(?:subject|patient|participant|volunteer|case|usubjid|screening)\b"
    r"(?:\s*[-/]?\s*(?:id|no|nr|number|identifier|identification|name|initials)\b\.?)?"
    r"\s*[:#.]?\s*(?:no\.?\s*)?(?P<who>[\p{Lu}\d][^\n]{0,60})$",
    regex.IGNORECASE,
)
"""A line that names one subject and nothing else: ``Subject 1004``, ``Patient: J. Doe``."""

_SENTENCE_END: Final = regex.compile(r"[.!?;,]\s*$")
_BULLET: Final = regex.compile(r"^\s*[•●▪◦·\-–*]\s+")
_DIGIT: Final = regex.compile(r"\d")


class Verdict(NamedTuple):
    """What a rule says: the probability that the paragraph stands under the same heading."""

    score: float
    section: str | None  # that the paragraph opens; "" under an unknown name; None: opens none
    level: int = 0  # depth of the heading; 0 where it has no number
    weight: tuple[float, bool] = (0.0, False)  # size in half points and boldness of the heading


@dataclass(frozen=True)
class Typography:
    """What ordinary text looks like in one document."""

    size: float

    @classmethod
    def of(cls, paragraphs: Sequence[Paragraph]) -> Typography:
        """Measure the size (points) of most characters outside headings and running lines."""
        characters: Counter[float] = Counter()
        for paragraph in paragraphs:
            if paragraph["kind"] in ("body", "cell", "field"):
                characters[round(paragraph["size"] * 2) / 2] += len(paragraph["text"])
        return cls(size=characters.most_common(1)[0][0] if characters else 0.0)


def stream_of(paragraph: Paragraph) -> tuple[str, int]:
    """Return the stream that a paragraph belongs to.

    Running text is one stream through all pages. Headers, footers, notes and text that is not
    page content each have a stream of their own on every page, so that a running header between
    two pages does not cut the text that runs on below it.
    """
    kind, origin = paragraph["kind"], paragraph["origin"]
    if kind not in SIDE_KINDS and origin in FLOW_ORIGINS:
        return "flow", -1
    return (kind if kind in SIDE_KINDS else origin), paragraph["page"]


def is_heading(paragraph: Paragraph, typography: Typography) -> bool:
    """Say whether a paragraph is a heading: by kind, or by shape where the kind is not known."""
    if paragraph["kind"] == "heading":
        return True
    text = paragraph["text"].strip()
    if (
        paragraph["kind"] != "body"
        or paragraph["table"] >= 0
        or not 0 < len(text) <= MAX_HEADING_CHARACTERS
        or _BULLET.match(text)
    ):
        return False
    if section_of(text.rstrip(":"), whole=True):
        return True
    if _SENTENCE_END.search(text):
        return False
    if NUMBER.match(text) and level_of(text) > 1 and text.split()[1][:1].isupper():
        return True
    standing_out = paragraph["bold"] or paragraph["size"] > 1.1 * typography.size > 0
    capitals = text.upper() == text and len(text.split()) <= 8 and not _DIGIT.search(text)
    return bool(standing_out or capitals) and any(character.isalpha() for character in text)


def _continues_heading(paragraph: Paragraph, before: Paragraph) -> bool:
    """Say whether a heading is the second line of the heading before it."""
    return bool(
        before["page"] == paragraph["page"]
        and before["font"] == paragraph["font"]
        and before["size"] == paragraph["size"] > 0
        and before["bold"] == paragraph["bold"]
        and 0 <= paragraph["gap"] <= 0.6 * paragraph["size"]
        and not NUMBER.match(paragraph["text"])
        and not section_of(paragraph["text"], whole=True)
        and not RECORD.match(paragraph["text"].strip())
    )


def _names_record(paragraph: Paragraph, before: Paragraph) -> bool:
    """Say whether a paragraph is a line that opens one subject's part of the document.

    A line of a form (``Patient: ...`` above ``DOB: ...``) opens nothing when other fields stand
    before it: they belong to the same person.
    """
    match = RECORD.match(paragraph["text"].strip())
    if match is None or paragraph["table"] >= 0:
        return False
    who = match["who"]
    if len(who.split()) > 2 and _SENTENCE_END.search(who):
        return False
    says_who = bool(_DIGIT.search(who)) or ":" in paragraph["text"]
    beside_fields = paragraph["kind"] == "field" and before["kind"] == "field"
    return says_who and len(who.split()) <= 6 and not beside_fields


def judge(paragraph: Paragraph, before: Paragraph, typography: Typography) -> Verdict:
    """Say how likely ``paragraph`` stands under the same heading as ``before`` of its stream.

    The first rule that applies decides; the order is the order of the code. The scores are the
    share of paragraphs for which the rule was right on the notes that it was checked on, rounded
    (see docs/search.md), not the output of a model.
    """
    text = paragraph["text"].strip()
    if paragraph["table"] >= 0 and (paragraph["table"], paragraph["page"]) == (
        before["table"],
        before["page"],
    ):
        return Verdict(0.98, None)
    if _names_record(paragraph, before):
        return Verdict(0.05, section_of(text), RECORD_LEVEL)
    if is_heading(paragraph, typography):
        if is_heading(before, typography) and _continues_heading(paragraph, before):
            return Verdict(0.90, None)
        weight = round(paragraph["size"] * 2) / 2, paragraph["bold"]
        return Verdict(0.03, section_of(text), level_of(text), weight)
    label, colon, _ = text.partition(":")
    if colon and paragraph["kind"] == "body" and len(label.split()) <= MAX_LABEL_WORDS:
        section = section_of(label, whole=True)
        if section:
            return Verdict(0.15, section, level_of(label))
    return Verdict(0.97, None)
