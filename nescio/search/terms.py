"""Terms of medicine, statistics and forms that the tagger takes for names, sites or codes.

A prediction of the tagger is dropped where nobody else vouches for it and it holds nothing but

1. abbreviations of the list (ANOVA, MSSA) in capitals, none of which is a name; or
2. names of statistical methods and formulae (Dunnett, Bazett) without a title before them, without
   a given name or initials beside them, and without a year behind them, which would make a
   citation of it; or
3. eponyms before what they are the eponyms of (Barrett's oesophagus), without a title before; or
4. labels of forms, section titles, and roles, bodies and documents of good practice (Street and
   City, Testing facility, Test facility management), single letters among them or behind them
   ("Redacted Lab B"), and names of programs in a file's own description ("Producer: ..."); or
5. words that prose writes small, written small ("a skilled nursing facility", "p.m."), where the
   text has capitals elsewhere; for a NAME none of them may be on a list of names; or
6. an abbreviation that the text explains, a unit of measure, or letters that mark cells
   (``nescio.search.legends``).

What patterns, the reference, a document's lexicon or a reviewer say of the same place is not
touched. The lists are ``data/terms.yaml``; the rules are tried in docs/search.md.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import yaml

from nescio.search.legends import is_explained
from nescio.search.names import name_words
from nescio.search.reading import Reading
from nescio.search.words import is_eponym, is_given_name, is_ordinary, is_surname

if TYPE_CHECKING:
    from nescio.tagger import Tagger

DOUBTED: Final = frozenset({"NAME", "ORGANIZATION", "FACILITY", "LOCATION", "ADDRESS", "ID"})
"""Labels of predictions that can be terms; dates, ages and contacts have forms of their own."""

MOST_WORDS: Final = 8
"""A longer prediction is no term."""

_FILE: Final = Path(__file__).parent / "data" / "terms.yaml"


@cache
def terms(what: str) -> frozenset[str]:
    """Return one of the lists of ``data/terms.yaml``."""
    lists: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return frozenset(lists[what])


def find_entities(paragraphs: pa.Table, tagger: Tagger) -> pa.Table:
    """Return what a tagger finds in paragraphs and what is no term, as SPANS."""
    from nescio.tagger import predict_entities  # not wanted by whoever only searches

    return without_terms(paragraphs, predict_entities(paragraphs, tagger))


def without_terms(paragraphs: pa.Table, predictions: pa.Table) -> pa.Table:
    """Drop predictions that are terms.

    Args:
        paragraphs: PARAGRAPHS; doc, paragraph and text are read.
        predictions: SPANS of the tagger, in the same paragraphs.

    Returns:
        The SPANS that are left, in their order.
    """
    columns = (paragraphs.column(name).to_pylist() for name in ("doc", "paragraph", "text"))
    texts = {(doc, number): text for doc, number, text in zip(*columns, strict=True)}
    readings: dict[tuple[str, int], Reading] = {}
    keep = []
    rows = predictions.select(["doc", "paragraph", "start", "end", "label"]).to_pylist()
    for row in rows:
        place = row["doc"], row["paragraph"]
        text = texts[place]
        if row["label"] in DOUBTED and _may_be(text[row["start"] : row["end"]]):
            if place not in readings:
                readings[place] = Reading.of(text)
            keep.append(not is_term(readings[place], row["start"], row["end"], row["label"]))
        else:
            keep.append(True)
    return predictions.filter(pa.array(keep, pa.bool_()))


def _may_be(text: str) -> bool:
    """Say quickly whether a look at the words is worth while."""
    return not any(map(str.isdigit, text)) or any(word in text for word in ("FEV1", "HbA1c"))


def is_term(reading: Reading, start: int, end: int, label: str) -> bool:
    """Say whether the characters [start, end) are a term and nobody's name."""
    first, last = reading.locate(start, end)
    words = reading.words[first:last]
    if not 0 < len(words) <= MOST_WORDS:
        return False
    if label == "NAME" and _introduced(reading, first):
        return False
    code = label == "LOCATION" and max(map(len, words)) == 2  # a state's
    if not code and _abbreviations(reading, first, last):
        return True
    if label != "ID" and _common_words(reading, first, last, label):
        return True
    if is_explained(reading, start, end, label) or _program(reading, words):
        return True
    if label == "NAME" and len(words) == 1 and (is_given_name(words[0]) or is_surname(words[0])):
        return _is_method(reading, first, last, words) or _eponym(reading, first, last, words)
    if _form_labels(words) or _letter_of_label(reading, first, last):
        return True
    bare = [word for word in words if word not in terms("fillers")]
    return _is_method(reading, first, last, bare) or _eponym(reading, first, last, bare)


