"""Releases a reviewed document from the page, through the same door as `nescio apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nescio.errors import NescioError
from nescio.review.apply import (
    How,
    OthersError,
    Reviewed,
    Unseen,
    UnseenError,
    release_marks,
)
from nescio.review.desk import Entry
from nescio.review.web.case import Case, Cases
from nescio.review.work import Others


async def release_case(cases: Cases, case: Case, others: Others, unseen: Unseen) -> dict[str, Any]:
    """Redact, verify and release a document as its reader left it.

    Returns:
        ``file`` and ``counts`` of what was released; or ``error``, with ``places`` and ``pages``
        where the reader has to say what is done with other places of new marks' texts, or with
        ``unseen`` pages where detectors find what nobody decided on.
    """
    desk = case.desk
    unchecked = [page for page in map(int, desk.record.flags) if page not in desk.state.checked]
    if unchecked:
        shown = ", ".join(str(page + 1) for page in unchecked[:20])
        return {"error": f"Flagged pages are not marked as looked at: {shown}."}
    job = Reviewed(
        cases.output,
        desk.doc,
        desk.record,
        Path(case.source.path),
        case.source.password,
        cases.reader,
        desk.undecided(),
    )
    progress = desk.progress()
    also: dict[str, Any] = {
        "undecided": int(progress["total"] - progress["decided"]),
        "pages_checked": len(desk.state.checked),
    }
    if case.comparison is not None:
        also["readers"] = case.comparison.facts()
    done: dict[str, Any] = await cases.drawers.later(
        _release,
        job,
        desk.entries(),
        How(others, unseen, cases.confidential),
        also,
        desk.fingerprint(cases.confidential),
    )
    return done


def _release(
    job: Reviewed, entries: list[Entry], how: How, also: dict[str, Any], fingerprint: str
) -> dict[str, Any]:
    try:
        done = release_marks(job, entries, how, also=also, fingerprint=fingerprint)
    except OthersError as error:
        return {"error": error.what, "places": error.places, "pages": error.pages}
    except UnseenError as error:
        return {"error": error.what, "unseen": error.pages}
    except NescioError as error:
        return {"error": str(error)}
    return {"file": done.file, "counts": done.counts, "empty": done.empty}
