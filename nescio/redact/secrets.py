"""Says which secrets are distinctive, and finds those in texts and in bytes.

A redacted string may rightly stand elsewhere: ``45`` was an age and is a dose, ``May`` was a
name and is a month. So two rules hold. *Every* secret is checked by position: under its box
nothing may stand but what was decided. Only *distinctive* secrets, which can hardly be anything
else, are searched for everywhere: full names, identifiers with digits, e-mail addresses, links,
phone numbers, street addresses, and the longer strings of a deny list or a list of confidential
texts (:func:`is_distinctive`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import ahocorasick_rs

from nescio.redact.boxes import Box

INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, zero-width spaces and joiners: in the text, not in the word."""

GLUE: Final = re.compile(r"[\s\-\u2010-\u2015.,/]+")
"""What may part a secret in a text: spaces, line breaks, hyphens."""


def fold(text: str) -> str:
    """Return ``text`` without case, accents, ligatures and invisible characters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", INVISIBLE.sub("", text))
        text = "".join(char for char in text if not unicodedata.combining(char))
    return text.casefold()


def core(text: str) -> str:
    """Return the letters and digits of ``text``, folded."""
    return "".join(char for char in fold(text) if char.isalnum())


def is_distinctive(label: str, secret: str) -> bool:
    """Say whether a secret can be searched for anywhere without hitting innocent text."""
    bare = core(secret)
    digits = sum(char.isdigit() for char in bare)
    letters = len(bare) - digits
    match label:
        case "EMAIL" | "URL":
            return len(bare) >= 6
        case "ID" | "PHONE" | "IP":
            return digits >= 6 or (len(bare) >= 6 and digits >= 3 and letters >= 1)
        case "NAME":
            words = [word for word in re.findall(r"\w+", fold(secret)) if len(word) >= 2]
            return len(words) >= 2 and letters >= 8
        case "ADDRESS":
            return len(bare) >= 10 and digits >= 1 and letters >= 5
        case "OTHER" | "CCI":
            return len(bare) >= 8
    return False


class Secret(NamedTuple):
    """A distinctive secret: its text, folded letters and digits, and where those are parted.

    ``marked`` are the gaps in which a sign stands, and not just space: ``017/028``.
    """

    text: str
    core: str
    gaps: frozenset[int]
    marked: frozenset[int] = frozenset()


def distinctive(boxes: Iterable[Box], kept: Iterable[str] = ()) -> list[Secret]:
    """Return the distinctive secrets of a document.

    Args:
        boxes: everything that is to be gone.
        kept: texts that were decided to stand somewhere; they are no secrets.
    """
    allowed = {core(text) for text in kept}
    texts = {box.secret for box in boxes if is_distinctive(box.label, box.secret)}
    return [
        Secret(text, core(text), frozenset(gaps), frozenset(p for p in gaps if gaps[p].strip()))
        for text in sorted(texts)
        for gaps in (dict(_gaps(fold(text))),)
        if core(text) not in allowed
    ]


def _gaps(folded: str) -> Iterator[tuple[int, str]]:
    """Yield the positions among letters and digits before which something else stands, and it."""
    position, between = 0, ""
    for char in folded:
        if char.isalnum():
            if between and position:
                yield position, between
            position, between = position + 1, ""
        else:
            between += char


class SecretSearch:
    """Finds distinctive secrets in texts, however they are spaced, hyphenated or accented."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = list(secrets)
        cores = [secret.core for secret in self._secrets]
        self._machine = ahocorasick_rs.AhoCorasick(cores) if cores else None

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def count(self, text: str) -> int:
        """Return how many times a secret stands in ``text``."""
        if self._machine is None:
            return 0
        folded = fold(text)
        bare = "".join(re.findall(r"[^\W_]+", folded))
        hits = self._machine.find_matches_as_indexes(bare, overlapping=True)
        if not hits:
            return 0
        places = [i for i, char in enumerate(folded) if char.isalnum()]
        return sum(
            self._is_hit(folded, places, self._secrets[number], first, last)
            for number, first, last in hits
        )

    @staticmethod
    def _is_hit(folded: str, places: list[int], secret: Secret, first: int, last: int) -> bool:
        """Say whether letters found in sequence are the secret and not parts of other words."""
        start, end = places[first], places[last - 1] + 1
        beside = folded[max(start - 1, 0) : start] + folded[end : end + 1]
        if any(map(str.isalpha, beside)):
            return False
        # Digits touch a name where OCR missed a space, and where a footnote follows it.
        if any(map(str.isalnum, beside)) and any(map(str.isdigit, secret.core)):
            return False
        gaps = {}
        for position in range(1, last - first):
            between = folded[places[first + position - 1] + 1 : places[first + position]]
            if between:
                gaps[position] = between
        if len(gaps) == last - first - 1:  # letter-spaced
            return True
        # Numbers of neighbouring table cells meet by chance: 028/017 and 028/017 hold 017 028.
        marked = secret.marked & gaps.keys() if secret.core.isdigit() else ()
        if any(not gaps[position].strip() for position in marked):
            return False
        extra = gaps.keys() - secret.gaps
        if not extra:  # as it was
            return True
        if not all(GLUE.fullmatch(gaps[position]) for position in extra):
            return False
        # Digits of neighbouring table cells would meet by chance; letters hardly do.
        return not secret.core.isdigit() or all("-" in gaps[position] for position in extra)


