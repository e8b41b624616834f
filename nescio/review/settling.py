"""Reads the logs of two readers, and begins the log of whoever settles what they disagree on."""

from __future__ import annotations

import time
from typing import Any

from nescio.errors import ConfigurationError
from nescio.review.apply import find_record
from nescio.review.desk import Item, State, items_of, replay
from nescio.review.log import Log, read_events
from nescio.review.proposal import Record, read_proposed, read_redactions
from nescio.review.readers import Comparison, compare_readers, settled_events
from nescio.store import open_store


def comparison_of(output: str, doc: str, first: str, second: str) -> Comparison:
    """Compare two readers of a document.

    Raises:
        ConfigurationError: there is no such proposal, or one of them decided nothing.
    """
    store = open_store(output)
    record = find_record(store, doc)
    items = items_of(record, read_redactions(store, doc), read_proposed(store, doc))
    states = [state_of(output, doc, record, name) for name in (first, second)]
    return compare_readers(items, *states)


def state_of(output: str, doc: str, record: Record, reader: str) -> State:
    """Return what a reader decided.

    Raises:
        ConfigurationError: nothing.
    """
    events = read_events(output, doc, record.token, reader)
    if not events:
        raise ConfigurationError(
            f"{reader} has decided nothing on this document.",
            "See private/review for the names of its readers.",
        )
    return replay(events)


def begin_settling(
    log: Log, items: list[Item], output: str, doc: str, record: Record, pair: tuple[str, str]
) -> Comparison:
    """Fill an empty log with what two readers agree on; a log with events stays as it is.

    Returns:
        The comparison of the two.
    """
    states = [state_of(output, doc, record, name) for name in pair]
    if not log.events:
        for number, event in enumerate(settled_events(items, *states), 1):
            head: dict[str, Any] = {"n": number, "time": round(time.time(), 3), "from": list(pair)}
            log.append(head | event)
    return compare_readers(items, *states)
