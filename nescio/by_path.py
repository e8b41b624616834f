"""What a private list says of documents, looked up by the end of a document's path."""

from __future__ import annotations

from collections.abc import Mapping
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
        for known in (PurePath(path).parts, PurePath(key).parts):
            for length in range(len(known), 0, -1):
                if known[-length:] in self._rows:
                    return self._rows[known[-length:]]
        return None
