"""Collects what the checks looked at and what failed, and sums it up in a certificate's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nescio.redact.certificate import Check, Status, claims

NO_PAGE: Final = -1


@dataclass
class Findings:
    """Counts by check number. Mergeable, so that page ranges can be checked in parallel.

    Attributes:
        looked: check -> places looked at; a check that looked at nothing does not apply.
        failed: check -> page (or -1) -> places that failed.
        notes: check -> remark without PHI.
        shown: characters that stand on the pages.
        coverage: how much was looked at where not all was, by what.
        read: digest of each picture that was read by OCR -> ``pages`` or ``pictures``.
    """

    looked: Counter[int] = field(default_factory=Counter)
    failed: dict[int, Counter[int]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    coverage: Counter[str] = field(default_factory=Counter)
    read: dict[bytes, str] = field(default_factory=dict)

    def look(self, *checks: int, count: int = 1) -> None:
        """Note that ``count`` places were looked at for each of the checks."""
        for check in checks:
            self.looked[check] += count

    def fail(self, check: int, page: int = NO_PAGE, count: int = 1) -> None:
        """Note that ``count`` places of a page failed a check."""
        self.looked[check] += 0
        self.failed.setdefault(check, Counter())[page] += count

    def at(self, check: int, pages: Iterable[int]) -> None:
        """Note the result of a check that names the page of each failure itself."""
        self.look(check)
        for page in pages:
            self.fail(check, page)

    def judge(self, check: int, good: bool, page: int = NO_PAGE) -> None:
        """Look at one place, which is good or not."""
        self.look(check)
        if not good:
            self.fail(check, page)

    def merge(self, other: Findings) -> None:
        """Add the counts of another part of the document."""
        self.looked.update(other.looked)
        for check, pages in other.failed.items():
            self.failed.setdefault(check, Counter()).update(pages)
        self.notes.update(other.notes)
        self.shown |= other.shown
        self.coverage.update(other.coverage)
        self.read = other.read | self.read

    def covered(self) -> dict[str, int]:
        """Return how much was looked at where not all was; what looks the same counts once."""
        read = Counter(f"{kind}_read" for kind in self.read.values())
        return dict(self.coverage + read)

    def rows(self) -> tuple[Check, ...]:
        """Return the certificate's rows, in order."""
        return tuple(self._row(number, *texts) for number, texts in claims().items())

    def _row(self, number: int, name: str, claim: str) -> Check:
        failed = self.failed.get(number, Counter())
        count = sum(failed.values())
        status: Status = "passed" if self.looked[number] else "not_applicable"
        if count:
            status = "failed"
        pages = tuple(sorted(page for page in failed if page != NO_PAGE))
        note = self.notes.get(number, "")
        return Check(number, name, claim, status, count, note, pages)
