"""Re-identification risk against the reference table: how many of its people a subject may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nescio.policy.date_mentions import order_of, read_dates, to_year
from nescio.policy.dates import Order, Written
from nescio.policy.draws import comparable
from nescio.policy.generalise import (
    ages_in,
    generalise_age,
    generalise_country,
    generalise_zip,
)
from nescio.policy.model import Policy, Rule
from nescio.policy.names import CACHED
from nescio.risk import QUASI_IDENTIFIERS, THRESHOLD, Population, Record, journalist, subjects_of

People = npt.NDArray[np.int32]


def population_risk(
    paragraphs: pa.Table,
    decisions: pa.Table,
    policy: Policy,
    known: pa.Table,
    members: int,
    this_year: int,
    threshold: float = THRESHOLD,
) -> Population | None:
    """Return the journalist risk of the subjects of a run in a reference population.

    F_i counts the members who have subject i's value in every field that can be read of it; what
    is hidden excludes nobody, a member of whom a field is not known is excluded by it. Values of
    the reference are made as coarse as the policy makes those of the documents.

    Args:
        paragraphs: PARAGRAPHS of the run.
        decisions: DECISIONS of the same documents.
        policy: that decided.
        known: person, label, kind, value of the reference table, in any order.
        members: people in it.
        this_year: the year of the run.
        threshold: largest maximum risk that passes.

    Returns:
        None where the reference holds no field that counts, or there is no subject.
    """
    orders = _orders(paragraphs, decisions, policy)

    def value(row: dict[str, Any], text: str) -> str:
        return _value(row["label"], text, orders.get(row["doc"], "month"), this_year)

    subjects = subjects_of(decisions, paragraphs, value)
    old, new = _Members(known, members), _Members(known, members)
    for (label, kind), field in QUASI_IDENTIFIERS.items():
        old.add(field, label, kind, _coarser(Rule(action="keep"), label))
        new.add(field, label, kind, _coarser(policy.rule(label, kind), label))
    fields = tuple(sorted(old.fields))
    if not fields or not subjects.before:
        return None
    order = sorted(subjects.before)
    before = [_record(subjects.before[subject], fields) for subject in order]
    after = [_record(subjects.after[subject], fields) for subject in order]
    counts = {record: old.count(fields, record) for record in set(before)}
    shown = {record: new.count(fields, record) for record in set(after)}
    return Population(
        fields,
        members,
        sum(counts[record] == 0 for record in before),
        journalist(before, counts, threshold),
        journalist(after, shown, threshold),
    )


def _record(values: dict[str, str | None], fields: Iterable[str]) -> Record:
    return tuple(values.get(name) for name in fields)


def _orders(paragraphs: pa.Table, decisions: pa.Table, policy: Policy) -> dict[str, Order]:
    """Return for each document what comes first in its numeric dates, as the policy reads them."""
    if policy.date_order != "auto":
        return dict.fromkeys(pc.unique(decisions["doc"]).to_pylist(), policy.date_order)
    places = zip(paragraphs["doc"].to_pylist(), paragraphs["paragraph"].to_pylist(), strict=True)
    texts = dict(zip(places, paragraphs["text"].to_pylist(), strict=True))
    dates: dict[str, list[str]] = defaultdict(list)
    for row in decisions.filter(pc.field("label") == "DATE").to_pylist():
        text = texts[row["doc"], row["paragraph"]]
        dates[row["doc"]].append(text[row["start"] : row["end"]])
    return {doc: order_of(written) or "month" for doc, written in dates.items()}


@lru_cache(maxsize=CACHED)
def _value(label: str, text: str, order: Order, this_year: int) -> str:
    """Return a value as document and reference are compared: what it means, however written."""
    if label == "DATE":
        parts = [p for p in read_dates(text, order, this_year) or () if isinstance(p, Written)]
        if len(parts) == 1 and parts[0].exact:
            return str(parts[0].exact)
        if all(part.month is None for part in parts):
            return to_year(text, order, this_year) or comparable(text)
    if label == "AGE":
        ages = ages_in(text) or []
        return str(ages[0]) if len(ages) == 1 else comparable(text)
    return comparable(text)


def _coarser(rule: Rule, label: str) -> Callable[[str], str | None]:
    """Return what can be read of a value of the reference once the policy has treated it."""

    def treat(text: str) -> str | None:
        if rule.action == "keep":
            return _value(label, text, "month", 0)
        if rule.action != "generalise":
            return None
        match rule.to:
            case "year":
                shown = to_year(text, "month", 0)
            case "age":
                shown = generalise_age(text, rule.band)
            case "zip3":
                shown = generalise_zip(text)
            case _:
                shown = generalise_country(text)
        return None if shown is None else _value(label, shown, "month", 0)

    return treat


class _Field(NamedTuple):
    """Who has which value of one field: people sorted by the number of their value."""

    numbers: dict[str, int]
    sorted_numbers: npt.NDArray[np.int64]
    people: People


class _Members:
    """Counts the people of a reference table who have given values."""

    def __init__(self, known: pa.Table, members: int) -> None:
        self._known, self._members = known, members
        self._fields: dict[str, list[_Field]] = defaultdict(list)

    @property
    def fields(self) -> set[str]:
        """Fields of which the table holds any value."""
        return set(self._fields)

    def add(self, field: str, label: str, kind: str, shown: Callable[[str], str | None]) -> None:
        """Add a field's values, each as ``shown`` gives it; None for those that do not show."""
        own = self._known.filter((pc.field("label") == label) & (pc.field("kind") == kind))
        if not len(own):
            return
        encoded = own["value"].combine_chunks().dictionary_encode()
        numbers: dict[str, int] = {}
        texts = [shown(text) for text in encoded.dictionary.to_pylist()]
        renumbered = np.array(
            [-1 if text is None else numbers.setdefault(text, len(numbers)) for text in texts],
            dtype=np.int64,
        )
        codes = renumbered[encoded.indices.to_numpy()]
        order = np.argsort(codes, kind="stable")
        people = own["person"].to_numpy()[order]
        self._fields[field].append(_Field(numbers, codes[order], people))

    def count(self, fields: Iterable[str], record: Record) -> int:
        """Return how many people have all values of the record; None stands for any value."""
        left: People | None = None
        for name, value in zip(fields, record, strict=True):
            if value is None:
                continue
            having = self._having(name, str(value))
            left = having if left is None else np.intersect1d(left, having)
        return self._members if left is None else len(left)

    def _having(self, name: str, value: str) -> People:
        found = []
        for field in self._fields[name]:
            number = field.numbers.get(value)
            if number is not None:
                low, high = np.searchsorted(field.sorted_numbers, [number, number + 1])
                found.append(field.people[low:high])
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)
