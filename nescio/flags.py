"""Flagged pages: a document that has one is released by a person only, who looked at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from nescio.errors import QuarantinedError

REMEDIES: Final = {
    "no_text": "A page shows something that cannot be read; a person must look at it.",
    "uncertain_text": "A page was read with too little certainty: scan it anew, or look at it.",
    "unreadable_text": "A page's fonts do not tell what it shows; a release makes it a picture.",
    "barcode": "A page shows a barcode; a person must decide whether it names somebody.",
    "signature": "A page shows a signature; it is hidden, and a person must see that all of it is.",
    "face": "A page shows a face; it is hidden, and a person must see that all of it is.",
}
DEFAULT_REMEDY: Final = "A person must look at the flagged pages."

Flags = Mapping[int, Sequence[str]]
"""Page (from 0) -> why a person has to look at it."""


def flags_of(pages: pa.Table) -> dict[int, list[str]]:
    """Return the flagged pages among PAGES of one document."""
    flagged = pages.filter(pc.greater(pc.list_value_length(pages["flags"]), 0)).sort_by("page")
    return dict(zip(flagged["page"].to_pylist(), flagged["flags"].to_pylist(), strict=True))


def hold_back(doc: str, flags: Flags) -> None:
    """Hold a document back that has flagged pages.

    Raises:
        QuarantinedError: with the first flag as its reason, and all flagged pages.
    """
    if not flags:
        return
    reason = next(iter(flags.values()))[0]
    remedy = REMEDIES.get(reason, DEFAULT_REMEDY)
    shown = ", ".join(str(page + 1) for page in list(flags)[:MOST_SHOWN])
    more = ", ..." if len(flags) > MOST_SHOWN else ""
    raise QuarantinedError(
        f"{remedy} (Pages {shown}{more}.)",
        "Its proposal waits: release it by `nescio review` or `nescio apply`.",
        doc,
        reason,
    )


MOST_SHOWN: Final = 20
"""Pages that a message names."""
