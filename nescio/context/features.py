"""Features of a paragraph beside the one before it: what the model of ``dep_flag`` sees."""

from __future__ import annotations

from math import nan
from typing import Any, Final

import regex

from nescio.context.rules import Paragraph, Typography, Verdict, is_heading
from nescio.context.sections import NUMBER, level_of, section_of

NAMES: Final = (
    "rule_score",  # of nescio.context.rules.judge
    "rule_level",  # depth of the heading's number, by the rule
    "heading_rule",
    "heading_rule_before",
    "heading_kind",
    "field_kind",
    "cell_kind",
    "same_kind",
    "same_table",
    "left_table",
    "same_page",
    "number_level",
    "number_level_before",
    "known_name",  # the whole text names a section
    "known_label",  # what stands before a colon names a section
    "size_to_body",
    "size_to_before",
    "bold",
    "bold_to_before",
    "same_font",
    "gap_in_lines",
    "gap_in_lines_before",
    "indent",
    "indent_to_before",
    "characters",
    "characters_before",
    "words",
    "capitals",  # share of letters in upper case
    "titled",  # share of words that begin in upper case
    "digits",  # share of characters
    "colon_ends",
    "colon_early",
    "sentence_ends",
    "sentence_ends_before",
    "lower_starts",
    "common_words",  # Jaccard index of the two paragraphs' words
)
"""Names of the features in the order of the columns."""

_WORD: Final = regex.compile(r"\p{L}[\p{L}\p{M}'’-]*")
_ENDS: Final = regex.compile(r"[.!?;,]\W*$")
_MOST_CHARACTERS: Final = 2_000


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan


def _texts(text: str, before: str) -> list[float]:
    """Return the features of the two texts alone, from ``characters`` on."""
    words, words_before = _WORD.findall(text), _WORD.findall(before)
    letters = sum(character.isalpha() for character in text)
    bag, bag_before = {w.casefold() for w in words}, {w.casefold() for w in words_before}
    return [
        min(len(text), _MOST_CHARACTERS),
        min(len(before), _MOST_CHARACTERS),
        min(len(words), _MOST_CHARACTERS),
        _ratio(sum(character.isupper() for character in text), letters),
        _ratio(sum(word[0].isupper() for word in words), len(words)),
        _ratio(sum(character.isdigit() for character in text), len(text)),
        text.endswith(":"),
        0 <= text.find(":") <= 40,
        bool(_ENDS.search(text)),
        bool(_ENDS.search(before)),
        text[:1].islower(),
        _ratio(len(bag & bag_before), len(bag | bag_before)),
    ]


def pair_features(
    paragraph: Paragraph, before: Paragraph, typography: Typography, verdict: Verdict
) -> list[float]:
    """Describe a paragraph beside the one before it in its stream.

    Sizes are ratios to the document's ordinary text, gaps are in lines, indents in ems; NaN
    stands where the text came without layout (size 0).

    Args:
        paragraph: the later one.
        before: the earlier one.
        typography: of the document.
        verdict: of the rule on the same pair.

    Returns:
        One number for each of NAMES.
    """
    text, text_before = paragraph["text"].strip(), before["text"].strip()
    size, size_before = paragraph["size"], before["size"]
    laid_out = size > 0 and size_before > 0
    same_page = paragraph["page"] == before["page"]
    tabled, tabled_before = paragraph["table"] >= 0, before["table"] >= 0
    same_table = tabled and same_page and paragraph["table"] == before["table"]

    def gap(row: dict[str, Any]) -> float:
        return row["gap"] / row["size"] if row["size"] > 0 and row["gap"] >= 0 else nan

    return [
        verdict.score,
        verdict.level,
        is_heading(paragraph, typography),
        is_heading(before, typography),
        paragraph["kind"] == "heading",
        paragraph["kind"] == "field",
        paragraph["kind"] == "cell",
        paragraph["kind"] == before["kind"],
        same_table,
        tabled_before and not tabled,
        same_page,
        level_of(text) if NUMBER.match(text) else 0,
        level_of(text_before) if NUMBER.match(text_before) else 0,
        bool(section_of(text.rstrip(":"), whole=True)),
        bool(section_of(text.partition(":")[0][:80], whole=True)) and ":" in text,
        _ratio(size, typography.size),
        _ratio(size, size_before),
        paragraph["bold"] if laid_out else nan,
        float(paragraph["bold"]) - before["bold"] if laid_out else nan,
        paragraph["font"] == before["font"] if laid_out else nan,
        gap(paragraph),
        gap(before),
        _ratio(paragraph["indent"], size) if laid_out else nan,
        _ratio(paragraph["indent"] - before["indent"], size) if laid_out else nan,
        *_texts(text, text_before),
    ]
