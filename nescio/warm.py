"""Loads, once for all children of a server, what the work on any document needs."""

from nescio import extract, undecided
from nescio.redact import redact_document
from nescio.search.matching.rules import load_rules

__all__ = ["extract", "redact_document", "undecided"]

load_rules()