def title_search(boxes: Iterable[Box]) -> Callable[[str], bool]:
    """Return a function that says whether a bookmark's title holds a secret as whole words.

    The loss of a bookmark does little harm, so that here any secret of at least three letters
    or digits counts, distinctive or not, and of names each part of at least four.
    """
    boxes = list(boxes)
    phrases = {_words(box.secret) for box in boxes if len(core(box.secret)) >= 3}
    names = (box.secret for box in boxes if box.label == "NAME")
    phrases |= {f" {part} " for name in names for part in _words(name).split() if len(part) >= 4}

    def has_secret(title: str) -> bool:
        words = _words(title)
        return any(phrase in words for phrase in phrases)

    return has_secret


def _words(text: str) -> str:
    return " " + " ".join(re.findall(r"[^\W_]+", fold(text))) + " "


def byte_variants(secret: Secret) -> Iterator[bytes]:
    """Yield the lower-case byte strings by which a secret could stand in a file.

    Latin-1 (and with it PDFDocEncoding, which agrees on letters), UTF-8 and UTF-16, plain and as
    hexadecimal digits; with its own spacing, single spaces and none.
    """
    text = secret.text
    spaced = " ".join(text.split())
    spellings = {text, spaced, spaced.replace(" ", "")}
    encodings = ("latin-1", "utf-8", "utf-16-be", "utf-16-le")
    for spelling in spellings:
        for encoding in encodings:
            for cased in (spelling, spelling.lower(), spelling.upper(), spelling.title()):
                plain = cased.encode(encoding, errors="ignore")
                yield plain.lower()
                yield plain.hex().encode()


class ByteSearch:
    """Finds distinctive secrets in bytes: raw files, decoded streams, strings."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        owners: dict[bytes, bool] = {}
        for secret in secrets:
            for variant in byte_variants(secret):
                if len(variant) >= 6:
                    owners[variant] = secret.core.isdigit()
        self._variants = list(owners.items())
        patterns = list(owners)
        self._machine = ahocorasick_rs.BytesAhoCorasick(patterns) if patterns else None

    def count(self, data: bytes) -> int:
        """Return how many times a secret stands in ``data``."""
        if self._machine is None:
            return 0
        lowered = data.lower()
        hits = self._machine.find_matches_as_indexes(lowered, overlapping=True)
        return sum(
            not self._variants[number][1] or _stands_alone(lowered, first, last)
            for number, first, last in hits
        )


def _stands_alone(data: bytes, first: int, last: int) -> bool:
    """Say whether digits are not part of a longer number, such as a coordinate."""
    before, after = data[first - 1 : first], data[last : last + 1]
    return before not in _NUMBER and after not in _NUMBER


_NUMBER: Final = frozenset(bytes([char]) for char in b"0123456789.")
