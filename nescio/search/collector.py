"""Pause Python's cycle collector where millions of objects are made and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cycle collector; objects are still freed when nothing refers to them.

    The collector looks at all living objects again and again as their number grows; in the search
    of a long document that was a third of the time (docs/search.md), and there is nothing for it
    to find.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
