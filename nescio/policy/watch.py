"""The price of expert rules: what they skip, what that saves, and what it misses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from nescio.policy.model import Policy, Shadow
from nescio.policy.shapes import RANDOM
from nescio.risk import Interval, clopper_pearson

Place = tuple[str, int]
"""Document and paragraph."""


class Watch(NamedTuple):
    """One skipping rule of one run."""

    rule: str
    paragraphs: int
    """Skipped by the rule."""
    pages: int
    """Of which every paragraph is skipped."""
    sampled: int
    """Paragraphs of the shadow sample."""
    missed: int
    """Paragraphs of the sample with an identifier that the policy hides."""
    interval: Interval
    """Share of the skipped paragraphs with an identifier, 95 % (Clopper-Pearson)."""
    seconds_saved: float
    """Inference not done: 0 where the rule was switched off."""
    switched_off: bool
    """The sample breached the rule, so that all it skipped was scored after all."""


def draw_shadow(skipped: Sequence[str], shadow: Shadow) -> list[int]:
    """Draw the paragraphs that are scored although a rule skips them.

    Args:
        skipped: rule that skips each paragraph, or ``""``, as from ``skipped_by``.
        shadow: share and least number of each rule's sample.

    Returns:
        Places in ``skipped``, sorted: of each rule a random sample without replacement.
    """
    by_rule: dict[str, list[int]] = defaultdict(list)
    for place, rule in enumerate(skipped):
        if rule:
            by_rule[rule].append(place)
    drawn: list[int] = []
    for places in by_rule.values():
        wanted = max(shadow.least, round(shadow.share * len(places)))
        drawn += RANDOM.sample(places, min(wanted, len(places)))
    return sorted(drawn)


def watch_rules(
    paragraphs: pa.Table,
    skipped: Sequence[str],
    sample: Sequence[int],
    spans: pa.Table,
    policy: Policy,
    seconds_per_character: float = 0.0,
) -> list[Watch]:
    """Judge each skipping rule by its shadow sample.

    Args:
        paragraphs: PARAGRAPHS; row i is judged by ``skipped[i]``.
        skipped: as from ``skipped_by``.
        sample: as from ``draw_shadow``.
        spans: SPANS found in the sampled paragraphs.
        policy: says which spans are identifiers that count, and what is tolerated.
        seconds_per_character: what scoring a character cost in this run.
    """
    columns = [paragraphs[name].to_pylist() for name in ("doc", "paragraph", "page", "text")]
    docs, numbers, pages, texts = columns
    places: list[Place] = list(zip(docs, numbers, strict=True))
    bad = _identifying(spans, policy)
    whole = _whole_pages(zip(docs, pages, strict=True), skipped)
    watches = []
    for rule in dict.fromkeys(rule for rule in skipped if rule):
        own = [i for i, name in enumerate(skipped) if name == rule]
        drawn = [i for i in sample if skipped[i] == rule]
        missed = sum(places[i] in bad for i in drawn)
        breached = missed > policy.shadow.tolerated
        unread = set(own) - set(drawn)
        saved = seconds_per_character * sum(len(texts[i]) for i in unread)
        watches.append(
            Watch(
                rule,
                len(own),
                sum(rules == {rule} for rules in whole.values()),
                len(drawn),
                missed,
                clopper_pearson(missed, len(drawn)),
                0.0 if breached else saved,
                breached,
            )
        )
    return watches


def breached_places(skipped: Sequence[str], watches: Iterable[Watch]) -> list[int]:
    """Return the places of the paragraphs that must be scored because their rule was breached."""
    off = {watch.rule for watch in watches if watch.switched_off}
    return [place for place, rule in enumerate(skipped) if rule in off]


def report_rows(watches: Iterable[Watch]) -> list[dict[str, str | int | float | bool]]:
    """Return what the report shows of each rule, one dictionary a rule."""
    return [
        {
            "rule": watch.rule,
            "paragraphs_skipped": watch.paragraphs,
            "pages_skipped": watch.pages,
            "seconds_saved": round(watch.seconds_saved, 2),
            "sampled": watch.sampled,
            "identifiers_missed": watch.missed,
            "missed_share_low": watch.interval.low,
            "missed_share_high": watch.interval.high,
            "switched_off": watch.switched_off,
        }
        for watch in watches
    ]


def _identifying(spans: pa.Table, policy: Policy) -> set[Place]:
    found: set[Place] = set()
    for row in spans.to_pylist():
        label, kind = row["label"], row["kind"]
        hides = policy.rule(label, kind).action != "keep"
        if hides and round(row["score"], 6) >= policy.threshold_of(label, kind):
            found.add((row["doc"], row["paragraph"]))
    return found


def _whole_pages(
    pages: Iterable[tuple[str, int]], skipped: Sequence[str]
) -> Mapping[tuple[str, int], set[str]]:
    rules: dict[tuple[str, int], set[str]] = defaultdict(set)
    for (doc, page), rule in zip(pages, skipped, strict=True):
        if page >= 0:
            rules[doc, page].add(rule)
    return rules
