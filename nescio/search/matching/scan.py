"""Run the rules over many texts at once, each only where its trigger words or shape occur."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import ahocorasick_rs

from nescio.search.matching.rules import Rule, RuleSet, load_rules, plain

SEPARATOR: Final = "\n\x00\n"  # between texts; folding leaves no other NUL in them
AGAINST_WINDOW: Final = 28  # characters before a span in which a word speaks against it
SPARED: Final = frozenset({"study_id", "ssn", "npi", "subject_id"})  # kinds whose form decides
DISTANCE_COST: Final = 0.002  # of the score, for each character between a label and the value
KIND_WINDOW: Final = 60  # characters before a span in which a word shows its kind
KIND_AHEAD: Final = 24  # and after it, where nothing before does
_OTHER_VALUE: Final = re.compile(r"[2-9lo]{4}|/[0-9lo]{2}|;")  # what ends the reach of a kind word


class Candidate(NamedTuple):
    """A match, in offsets of the scanned buffer."""

    start: int
    end: int
    label: str
    kind: str
    score: float
    rule: str


class _Triggers(NamedTuple):
    machine: ahocorasick_rs.AhoCorasick
    rules: list[list[Rule]]  # for each word
    letter_first: list[bool]
    letter_last: list[bool]


class Buffer:
    """Texts one after the other, with the bounds of each.

    Attributes:
        text: the folded texts with SEPARATOR between them.
        labels: the same in the form in which words are compared, character for character.
        starts: where each text begins.
        ends: where each text ends.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.text = SEPARATOR.join(texts)
        self.labels = plain(self.text)
        self.starts: list[int] = []
        self.ends: list[int] = []
        position = 0
        for text in texts:
            self.starts.append(position)
            self.ends.append(position + len(text))
            position += len(text) + len(SEPARATOR)

    def index(self, position: int) -> int:
        """Return which text a position of the buffer lies in."""
        return bisect_right(self.starts, position) - 1


def scan(texts: Sequence[str]) -> list[list[Candidate]]:
    """Return for each folded text its candidates, unresolved, in offsets of that text."""
    found: list[list[Candidate]] = [[] for _ in texts]
    if not texts:
        return found
    rules = load_rules()
    buffer = Buffer(texts)
    for rule, match in _matches(buffer, rules):
        index = buffer.index(match.start())
        first, last = buffer.starts[index], buffer.ends[index]
        if match.end() > last:
            continue  # over the end of a text: no identifier
        for candidate in _candidates(rule, match, buffer, (first, last), rules):
            found[index].append(
                candidate._replace(start=candidate.start - first, end=candidate.end - first)
            )
    return found


def _matches(buffer: Buffer, rules: RuleSet) -> Iterator[tuple[Rule, re.Match[str]]]:
    for rule in rules.rules:
        if rule.probe:
            yield from _probed(rule, rule.probe, buffer)
        elif not rule.after and not rule.around:
            for match in rule.regex.finditer(buffer.text):
                yield rule, match
    triggers = _triggers()
    text = buffer.text
    size = len(text)
    hits = triggers.machine.find_matches_as_indexes(buffer.labels, overlapping=True)
    for word, start, end in hits:
        if triggers.letter_first[word] and start and text[start - 1].isalpha():
            continue
        if triggers.letter_last[word] and end < size and text[end].isalpha():
            continue
        index = buffer.index(start)
        first, last = buffer.starts[index], buffer.ends[index]
        for rule in triggers.rules[word]:
            found = _match_at(rule, text, start, end, first, last)
            if found:
                yield rule, found


def _probed(
    rule: Rule, probe: re.Pattern[str], buffer: Buffer
) -> Iterator[tuple[Rule, re.Match[str]]]:
    for hit in probe.finditer(buffer.text):
        index = buffer.index(hit.start())
        bounds = buffer.starts[index], buffer.ends[index]
        match = _match_at(rule, buffer.text, hit.start(), hit.end(), *bounds)
        if match:
            yield rule, match


