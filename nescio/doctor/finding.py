"""What one check found."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One line of the doctor: a thing, whether it is fine, else what is wrong and the remedy."""

    subject: str
    fine: bool
    what: str = ""
    remedy: str = ""
    seen: bool = True
    """Whether it was looked at; else its absence is not known, only that nobody could look."""

    def __str__(self) -> str:
        state = "fine   " if self.fine else "missing"
        detail = ": " + " ".join(filter(None, (self.what, self.remedy))) if self.what else ""
        return f"{state}  {self.subject}{detail}"
