"""The rule for words that may name someone and may mean something else (Will, May, Grace, JD).

A mention of a known person by a single word or by initials counts by itself when the word is not
ambiguous. It is ambiguous when

* prose writes it small (``is_ordinary``: will, grace, young, brown), or it always has a capital
  (months, days, languages), and it bears no accent here (Bäck is no back), or
* it has two letters (Li, Jo), or three that are all capitals here (LEE, which may abbreviate), or
* it is initials without full stops (JD), or with them the same as a usual abbreviation (M.D.,
  P.M.), or
* it is the last part of a composed number, or a number of fewer than five characters (1004).

An ambiguous mention counts only with support, which is one of

1. a prediction of the same label (tagger or pattern, any score) touches it;
2. a title or a role stands directly before it (Mr, Dr, patient, wife, signed), for numbers a word
   that announces one (subject, patient, no., ID);
3. a possessive 's follows, and it has a capital that does not come from opening a sentence;
4. it has a capital inside a sentence of mixed case, where its neighbours have none and the word
   would else be written small. Not for words that always have a capital, nor for letters alone;
5. it opens a sentence with a capital and a word for what people do or are follows (May was well,
   Will reported). Not for letters alone;
6. it has a capital and stands between a time of day and a colon, as the writer of a note does
   (18:39 Gross: ...). Not for letters alone.

The same holds for a place or organisation of a single word (Reading, Bath), accent or not, without
2, 3, 5 and 6.

Never a mention, whatever the support: a single word written small, where it is a name; initials
without full stops that are written small or are a usual abbreviation (Subject ID), unless they
are predicted; an eponym before a word for a disease, sign or test (Parkinson's disease) or joined
to another word (Stevens-Johnson).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from nescio.search.aliases import Form
from nescio.search.names import name_words
from nescio.search.reading import Reading
from nescio.search.words import is_eponym, is_ordinary

SURE_LETTERS: Final = 3
"""A single word of this many letters is not ambiguous by its length, unless all are capitals."""

SURE_DIGITS: Final = 5
"""A number of this many letters and digits is not ambiguous by its length."""

_PLACES: Final = frozenset({"LOCATION", "FACILITY", "ORGANIZATION"})

_POSSESSIVE: Final = re.compile(r"['’‘]s\b", re.IGNORECASE)
_TIME: Final = re.compile(r"[0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\.?)?\s{1,4}\Z")
_NEAR: Final = re.compile(r"[\s.,:#()'\"’-]{0,4}")


class Touching(NamedTuple):
    """A prediction, as far as support needs it."""

    start: int
    end: int
    label: str


def is_mention(
    reading: Reading,
    first: int,
    last: int,
    label: str,
    form: Form,
    predictions: Sequence[Touching],
) -> bool:
    """Say whether words [first, last) that match a known entity in ``form`` are a mention of it."""
    if label == "ID":
        sure = form is not Form.SHORT_ID and _length(reading, first, last) >= SURE_DIGITS
        return sure or _number_supported(reading, first, last, predictions)
    single = last - first == 1
    if label in _PLACES and single and is_ambiguous(reading.words[first]):
        return _predicted(reading, first, last, label, predictions) or (
            not reading.opens_sentence(first) and _stands_out(reading, first, last)
        )
    if label != "NAME":
        return True
    if single and not reading.capital(first):
        return False
    if _names_a_disease(reading, first, last):
        return False
    words = reading.words[first:last]
    if form is Form.WHOLE and not single:
        return _written_as_name(reading, first, last) or _predicted(
            reading, first, last, label, predictions
        )
    if form is Form.INITIALS:
        dotted = "." in reading.between(first) and "".join(words) not in name_words("abbreviations")
        return dotted or _supported(reading, first, last, form, predictions)
    abbreviates = single and len(words[0]) <= SURE_LETTERS and _all_capitals(reading, first)
    if (
        form is not Form.LETTERS
        and not abbreviates
        and not all(_may_be_no_name(reading, index) for index in range(first, last))
    ):
        return True
    return _supported(reading, first, last, Form.LETTERS if abbreviates else form, predictions)


def is_ambiguous(word: str) -> bool:
    """Say whether a word alone may well be something else than a name."""
    return (
        len(word) < SURE_LETTERS
        or is_ordinary(word)
        or word in name_words("words_too")
        or word in name_words("always_capital")
    )


def _may_be_no_name(reading: Reading, index: int) -> bool:
    """Say whether a word as it is written here may well be something else than a name."""
    word = reading.words[index]
    accented = not reading.text[reading.starts[index] : reading.ends[index]].isascii()
    return is_ambiguous(word) and (len(word) < SURE_LETTERS or not accented)


def _written_as_name(reading: Reading, first: int, last: int) -> bool:
    """Say whether several words that match a name are written as one.

    With capitals they are; small letters are accepted where a word has no other meaning.
    """
    if all(reading.capital(i) for i in (first, last - 1)):
        return True
    return not all(is_ambiguous(word) for word in reading.words[first:last])


def _supported(
    reading: Reading, first: int, last: int, form: Form, predictions: Sequence[Touching]
) -> bool:
    if _predicted(reading, first, last, "NAME", predictions):
        return True
    abbreviation = reading.words[first] in name_words("abbreviations")
    if form is Form.LETTERS and (abbreviation or not _all_capitals(reading, first)):
        return False
    if _follows(reading, first, name_words("titles")) or _follows(
        reading, first, name_words("roles")
    ):
        return True
    if form in (Form.LETTERS, Form.INITIALS):
        return False
    if _writes(reading, first, last):
        return True
    opens = reading.opens_sentence(first)
    if _POSSESSIVE.match(reading.text, reading.ends[last - 1]) and not opens:
        return not reading.shouts
    if opens:
        return _follows_act(reading, last)
    return _stands_out(reading, first, last)


def _writes(reading: Reading, first: int, last: int) -> bool:
    """Say whether words stand where the writer of a note does, after a time of day."""
    start, end = reading.starts[first], reading.ends[last - 1]
    written = reading.text.startswith(":", end) and reading.capital(first)
    return written and _TIME.search(reading.text, max(0, start - 16), start) is not None


def _follows_act(reading: Reading, last: int) -> bool:
    """Say whether what people do or are stands directly behind a word."""
    return (
        last < len(reading.words)
        and reading.words[last] in name_words("acts")
        and not reading.capital(last)
        and reading.between(last - 1).isspace()
    )


def _all_capitals(reading: Reading, index: int) -> bool:
    return reading.text[reading.starts[index] : reading.ends[index]].isupper()


def _stands_out(reading: Reading, first: int, last: int) -> bool:
    """Say whether words have a capital where their neighbours, and prose, have none."""
    if reading.shouts or any(w in name_words("always_capital") for w in reading.words[first:last]):
        return False
    before = not reading.text[reading.starts[first - 1]].isupper()
    after = last >= len(reading.words) or not reading.text[reading.starts[last]].isupper()
    return before and after and reading.text[reading.starts[first]].isupper()


def _names_a_disease(reading: Reading, first: int, last: int) -> bool:
    eponym = any(
        is_eponym(word) or word in name_words("eponyms") for word in reading.words[first:last]
    )
    if not eponym:
        return False
    if _hyphen_joins(reading, first - 1) or _hyphen_joins(reading, last - 1):
        return True
    following = last
    if following < len(reading.words) and reading.words[following] == "s":
        following += 1
    return following < len(reading.words) and reading.words[following] in name_words("eponym_of")


def _hyphen_joins(reading: Reading, index: int) -> bool:
    """Say whether a hyphen stands between a word and the next."""
    return 0 <= index < len(reading.words) - 1 and reading.between(index) in ("-", "–")


def _length(reading: Reading, first: int, last: int) -> int:
    return sum(map(len, reading.words[first:last]))


def _predicted(
    reading: Reading, first: int, last: int, label: str, predictions: Sequence[Touching]
) -> bool:
    start, end = reading.starts[first], reading.ends[last - 1]
    return any(p.label == label and p.start < end and start < p.end for p in predictions)


def _number_supported(
    reading: Reading, first: int, last: int, predictions: Sequence[Touching]
) -> bool:
    if _predicted(reading, first, last, "ID", predictions):
        return True
    return _follows(reading, first, name_words("announce_numbers"))


def _follows(reading: Reading, first: int, words: frozenset[str]) -> bool:
    """Say whether a word stands directly behind one of ``words``."""
    return (
        first > 0
        and reading.words[first - 1] in words
        and _NEAR.fullmatch(reading.between(first - 1)) is not None
    )
