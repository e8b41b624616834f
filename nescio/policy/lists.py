"""Allow and deny lists: where their phrases stand in a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import ahocorasick_rs

from nescio.policy.entities import kind_of, label_of
from nescio.policy.model import Phrase, Policy
from nescio.policy.precedence import Mention

DENY_LABEL = ("OTHER", "deny")


def _comparable(text: str) -> tuple[str, list[int]]:
    """Return the text without case, accents and spare white space, and where each character was.

    The list of offsets has one more entry than the text: the end.
    """
    characters: list[str] = []
    offsets: list[int] = []
    for offset, original in enumerate(text):
        for character in unicodedata.normalize("NFKD", original.casefold()):
            if unicodedata.combining(character):
                continue
            if character.isspace():
                if characters and characters[-1] == " ":
                    continue
                character = " "
            characters.append(character)
            offsets.append(offset)
    offsets.append(len(text))
    return "".join(characters), offsets


class PhraseFinder:
    """Finds the phrases of one list as whole words, in any case and spacing."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        patterns: dict[tuple[str, str], Phrase] = {}
        for phrase in phrases:
            if text := _comparable(phrase.text)[0].strip():
                patterns.setdefault((text, phrase.entity), phrase)
        self._phrases = list(patterns.values())
        texts = [text for text, _ in patterns]
        self._automaton = ahocorasick_rs.AhoCorasick(texts) if texts else None

    def find(self, text: str) -> Iterator[tuple[int, int, Phrase]]:
        """Yield start, end and phrase of every occurrence in ``text``, overlapping ones too."""
        if self._automaton is None:
            return
        comparable, offsets = _comparable(text)
        for number, start, end in self._automaton.find_matches_as_indexes(
            comparable, overlapping=True
        ):
            inside = comparable[start].isalnum() and start and comparable[start - 1].isalnum()
            goes_on = end < len(comparable) and comparable[end].isalnum()
            if inside or (goes_on and comparable[end - 1].isalnum()):
                continue
            yield offsets[start], offsets[end - 1] + 1, self._phrases[number]


class Lists:
    """The two lists of a policy, ready to be looked up."""

    def __init__(self, policy: Policy) -> None:
        self._allow = PhraseFinder(policy.allow)
        self._deny = PhraseFinder(policy.deny)

    def denied(self, paragraph: int, text: str) -> list[Mention]:
        """Return a mention for every occurrence of a phrase of the deny list."""
        mentions = []
        for start, end, phrase in self._deny.find(text):
            label, kind = DENY_LABEL
            if phrase.entity:
                label, kind = label_of(phrase.entity), kind_of(phrase.entity)
            mentions.append(Mention(paragraph, start, end, label, kind, 1.0, ("deny",)))
        return mentions

    def allowed(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and entity (or ``""``) of what the allow list lets stand."""
        return [(start, end, phrase.entity) for start, end, phrase in self._allow.find(text)]
