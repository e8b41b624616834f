"""Passwords of encrypted PDFs, from a private CSV file with the columns path and password."""

from __future__ import annotations

import csv
import io

from nescio.by_path import ByPath
from nescio.errors import ConfigurationError
from nescio.store import read_uri


class Passwords(ByPath[str]):
    """Passwords by path."""


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
