"""Redaction: boxes -> a fresh PDF without what they held -> proof, or quarantine.

What is named here is imported when it is first asked for: whoever wants to know whether a secret
is distinctive needs none of the three PDF engines, which take longer to import than many a step
takes to run.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nescio.redact.certificate import Certificate, Check
    from nescio.redact.prepare import open_prepared
    from nescio.redact.redact import RedactionResult, redact_document
    from nescio.redact.secrets import is_distinctive
    from nescio.redact.verification import verify

_HOMES = {
    "Certificate": "certificate",
    "Check": "certificate",
    "RedactionResult": "redact",
    "is_distinctive": "secrets",
    "open_prepared": "prepare",
    "redact_document": "redact",
    "verify": "verification",
}

__all__ = [
    "Certificate",
    "Check",
    "RedactionResult",
    "is_distinctive",
    "open_prepared",
    "redact_document",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
