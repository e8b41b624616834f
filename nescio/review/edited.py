"""Reads what a person made of a proposal, and makes sure that it belongs to the original."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pikepdf

from nescio.errors import ConfigurationError
from nescio.review.annotations import read_marks
from nescio.review.marks import Mark, fingerprints
from nescio.review.proposal import TOKEN_KEY, Record, mark_owner
from nescio.review.xfdf import read_xfdf

LARGEST: Final = 2 << 30
"""Bytes of an edited file at most."""


def check_original(original: Path, record: Record) -> None:
    """Check that a file is the very one that was proposed.

    Raises:
        ConfigurationError: it is another file, or none.
    """
    if not original.is_file():
        raise ConfigurationError("the original does not exist.", "Give it with --original.")
    if hashlib.sha256(original.read_bytes()).hexdigest() != record.original_sha256:
        raise ConfigurationError(
            "the original is not the file that this proposal was made from.",
            "Give the unchanged file, or run --propose on this one.",
        )


def read_edited(path: Path, record: Record) -> list[Mark]:
    """Return the marks of an edited proposal (PDF or XFDF), without those of the original itself.

    Raises:
        ConfigurationError: the file is neither, or belongs to another proposal.
    """
    if not path.is_file():
        raise ConfigurationError("the edited file does not exist.", "Give it with --from.")
    if path.stat().st_size > LARGEST:
        raise ConfigurationError("the edited file is larger than 2 GiB.")
    data = path.read_bytes()
    if b"%PDF-" in data[:1024]:
        belongs, marks = _of_pdf(data, record)
    else:
        file_id, marks = read_xfdf(data)
        belongs = file_id == record.file_id
    owners = {owner for owner in (mark_owner(mark.name) for mark in marks) if owner}
    if not (owners or belongs) or owners - {record.token}:
        raise ConfigurationError(
            "the edited file does not belong to this proposal.",
            "Edit the PDF in private/proposal, or what its XFDF was imported into.",
        )
    for mark in marks:
        if not 0 <= mark.page < record.pages:
            raise ConfigurationError("a mark of the edited file is on a page that is not there.")
    return _without(marks, record)


def _of_pdf(data: bytes, record: Record) -> tuple[bool, list[Mark]]:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if len(pdf.pages) != record.pages:
                raise ConfigurationError(
                    "the edited PDF has another number of pages than the original.",
                    "Edit the marks only.",
                )
            return str(pdf.docinfo.get(TOKEN_KEY, "")) == record.token, list(read_marks(pdf))
    except pikepdf.PdfError:
        raise ConfigurationError(
            "the edited PDF cannot be opened.", "Save it again, without a password."
        ) from None


def _without(marks: Iterable[Mark], record: Record) -> list[Mark]:
    """Leave out as many marks at a place as the original has there of itself."""
    left = dict(record.own_marks)
    found = []
    for mark in marks:
        (print_,) = fingerprints([mark])
        if not mark_owner(mark.name) and left.get(print_, 0) > 0:
            left[print_] -= 1
        else:
            found.append(mark)
    return found