def _is_method(reading: Reading, first: int, last: int, bare: list[str]) -> bool:
    known = terms("methods") | terms("abbreviations")
    methods = not terms("methods").isdisjoint(bare) and all(word in known for word in bare)
    return methods and not _beside_a_name(reading, first, last)


def _abbreviations(reading: Reading, first: int, last: int) -> bool:
    return all(
        reading.words[index] in terms("abbreviations")
        and sum(map(str.isupper, reading.text[reading.starts[index] : reading.ends[index]])) > 1
        and not (is_given_name(reading.words[index]) or is_surname(reading.words[index]))
        for index in range(first, last)
    )


def _form_labels(words: list[str]) -> bool:
    """Say whether all words are labels; letters alone may stand among them, not alone."""
    labels = [word for word in words if len(word) > 1]
    known = terms("form_words") | terms("good_practice")
    return bool(labels) and all(word in known for word in labels)


def _program(reading: Reading, words: list[str]) -> bool:
    """Say whether words name a program in a line of a file's own description."""
    described = reading.words[0] in ("producer", "creator", "creatortool")
    return described and all(word in terms("software") for word in words)


def _letter_of_label(reading: Reading, first: int, last: int) -> bool:
    """Say whether one letter counts what a label names: Lab B, Redacted Name D."""
    return (
        last - first == 1
        and len(reading.words[first]) == 1
        and first > 0
        and reading.words[first - 1] in terms("form_words")
        and reading.between(first - 1) == " "
    )


def _common_words(reading: Reading, first: int, last: int, label: str) -> bool:
    """Say whether words are ordinary ones and written small, in a text that is not all small."""
    written = reading.text[reading.starts[first] : reading.ends[last - 1]]
    if not written.islower() or reading.text.islower():
        return False
    words = reading.words[first:last]
    if "".join(words) in ("am", "pm"):
        return True
    if label == "NAME" and any(is_given_name(word) or is_surname(word) for word in words):
        return False
    return all(is_ordinary(word) for word in words)


def _introduced(reading: Reading, first: int) -> bool:
    """Say whether a title, a role or an initial stands before a word."""
    if first == 0:
        return False
    before = reading.words[first - 1]
    gap = reading.between(first - 1)
    if before in name_words("titles") or before in name_words("roles"):
        return gap in (" ", ". ", ".", "  ", "\n", ": ")
    return len(before) == 1 and reading.capital(first - 1) and gap in (" ", ". ", ".")


def _beside_a_name(reading: Reading, first: int, last: int) -> bool:
    """Say whether a given name stands before, or a year, initials or a co-author behind."""
    if first > 0 and reading.between(first - 1) == " " and reading.capital(first - 1):
        before = reading.words[first - 1]
        if is_given_name(before) and before not in terms("methods"):
            return True
    if last >= len(reading.words) or "s" in (reading.words[last], reading.words[last - 1]):
        return False  # Dunnett's T
    behind = last
    gap, word = reading.between(behind - 1), reading.words[behind]
    if gap not in (" ", ", ", " (", ". "):
        return False
    written = reading.text[reading.starts[behind] : reading.ends[behind]]
    initials = len(word) <= 2 and written.isupper() and gap in (" ", ", ")
    return initials or word == "et" or (word.isdigit() and len(word) == 4)


def _eponym(reading: Reading, first: int, last: int, bare: list[str]) -> bool:
    """Say whether all words are eponyms and what they are eponyms of stands behind them."""
    if not bare or not all(is_eponym(word) or word in name_words("eponyms") for word in bare):
        return False
    behind = last + (last < len(reading.words) and reading.words[last] == "s")
    return (
        behind < len(reading.words)
        and reading.between(behind - 1) in (" ", "-", "\n")
        and reading.words[behind] in name_words("eponym_of")
    )
