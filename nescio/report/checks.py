"""The 34 checks of a run's certificates, as the report shows them: by check, and by document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

RESULTS: Final = ("passed", "not_applicable", "failed")


class Checks(NamedTuple):
    """What the verifier said, without PHI.

    Attributes:
        rows: of each check its number, name, claim, and how many documents had each result.
        documents: of each document its id, verdict, pages, results in the order of the checks,
            what failed, and what the output has lost.
    """

    rows: list[dict[str, Any]]
    documents: list[dict[str, Any]]


def sum_up(certificates: Sequence[dict[str, Any]]) -> Checks:
    """Count the results of certificates (as in their JSON files), each with its ``document``."""
    counts: dict[int, Counter[str]] = {}
    texts: dict[int, dict[str, Any]] = {}
    for certificate in certificates:
        for check in certificate["checks"]:
            number = check["number"]
            texts[number] = {name: check[name] for name in ("number", "name", "claim")}
            counts.setdefault(number, Counter())[check["status"]] += 1
    rows = [
        texts[number] | {result: counts[number][result] for result in RESULTS}
        for number in sorted(texts)
    ]
    return Checks(rows, [_document(certificate) for certificate in certificates])


def _document(certificate: dict[str, Any]) -> dict[str, Any]:
    checks = certificate["checks"]
    names = ("number", "name", "status")
    return {
        "doc": certificate["document"],
        "verdict": certificate["verdict"],
        "pages": certificate["pages"],
        "boxes": certificate["boxes"],
        "read": sum(certificate["coverage"].get(f"{what}_read", 0) for what in _READ),
        "notes": [note.replace("_", " ") for note in certificate.get("notes", ())],
        "counts": Counter(check["status"] for check in checks),
        "results": [{name: check[name] for name in names} for check in checks],
        "failed": [
            {
                "number": check["number"],
                "name": check["name"],
                "count": check["count"],
                "pages": [page + 1 for page in check["pages"]],
            }
            for check in checks
            if check["status"] == "failed"
        ],
    }


_READ: Final = ("pages", "pictures")
