"""Cut what a pattern took for a person's name down to the name, or to nothing."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

from nescio.search.words import (
    is_eponym,
    is_given_name,
    is_ordinary,
    is_surname,
    word_list,
)


class Evidence(Enum):
    """What says that a name stands here, beside the names themselves."""

    TITLE = "a title before it"
    DEGREE = "a degree behind it"
    LABEL = "a label before it"
    BEHIND = "a role or relation behind it"
    PROSE = "a word before it that may also go on otherwise"
    NONE = "nothing"


TRUST_UNKNOWN: Final = 0.9
"""Trust in a name of which no list knows any part."""
TRUST_LONE: Final = 0.75
"""Trust in one word that no list knows, where prose goes on."""
TRUST_ORDINARY: Final = 0.8
"""Trust in a name whose parts are all ordinary words, too."""

_TOKEN: Final = re.compile(r"[^\s,]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SCANNED_L: Final = re.compile(r"[A-Z]l[A-Z]")  # MEDlCAL
_FORM_ENDING: Final = re.compile(
    r"\w{5}(?:[^em]ed|ing|[ts]ion|ment|ness|[ai]ble|ology|itis|osis|emia|ectomy|scopy|graphy|gram)\Z",
    re.IGNORECASE,
)
_NEXT_LINE: Final = re.compile(r" *\n")
_LABEL_BEHIND: Final = re.compile(r"(?: [^\W\d_]+){0,2} ?[:=#]")
_NOT_A_PERSON_BEHIND: Final = re.compile(
    r"(?:'s)?[ \n-]{1,2}(?:diseases?|syndromes?|signs?|tests?|man(?:o?eu)vers?|scale|score|coma|"
    r"palsy|lymphoma|sarcoma|cysts?|phenomen(?:on|a)|esophagus|carcinoma|granulomatosis|"
    r"thyroiditis|ataxia|reflex|response|criteria|classification|index|tumou?rs?|anomaly|purpura|"
    r"contracture|angina|chorea|method|formula|equation|model|rats?|mice|inventory|questionnaire|"
    r"procedure|operation|fracture|catheter|stain|solution|buffer|medium|point|triangle|street|"
    r"proteins?|cells?|pupil|spotted|fever|road|avenue|lane|drive|hospital|clinic|laborator(?:y|ies)|university|college|institute|"
    r"foundation|pharmaceuticals?|inc|ltd|gmbh|llc|et al)\b",
    re.IGNORECASE,
)


class _Part(NamedTuple):
    """A word of a possible name.

    Attributes:
        rank: N for a name, A for a name that is an ordinary word, O for an ordinary word only,
            I for initials, P for a particle.
    """

    start: int
    end: int
    word: str
    rank: str


def trim_person(
    text: str, start: int, end: int, bounds: tuple[int, int], evidence: Evidence
) -> tuple[int, int, float] | None:
    """Return the person's name inside a run of capitalised words, and how far to trust it.

    Ordinary words end a name, and so does a line that holds the next label. What an institution,
    a street, a disease or a test is named after is no person here. Words that are all ordinary
    make a name only behind a title or a label, and in prose some part must be a name.
    """
    if evidence is Evidence.NONE and not any(map(is_given_name, text[start:end].split()[:-1])):
        return None  # true of most capitalised words, so asked first
    end = _same_field(text, start, end, bounds[1])
    parts = _without_ordinary(_parts(text, start, end), evidence)
    while parts and parts[-1].rank == "P":
        parts.pop()
    if not parts:
        return None
    start, end = parts[0].start, parts[-1].end
    end = start + len(text[start:end].rstrip(".,'-"))
    if parts[-1].rank == "I" and text[end : end + 1] == ".":
        end += 1
    if _NOT_A_PERSON_BEHIND.match(text, end, bounds[1]):
        return None
    trust = _trust(parts, evidence)
    return (start, end, trust) if trust else None


def trim_reversed(text: str, start: int, end: int) -> tuple[int, int, float] | None:
    """Return "Surname, Given" where the lists know both and neither is an ordinary word."""
    parts = _parts(text, start, end)
    if len(parts) < 2 or parts[0].rank != "N" or parts[1].rank != "N":
        return None
    surname, given = parts[0].word, parts[1].word
    if not is_surname(surname) or not is_given_name(given) or is_eponym(surname):
        return None
    return None if _is_place(surname) or _is_place(given) else (start, end, 1.0)


def _parts(text: str, start: int, end: int) -> list[_Part]:
    found = []
    for match in _TOKEN.finditer(text, start, end):
        word = match[0].strip(".'")
        found.append(_Part(match.start(), match.end(), word, _rank(match[0], word)))
    return found


def _rank(token: str, word: str) -> str:
    if token.lower() in word_list("particles"):
        return "P"
    if _SCANNED_L.search(word):
        word = word.replace("l", "I")
    letters = _LETTERS.findall(word)
    if letters and all(len(piece) == 1 for piece in letters):
        return "I"
    known = any(is_given_name(piece) or is_surname(piece) for piece in letters)
    form_word = word.lower() in word_list("not_names") or (
        not known and _FORM_ENDING.search(word) is not None
    )
    if not form_word and any(not is_ordinary(piece) for piece in letters if len(piece) > 1):
        return "N"
    return "A" if known and not form_word else "O"


def _same_field(text: str, start: int, end: int, last: int) -> int:
    """Return where a match ends that runs into another line: before one that opens otherwise."""
    for match in _NEXT_LINE.finditer(text, start, end):
        following = _parts(text, match.end(), end)
        if not following or following[0].rank == "O" or _LABEL_BEHIND.match(text, end, last):
            return match.start()
    return end


def _without_ordinary(parts: list[_Part], evidence: Evidence) -> list[_Part]:
    """Return the run of words before the first ordinary one; before a degree, behind the last."""
    ordinary = [index for index, part in enumerate(parts) if part.rank == "O"]
    if evidence in (Evidence.DEGREE, Evidence.BEHIND):
        return parts[ordinary[-1] + 1 :] if ordinary else parts
    if evidence is Evidence.NONE:
        while parts and not is_given_name(parts[0].word):
            parts = parts[1:]
    if evidence is Evidence.TITLE:
        while parts and parts[0].rank == "O":  # "Dr. Attending John Smith"
            parts = parts[1:]
    for index, part in enumerate(parts):
        if part.rank == "O":
            return parts[:index]
    return parts


def _trust(parts: list[_Part], evidence: Evidence) -> float:
    """Return how far the parts of a name are to be believed; 0.0 for no name at all."""
    words = [part for part in parts if part.rank in "NA"]
    named = [part for part in words if part.rank == "N"]
    if evidence is Evidence.NONE:
        return _trust_bare(parts, words, named)
    if evidence is Evidence.DEGREE:
        place = bool(words) and _is_place(words[-1].word)
        if len(parts) < 2 or not named or (place and not any(map(_is_given, words))):
            return 0.0
    if (
        evidence in (Evidence.PROSE, Evidence.BEHIND)
        and len(parts) == 1
        and not _is_known(parts[0].word)
    ):
        return TRUST_LONE if named else 0.0
    if named:
        return 1.0 if any(_is_known(part.word) for part in words) else TRUST_UNKNOWN
    if evidence in (Evidence.PROSE, Evidence.BEHIND):
        return 0.0
    if words or (evidence is Evidence.LABEL and len(parts) > 1):  # initials only: "J. D."
        return TRUST_ORDINARY
    return 0.0


def _trust_bare(parts: list[_Part], words: list[_Part], named: list[_Part]) -> float:
    """Judge a known given name with something behind it, nothing else around."""
    if len(words) < 2 or not named or not is_given_name(parts[0].word):
        return 0.0
    surname = words[-1].word
    if is_eponym(surname) or _is_place(surname) or _is_place(f"{words[-2].word} {surname}"):
        return 0.0
    if parts[0].rank == "A" and not is_surname(surname):
        return 0.0
    return 1.0 if is_surname(surname) and parts[0].rank == "N" else TRUST_UNKNOWN


def _is_given(part: _Part) -> bool:
    return is_given_name(part.word)


def _is_known(word: str) -> bool:
    return any(is_given_name(piece) or is_surname(piece) for piece in _LETTERS.findall(word))


def _is_place(name: str) -> bool:
    titled = name.title()
    return titled in word_list("cities") or titled in word_list("states")
