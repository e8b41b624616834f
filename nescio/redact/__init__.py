"""Redaction: boxes -> a fresh PDF without what they held -> proof, or quarantine."""

from nescio.redact.certificate import Certificate, Check
from nescio.redact.prepare import open_prepared
from nescio.redact.redact import RedactionResult, redact_document
from nescio.redact.secrets import is_distinctive
from nescio.redact.verify import verify

__all__ = [
    "Certificate",
    "Check",
    "RedactionResult",
    "is_distinctive",
    "open_prepared",
    "redact_document",
    "verify",
]
