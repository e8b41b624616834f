"""Each of the 34 ways to fail ends in a file without trace, or in none, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hard_cases import CASES, Case
from hard_cases.proof import faults

from nescio.errors import DocumentError, QuarantinedError, RefusedError
from nescio.extract import inspect
from nescio.redact import RedactionResult, redact_document


def redact(case: Case, pdf: Path, out: Path) -> RedactionResult:
    """Inspect and redact one document, as a run does."""
    inspect(pdf, case.options.get("password"))
    return redact_document(pdf, out, case.redactions(pdf), **case.options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_trace_or_no_file(tmp_path: Path, case: Case) -> None:
    pdf = tmp_path / "a.pdf"
    case.build(pdf)
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / f"{case.file}.pdf"
    if case.ends == "released":
        # The proof must be able to fail; it cannot look into what is encrypted.
        assert "password" in case.options or set(faults(case, pdf)) - {"collateral loss"}
        result = redact(case, pdf, out)
        assert result.certificate.verdict == "verified"
        assert faults(case, out) == []
        return
    error = QuarantinedError if case.ends == "quarantined" else RefusedError
    with pytest.raises(error) as caught:
        redact(case, pdf, out)
    assert isinstance(caught.value, DocumentError) and caught.value.reason
    assert not any(secret in str(caught.value) for secret in case.secrets)
    assert list(folder.iterdir()) == []


def test_every_failure_has_a_case() -> None:
    assert {case.row for case in CASES} == set(range(1, 35))
