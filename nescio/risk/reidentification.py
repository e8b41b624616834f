"""Re-identification risk: how few subjects share the same quasi-identifiers, before and after."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

Record = tuple[Hashable, ...]
"""The quasi-identifier values of one subject, in one order for all."""

THRESHOLD: Final = 0.09
"""Largest maximum risk for publication that EMA Policy 0070 and Health Canada PRCI recommend."""

ROUNDING: Final = "none: risks are compared as they are, so 1/11 = 0.0909 exceeds 0.09"

DRIVERS: Final = 10
"""Subjects listed as driving the risk."""


class Risk(NamedTuple):
    """Risk of one set of records under a stated threshold."""

    subjects: int
    classes: int
    smallest: int
    """k: subjects in the smallest equivalence class."""
    maximum: float
    average: float
    threshold: float
    required: int
    """k that the threshold asks for."""
    at_risk: int
    """Subjects whose own risk exceeds the threshold."""

    @property
    def passes(self) -> bool:
        """Whether the maximum risk does not exceed the threshold."""
        return self.maximum <= self.threshold


class Driver(NamedTuple):
    """A subject that drives the risk, by opaque id."""

    subject: str
    risk: float
    fields: tuple[str, ...]
    """Names of the fields that set it apart: with any one of them left out, its class grows."""


class Population(NamedTuple):
    """Journalist risk before and after, in a reference population."""

    fields: tuple[str, ...]
    """Fields that both the reference and the documents have."""
    members: int
    unmatched: int
    """Subjects whose values in the original no member has: their number in the run counts."""
    before: Risk
    after: Risk


def required_k(threshold: float) -> int:
    """Return the smallest class size k with 1/k <= threshold, compared without rounding.

    For 0.09 this is 12: 1/11 = 0.0909... exceeds it.
    """
    if not 0 < threshold <= 1:
        raise ValueError("a threshold is above 0 and at most 1")
    k = math.ceil(1 / threshold)
    while 1 / k > threshold:
        k += 1
    while k > 1 and 1 / (k - 1) <= threshold:
        k -= 1
    return k


def prosecutor(records: Sequence[Record], threshold: float = THRESHOLD) -> Risk:
    """Return the risk for an attacker who knows that the target is among the subjects.

    f_i is the number of subjects with the same values as subject i, and 1/f_i its risk. The
    maximum is 1 / min f; the average is the mean of 1/f_i, which equals classes / subjects. A
    value that is missing is a value of its own. For public release the probability of an attack
    is taken as 1.
    Source: K. El Emam, Guide to the De-Identification of Personal Health Information, 2013,
    ch. 16; L. Sweeney, k-anonymity, IJUFKS 10 (2002) 557-570; EMA/90915/2016.

    Args:
        records: one for each subject.
        threshold: largest maximum risk that passes.
    """
    sizes = Counter(records)
    return _risk([sizes[record] for record in records], len(sizes), threshold)


def journalist(
    records: Sequence[Record], population: Mapping[Record, int], threshold: float = THRESHOLD
) -> Risk:
    """Return the risk for an attacker who looks for anyone of a reference population.

    F_i is the number of members of the population with the values of subject i, and 1/F_i its
    risk; the maximum is 1 / min F, the average the mean of 1/F_i. A subject belongs to the
    population: where that counts fewer than the document does, the document's number holds.
    Source: as for ``prosecutor``.

    Args:
        records: one for each subject.
        population: values -> members that have them.
        threshold: largest maximum risk that passes.
    """
    own = Counter(records)
    sizes = [max(population.get(record, 0), own[record]) for record in records]
    return _risk(sizes, len(own), threshold)


def _risk(sizes: Sequence[int], classes: int, threshold: float) -> Risk:
    required = required_k(threshold)
    if not sizes:
        return Risk(0, 0, 0, 0.0, 0.0, threshold, required, 0)
    smallest = min(sizes)
    average = math.fsum(1 / size for size in sizes) / len(sizes)
    at_risk = sum(1 / size > threshold for size in sizes)
    return Risk(len(sizes), classes, smallest, 1 / smallest, average, threshold, required, at_risk)


def zip3_bound(people: int) -> float:
    """Return the least risk that a three-digit ZIP area alone allows: 1 / its people.

    Totals by ZIP3 count everybody, whatever their age or dates: the number who share all of a
    subject's values is at most the total, so the risk is at least this. It bounds from below
    only; it is no proof that a record is safe.

    Args:
        people: population of the area, at least 1.
    """
    if people < 1:
        raise ValueError("nobody lives there")
    return 1 / people


@dataclass(frozen=True)
class Comparison:
    """Prosecutor risk before and after, and who drives what is left."""

    fields: tuple[str, ...]
    before: Risk
    after: Risk
    drivers: tuple[Driver, ...]
    rounding: str = ROUNDING


def compare(
    before: Mapping[str, Mapping[str, Hashable]],
    after: Mapping[str, Mapping[str, Hashable]],
    threshold: float = THRESHOLD,
) -> Comparison:
    """Compare the risk of the original with that of the result.

    Args:
        before: opaque id of a subject -> field -> value in the original.
        after: the same subjects, with what can be read of the field in the result.
        threshold: largest maximum risk that passes.

    Raises:
        ValueError: the two do not name the same subjects.
    """
    if before.keys() != after.keys():
        raise ValueError("before and after name different subjects")
    subjects = sorted(before)
    fields = tuple(sorted({name for values in before.values() for name in values}))
    old = [_record(before[subject], fields) for subject in subjects]
    new = [_record(after[subject], fields) for subject in subjects]
    return Comparison(
        fields,
        prosecutor(old, threshold),
        prosecutor(new, threshold),
        _drivers(subjects, new, fields),
    )


def _record(values: Mapping[str, Hashable], fields: Sequence[str]) -> Record:
    return tuple(values.get(name) for name in fields)


def _drivers(
    subjects: Sequence[str], records: Sequence[Record], fields: Sequence[str]
) -> tuple[Driver, ...]:
    sizes = Counter(records)
    order = sorted(range(len(subjects)), key=lambda i: (sizes[records[i]], subjects[i]))
    chosen = order[:DRIVERS]
    apart: dict[int, list[str]] = defaultdict(list)
    for place, name in enumerate(fields):
        without = [record[:place] + record[place + 1 :] for record in records]
        grown = Counter(without)
        for i in chosen:
            if grown[without[i]] > sizes[records[i]]:
                apart[i].append(name)
    return tuple(Driver(subjects[i], 1 / sizes[records[i]], tuple(apart[i])) for i in chosen)