def _match_at(
    rule: Rule, text: str, start: int, end: int, first: int, last: int
) -> re.Match[str] | None:
    """Match a rule behind or around a word at [start, end) of the text at [first, last)."""
    stop = min(last, end + rule.ahead)
    if rule.after:
        return rule.regex.match(text, end, stop)
    if not rule.reach:
        return rule.regex.match(text, start, stop)
    for match in rule.regex.finditer(text, max(first, start - rule.reach), stop):
        if match.start() > start:
            return None
        if match.end() >= end:
            return match
    return None


def _candidates(
    rule: Rule, match: re.Match[str], buffer: Buffer, bounds: tuple[int, int], rules: RuleSet
) -> Iterator[Candidate]:
    span = match.span("span") if rule.has_span else match.span()
    against = rules.against.get(rule.label)
    reach = max(bounds[0], span[0] - AGAINST_WINDOW)
    if against and rule.kind not in SPARED and against.search(buffer.labels, reach, span[0]):
        return
    score = rule.score
    if rule.refine:
        refined = rule.refine(buffer.text, span[0], span[1], bounds)
        if refined is None:
            return
        span = refined[0], refined[1]
        score *= refined[2]
    if rule.after:
        score -= DISTANCE_COST * (span[0] - match.start())
    if rule.context:
        if _near(rule, buffer.labels, span, bounds):
            score += rule.boost
        elif rule.needs_context:
            return
    if rule.confirm and rule.confirm(buffer.text[span[0] : span[1]]):
        score += rule.confirm_boost
    score = min(score, 0.99)
    alone = True
    for group, label, kind in rule.parts:
        start, end = match.span(group)
        if start >= 0:
            alone = False
            start, end = max(start, span[0]), min(end, span[1])
            if start < end:
                yield Candidate(start, end, label, kind, score, rule.name)
    if rule.whole:
        kind = rule.kind or _kind(rule.label, buffer.labels, span, bounds, rules)
        if alone and rule.kind_alone:
            kind = rule.kind_alone
        yield Candidate(*span, rule.label, kind, score, rule.name)


def _near(rule: Rule, labels: str, span: tuple[int, int], bounds: tuple[int, int]) -> bool:
    """Return whether a context word stands before the span, or closer behind it."""
    assert rule.context is not None
    if rule.context.search(labels, max(bounds[0], span[0] - rule.window), span[0]):
        return True
    return bool(rule.context.search(labels, span[1], min(bounds[1], span[1] + rule.window_behind)))


def _kind(
    label: str, labels: str, span: tuple[int, int], bounds: tuple[int, int], rules: RuleSet
) -> str:
    """Return the kind that the nearest word before the span shows, else the first behind it."""
    words = rules.kinds.get(label)
    if words is None:
        return ""
    start = max(bounds[0], span[0] - KIND_WINDOW)
    for other in _OTHER_VALUE.finditer(labels, start, span[0]):
        start = other.end()
    nearest = ""
    for match in words.finditer(labels, start, span[0]):
        nearest = match[0]
    if not nearest:
        stop = min(bounds[1], span[1] + KIND_AHEAD)
        other_value = _OTHER_VALUE.search(labels, span[1], stop)
        behind = words.search(labels, span[1], other_value.start() if other_value else stop)
        nearest = behind[0] if behind else ""
    return rules.kind_of.get(nearest, "")


@cache
def _triggers() -> _Triggers:
    by_word: dict[str, list[Rule]] = {}
    for rule in load_rules().rules:
        for word in (*rule.after, *rule.around):
            by_word.setdefault(word, []).append(rule)
    marked = list(by_word)
    words = [word.removeprefix("~") for word in marked]
    return _Triggers(
        ahocorasick_rs.AhoCorasick(words),
        [by_word[word] for word in marked],
        [word[0].isalpha() for word in marked],
        [word[-1].isalpha() for word in words],
    )
