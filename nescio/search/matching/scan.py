"""Run the rules over many texts at once, each only where its trigger words or shape occur."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from nescio.search.matching.marks import Bounds, Buffer, Marks
from nescio.search.matching.rules import Rule, RuleSet, load_rules

KIND_WINDOW: Final = 60  # characters before a span in which a word shows its kind
KIND_AHEAD: Final = 24  # and after it, where nothing before does
AGAINST_WINDOW: Final = 28  # characters before a span in which a word speaks against it
SPARED: Final = frozenset({"study_id", "ssn", "npi", "subject_id"})  # kinds whose form decides
DISTANCE_COST: Final = 0.002  # of the score, for each character between a label and the value
MOST: Final = 0.99
_OTHER_VALUE: Final = re.compile(r"[0-9]{4}|/[0-9]{2}|;")  # what ends the reach of a kind word


class Candidate(NamedTuple):
    """A match, in offsets of the scanned text."""

    start: int
    end: int
    label: str
    kind: str
    score: float
    rule: str


class _Scene(NamedTuple):
    buffer: Buffer
    marks: Marks
    rules: RuleSet


def scan(texts: Sequence[str]) -> list[list[Candidate]]:
    """Return for each folded text its candidates, unresolved, in offsets of that text."""
    found: list[list[Candidate]] = [[] for _ in texts]
    if not texts:
        return found
    buffer = Buffer(texts)
    scene = _Scene(buffer, Marks(buffer), load_rules())
    for rule, match in _matches(scene):
        index = buffer.index(match.start())
        first, last = buffer.starts[index], buffer.ends[index]
        if match.end() > last:
            continue  # over the end of a text: no identifier
        for candidate in _candidates(rule, match, (first, last), scene):
            found[index].append(
                candidate._replace(start=candidate.start - first, end=candidate.end - first)
            )
    return found


def _matches(scene: _Scene) -> Iterator[tuple[Rule, re.Match[str]]]:
    text = scene.buffer.text
    for rule in scene.rules.rules:
        if rule.probe:
            for hit in rule.probe.finditer(text):
                found = _match_at(rule, scene.buffer, hit.start(), hit.end())
                if found:
                    yield rule, found
        elif not rule.after and not rule.around:
            for match in rule.regex.finditer(text):
                yield rule, match
    for rules, start, end in scene.marks.triggers:
        for rule in rules:
            found = _match_at(rule, scene.buffer, start, end)
            if found:
                yield rule, found


def _match_at(rule: Rule, buffer: Buffer, start: int, end: int) -> re.Match[str] | None:
    """Match a rule behind or around what stands at [start, end), inside one text."""
    text = buffer.text
    index = buffer.index(start)
    stop = min(buffer.ends[index], end + rule.ahead)
    if rule.after:
        return rule.regex.match(text, end, stop)
    if not rule.reach:
        return rule.regex.match(text, start, stop)
    for match in rule.regex.finditer(text, max(buffer.starts[index], start - rule.reach), stop):
        if match.start() > start:
            return None
        if match.end() >= end:
            return match
    return None


def _candidates(
    rule: Rule, match: re.Match[str], bounds: Bounds, scene: _Scene
) -> Iterator[Candidate]:
    span = match.span("span") if rule.has_span else match.span()
    score = rule.score
    if rule.refine:
        refined = rule.refine(scene.buffer.text, span[0], span[1], bounds)
        if refined is None:
            return
        span = refined[0], refined[1]
        score *= refined[2]
    if _is_spoken_against(rule, span, bounds, scene):
        return
    if rule.after:
        score -= DISTANCE_COST * (span[0] - match.start())
    if rule.context:
        if _is_near(rule, rule.context, span, bounds, scene.marks):
            score += rule.boost
        elif rule.needs_context:
            return
    if rule.confirm and rule.confirm(scene.buffer.text[span[0] : span[1]]):
        score += rule.confirm_boost
    score = min(score, MOST)
    alone = True
    for group, label, kind in rule.parts:
        start, end = match.span(group)
        if start >= 0:
            alone = False
            start, end = max(start, span[0]), min(end, span[1])
            if start < end:
                yield Candidate(start, end, label, kind, score, rule.name)
    if rule.whole:
        kind = rule.kind or _kind(rule.label, span, bounds, scene)
        if alone and rule.kind_alone:
            kind = rule.kind_alone
        yield Candidate(*span, rule.label, kind, score, rule.name)


def _is_spoken_against(rule: Rule, span: tuple[int, int], bounds: Bounds, scene: _Scene) -> bool:
    words = scene.rules.against.get(rule.label)
    if words is None or rule.kind in SPARED:
        return False
    start = max(bounds[0], span[0] - AGAINST_WINDOW)
    return scene.marks.before(words, start, span[0]) is not None


def _is_near(
    rule: Rule, words: frozenset[str], span: tuple[int, int], bounds: Bounds, marks: Marks
) -> bool:
    """Return whether a context word stands before the span, or closer behind it."""
    if marks.before(words, max(bounds[0], span[0] - rule.window), span[0]):
        return True
    return marks.behind(words, span[1], min(bounds[1], span[1] + rule.window_behind)) is not None


def _kind(label: str, span: tuple[int, int], bounds: Bounds, scene: _Scene) -> str:
    """Return the kind that the nearest word before the span shows, else the first behind it."""
    kinds = scene.rules.kinds.get(label)
    if kinds is None:
        return ""
    words = frozenset(kinds)
    labels = scene.buffer.labels
    found = scene.marks.before(words, max(bounds[0], span[0] - KIND_WINDOW), span[0])
    if found and not _OTHER_VALUE.search(scene.buffer.text, found[1], span[0]):
        return kinds[labels[slice(*found)]]
    found = scene.marks.behind(words, span[1], min(bounds[1], span[1] + KIND_AHEAD))
    if found and not _OTHER_VALUE.search(scene.buffer.text, span[1], found[0]):
        return kinds[labels[slice(*found)]]
    return ""
