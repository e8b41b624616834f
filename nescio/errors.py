"""Every way Nescio refuses, as one small hierarchy with exit codes and messages without PHI."""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """Exit codes of the command line (DESIGN.md, Contracts)."""

    OK = 0
    USAGE = 2
    PARTIAL = 3
    NONE_RELEASED = 4
    INTERNAL = 5


class NescioError(Exception):
    """A failure that a person can act on.

    Args:
        what: what is wrong, in words that hold no PHI, no file name and no document text.
        remedy: what the reader should do next.
        document: opaque document id, where the failure belongs to one document.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, what: str, remedy: str = "", document: str = "") -> None:
        self.what = what
        self.remedy = remedy
        self.document = document
        super().__init__(what)

    def __str__(self) -> str:
        subject = f"document {self.document}: " if self.document else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{subject}{self.what}{remedy}"


class ConfigurationError(NescioError):
    """The user asked for something that cannot be: bad option, policy, reference or input path."""

    exit_code = ExitCode.USAGE


class DocumentError(NescioError):
    """One document cannot be processed; the others go on.

    ``reason`` is a short stable code (``not_a_pdf``, ``encrypted``, ``verification_failed``),
    used in tables, quarantine files and metrics.
    """

    exit_code = ExitCode.PARTIAL
    reason: str = "failed"

    def __init__(
        self, what: str, remedy: str = "", document: str = "", reason: str | None = None
    ) -> None:
        super().__init__(what, remedy, document)
        if reason is not None:
            self.reason = reason

    def __reduce__(self) -> tuple[type[DocumentError], tuple[Any, ...]]:
        """Cross process boundaries whole: the default would drop all but the message."""
        return type(self), (self.what, self.remedy, self.document, self.reason)


class RefusedError(DocumentError):
    """The input itself cannot be read: not a PDF, empty, encrypted, damaged, without pages."""


class QuarantinedError(DocumentError):
    """The input was read, but a safe output could not be proven."""


class UnverifiedError(QuarantinedError):
    """An output was made, and failed a check: its certificate says which, without PHI."""

    reason = "verification_failed"

    def __init__(
        self,
        what: str,
        remedy: str = "",
        document: str = "",
        certificate: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(what, remedy, document)
        self.certificate = certificate or {}

    def __reduce__(self) -> tuple[type[DocumentError], tuple[Any, ...]]:
        """Cross process boundaries with the certificate."""
        return type(self), (self.what, self.remedy, self.document, self.certificate)
