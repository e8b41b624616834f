"""The subjects of a run and their quasi-identifiers, read from the decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pyarrow as pa

QUASI_IDENTIFIERS: Final[dict[tuple[str, str], str]] = {
    ("AGE", ""): "age",
    ("DATE", "birth"): "birth date",
    ("DATE", "admission"): "admission date",
    ("DATE", "discharge"): "discharge date",
    ("DATE", "death"): "death date",
    ("LOCATION", "city"): "city",
    ("LOCATION", "county"): "county",
    ("LOCATION", "state"): "state",
    ("LOCATION", "zip"): "ZIP code",
    ("LOCATION", "country"): "country",
    ("ADDRESS", ""): "address",
    ("ADDRESS", "street"): "address",
    ("FACILITY", ""): "facility",
}
"""Label and kind -> field. Direct identifiers are no field: once hidden, nobody matches by them."""

UNKNOWN: Final = None
"""The value of a field of which nothing can be read: absent, hidden, or replaced at random."""

ASSUMPTIONS: Final = (
    "Subjects are the persons of whom a patient's name, subject id or record number is named.",
    "Only quasi-identifiers that Nescio labels count: sex, race, diagnoses and the course of "
    "the disease are not among them.",
    "A field of which nothing can be read, because it is absent, hidden or replaced at random, "
    "has one value for all subjects; it is not taken to match every value.",
    "A shifted date cannot be matched with the true one; intervals between the dates of a "
    "person stay and are not counted.",
)


class Subjects(NamedTuple):
    """Opaque id of a subject -> field -> value, in the original and in the result."""

    before: dict[str, dict[str, str | None]]
    after: dict[str, dict[str, str | None]]


def _as_written(row: dict[str, Any], text: str) -> str:
    return _normal(text)


def subjects_of(
    decisions: pa.Table,
    paragraphs: pa.Table,
    comparable: Callable[[dict[str, Any], str], str] = _as_written,
) -> Subjects:
    """Collect the quasi-identifiers of the subjects of each document.

    A subject's id is made of the opaque ids of its document and person: ``d-1f0c/3``. Of a field
    named with several values, all count together.

    Args:
        decisions: DECISIONS, mentions linked to persons.
        paragraphs: PARAGRAPHS of the same documents.
        comparable: gives the form in which a text of a decision's mention is compared.
    """
    texts = {
        (row["doc"], row["paragraph"]): row["text"]
        for row in paragraphs.select(["doc", "paragraph", "text"]).to_pylist()
    }
    rows = [row for row in decisions.to_pylist() if row["person"] >= 0]
    subjects = {_subject(row) for row in rows if _names_subject(row)}
    before: dict[str, dict[str, set[str]]] = {subject: defaultdict(set) for subject in subjects}
    after: dict[str, dict[str, set[str]]] = {subject: defaultdict(set) for subject in subjects}
    for row in rows:
        field = QUASI_IDENTIFIERS.get((row["label"], row["kind"]))
        subject = _subject(row)
        if field is None or subject not in subjects:
            continue
        text = texts[row["doc"], row["paragraph"]][row["start"] : row["end"]]
        before[subject][field].add(comparable(row, text))
        if (shown := _shown(row, text)) is not None:
            after[subject][field].add(comparable(row, shown))
    return Subjects(_joined(before), _joined(after))


def _subject(row: dict[str, Any]) -> str:
    return f"{row['doc']}/{row['person']}"


def _names_subject(row: dict[str, Any]) -> bool:
    if row["label"] == "ID":
        return row["kind"] in ("subject_id", "mrn")
    return bool(row["label"] == "NAME" and row["kind"] == "patient")


def _shown(row: dict[str, Any], text: str) -> str | None:
    """Return what can be read of a mention's true value in the result."""
    match row["action"]:
        case "keep":
            return text
        case "generalise":
            return str(row["replacement"])
        case _:
            return UNKNOWN


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _joined(values: dict[str, dict[str, set[str]]]) -> dict[str, dict[str, str | None]]:
    return {
        subject: {field: "; ".join(sorted(known)) for field, known in fields.items() if known}
        for subject, fields in values.items()
    }
