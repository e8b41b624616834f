"""What a private list says of documents, looked up by the end of a document's path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Generic, TypeVar

T = TypeVar("T")


class ByPath(Generic[T]):
    """Looks a document up by the end of its path: ``b.pdf`` matches ``/a/b.pdf``."""

    def __init__(self, rows: Mapping[str, T]) -> None:
        self._rows = {PurePath(path).parts: value for path, value in rows.items()}

    def of(self, path: str, key: str = "") -> T | None:
        """Return what is said of the document with this original path or inbox key, if anything.

        Of several rows that match, the longest path wins.
        """
        row = self.row_of(path, key)
        return None if row is None else self._rows[row]

    def row_of(self, path: str, key: str = "") -> tuple[str, ...] | None:
        """Return the parts of the path in the row that speaks of this document, if any does."""
        for known in (PurePath(path).parts, PurePath(key).parts):
            for length in range(len(known), 0, -1):
                if known[-length:] in self._rows:
                    return known[-length:]
        return None

    def unused(self, documents: Iterable[tuple[str, str]]) -> int:
        """Count the rows that speak of none of these documents, given by path and key."""
        return len(self._rows.keys() - {self.row_of(path, key) for path, key in documents})
