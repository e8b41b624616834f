"""The certificate: what the verifier checked on one output file, and with what result."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

Status = Literal["passed", "not_applicable", "failed"]

FORMAT: Final = "nescio-certificate/1"


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes:
        number: row of the list of failures (1 to 34).
        name: short stable name of the row.
        claim: what the document passes when the status is ``passed``.
        status: ``not_applicable`` means that the document has nothing that could fail here.
        count: places that failed, 0 otherwise.
        note: what was looked at or why the check did not apply; never document text.
        pages: pages (from 0) where it failed.
    """

    number: int
    name: str
    claim: str
    status: Status
    count: int = 0
    note: str = ""
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """Every check on one output file. Holds no PHI and can stand beside the released file."""

    verdict: Literal["verified", "failed"]
    checks: tuple[Check, ...]
    pages: int
    boxes: int
    sha256: str
    engines: dict[str, str]
    seconds: float
    against_original: bool
    coverage: dict[str, int] = field(default_factory=dict)
    pictures: tuple[int, ...] = ()
    """Pages (from 0) that were turned into pictures of themselves."""

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.status == "failed")

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as plain values, ready for JSON."""
        return {"format": FORMAT, **asdict(self)}

    def to_json(self) -> str:
        """Return the certificate as indented JSON."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Certificate:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: the text is not a certificate of this format.
        """
        data: dict[str, Any] = json.loads(text)
        if data.pop("format", None) != FORMAT:
            raise ValueError(f"not a {FORMAT} document")
        checks = tuple(
            Check(**{**check, "pages": tuple(check["pages"])}) for check in data.pop("checks")
        )
        pictures = tuple(data.pop("pictures", ()))
        return cls(checks=checks, pictures=pictures, **data)


@cache
def claims() -> dict[int, tuple[str, str]]:
    """Number of each check -> its name and its claim, as listed in ``data/checks.csv``."""
    text = resources.files(__package__).joinpath("data/checks.csv").read_text("utf-8")
    return {
        int(row["number"]): (row["name"], row["claim"]) for row in csv.DictReader(text.splitlines())
    }
