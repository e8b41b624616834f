"""Passwords of encrypted PDFs, from a private CSV file with the columns path and password."""

from __future__ import annotations

import csv
import io
from pathlib import PurePath

from nescio.errors import ConfigurationError
from nescio.store import read_uri


class Passwords:
    """Looks a document's password up by the end of its path: ``b.pdf`` matches ``/a/b.pdf``."""

    def __init__(self, rows: dict[str, str]) -> None:
        self._rows = {PurePath(path).parts: password for path, password in rows.items()}

    def of(self, path: str, key: str = "") -> str | None:
        """Return the password of the document with this original path or inbox key, if known.

        Of several rows that match, the longest path wins.
        """
        for known in (PurePath(path).parts, PurePath(key).parts):
            for length in range(len(known), 0, -1):
                if known[-length:] in self._rows:
                    return self._rows[known[-length:]]
        return None


def load_passwords(uri: str) -> Passwords:
    """Read the file; an empty URI means that there are none.

    Raises:
        ConfigurationError: the file is not there, or lacks one of the two columns.
    """
    if not uri:
        return Passwords({})
    text = read_uri(uri).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text))
    if not {"path", "password"} <= set(reader.fieldnames or ()):
        raise ConfigurationError(
            "the password file lacks a header line.", "Its first line must be: path,password"
        )
    return Passwords({row["path"]: row["password"] for row in reader if row["path"]})
