"""Loads, once for all children of a server, what the work on any document needs."""

from nescio import extract, redact, undecided
from nescio.search.matching.rules import load_rules

__all__ = ["extract", "redact", "undecided"]

load_rules()
