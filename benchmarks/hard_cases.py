"""Redacts the hard cases with Nescio and with PyMuPDF alone; writes docs/hard-cases.md."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import pyarrow as pa
import pymupdf

from nescio.errors import DocumentError, RefusedError
from nescio.extract import inspect
from nescio.redact import redact_document
from nescio.redact.certificate import claims
from tests.hard_cases import CASES, Case
from tests.hard_cases.proof import faults

PAGE: Final = Path(__file__).parents[1] / "docs" / "hard-cases.md"

HEAD: Final = """# Hard cases

`python -m benchmarks.hard_cases` writes this page. It generates the PDFs of `tests/hard_cases`,
each with a planted invented identity, redacts them, and searches what comes out: raw bytes, decoded
streams, strings and names of all objects, text arrays put together, text of MuPDF and of PDFium,
pixels of all pictures, paths. The search is the tests' own, not the verifier.

Beside it stands plain PyMuPDF {version} on the same files with the same boxes: `add_redact_annot`,
`apply_redactions()`, `scrub()`, `save(garbage=4, deflate=True)`. It has no notion of a flag for a
person, of a detector, or of a verdict: *releases it* where no file may be released.

*clean*: nothing found. *refused*, *quarantined*: no file, with the reason, as the case demands.
*leaks*: where the identity was found. Not among them: barcodes and faces themselves
(row 28 is a flag that was raised), and whole runs (file names in logs and keys: see
`tests/pipeline`). The cases are ours and known to the code; that they pass does
not say that no other case fails.

**Nescio: {fine} of {count} end as they must. PyMuPDF alone: {naive} of {released} files without
trace and without loss, where a file is demanded.**

| # | failure | case | Nescio | PyMuPDF alone |
|---|---|---|---|---|
"""


def main() -> None:
    """Run both on every case and write the page."""
    rows = []
    fine = naive = 0
    names = claims()
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="nescio-cases-") as folder:
            pdf = Path(folder) / "a.pdf"
            case.build(pdf)
            ours, theirs = by_nescio(case, pdf), by_pymupdf(case, pdf)
        fine += ours.split(" (")[0] == ("clean" if case.ends == "released" else case.ends)
        naive += case.ends == "released" and theirs == "clean"
        failure = names[case.row][0].replace("_", " ")
        rows.append(f"| {case.row} | {failure} | {case.name} | {ours} | {theirs} |")
    released = sum(case.ends == "released" for case in CASES)
    numbers = {"fine": fine, "count": len(CASES), "naive": naive, "released": released}
    head = HEAD.format(version=pymupdf.__version__, **numbers)
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"Nescio {fine} of {len(CASES)}, PyMuPDF alone {naive} of {released}: {PAGE.name}")


def by_nescio(case: Case, pdf: Path) -> str:
    """Redact as a run does; return what came of it."""
    out = pdf.with_name(f"{case.file}.pdf")
    try:
        inspect(pdf, case.options.get("password"))
        redact_document(pdf, out, case.redactions(pdf), **case.options)
    except DocumentError as error:
        kind = "refused" if isinstance(error, RefusedError) else "quarantined"
        return f"{kind} ({error.reason})" if not out.exists() else "left a file and failed"
    return _verdict(case, out)


def by_pymupdf(case: Case, pdf: Path) -> str:
    """Redact with PyMuPDF alone; return what came of it."""
    out = pdf.with_name("plain.pdf")
    try:
        redactions = case.redactions(pdf)
        with pymupdf.open(pdf) as document:
            if document.needs_pass:
                document.authenticate(case.options.get("password", ""))
            _apply(document, redactions)
            document.scrub()
            encryption = pymupdf.PDF_ENCRYPT_NONE
            document.save(out, garbage=4, deflate=True, encryption=encryption)
    except DocumentError as error:
        return f"no boxes: not readable ({error.reason})"
    except Exception as error:  # PyMuPDF raises all kinds
        return f"stops with {type(error).__name__}"
    verdict = _verdict(case, out)
    return verdict if case.ends == "released" else f"releases it ({verdict})"


def _apply(document: pymupdf.Document, redactions: pa.Table) -> None:
    rows = redactions.to_pylist()
    for page in document:
        for row in rows:
            if row["page"] == page.number:
                box = pymupdf.Rect(*(row[name] for name in ("x0", "y0", "x1", "y1")))
                text = row["replacement"] or None
                page.add_redact_annot(box * page.derotation_matrix, text=text, fill=(0, 0, 0))
        page.apply_redactions()


def _verdict(case: Case, out: Path) -> str:
    found = faults(case, out)
    traces = [where for where in found if where != "collateral loss"]
    said = [f"leaks: {', '.join(traces)}"] if traces else []
    said += ["loses neighbours"] if len(traces) < len(found) else []
    return "; ".join(said) or "clean"


if __name__ == "__main__":
    main()
