"""Proposals of small documents, for the tests of review."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import redact_inputs

from nescio import tables
from nescio.review.proposal import write_proposal
from nescio.store import LocalStore

DOC = "d-0123456789"
NAME = "Ilse Vargasdottir"
OTHER_NAME = "Oskar Brennhald"
NUMBER = "MR5528817"


def decisions_of(redactions: pa.Table) -> pa.Table:
    """Return DECISIONS that fit REDACTIONS."""
    rows = {}
    for row in redactions.to_pylist():
        rows[row["mention"]] = {
            "doc": DOC, "page": row["page"], "paragraph": row["mention"],
            "mention": row["mention"], "start": 0, "end": 5, "label": row["label"],
            "kind": "patient" if row["label"] == "NAME" else "", "score": 0.93,
            "sources": ["tagger"], "person": 0, "action": "remove", "replacement": "",
            "why": row["label"],
        }  # fmt: skip
    return tables.from_rows("decisions", rows.values())


def redactions_of(pdf: Path) -> pa.Table:
    """Return REDACTIONS of the patient's name and number, not of the other name."""
    parts = [
        redact_inputs.boxes_of(pdf, NAME, doc=DOC).to_pylist(),
        redact_inputs.boxes_of(pdf, NUMBER, doc=DOC, label="ID").to_pylist(),
    ]
    mentions = len({row["mention"] for row in parts[0]})
    for row in parts[1]:
        row["mention"] += mentions
    return tables.from_rows("redactions", [*parts[0], *parts[1]])


def propose(
    folder: Path,
    *,
    rotation: int = 0,
    crop: tuple[float, ...] = (),
    mark: bool = False,
    picture: bool = False,
    flags: dict[int, list[str]] | None = None,
    raster: str = "never",
    web_links: bool = False,
) -> tuple[Path, LocalStore, pa.Table]:
    """Write a document of two pages and its proposal; return both and REDACTIONS."""
    import pymupdf

    def draw(page: pymupdf.Page) -> None:
        redact_inputs.text(
            f"Patient: {NAME} was seen today.",
            f"Record {NUMBER} of the clinic, for {OTHER_NAME}.",
            "Aspirin 75 mg was given for 10 days.",
        )(page)
        if mark:
            page.add_highlight_annot((72, 130, 120, 142))
        if picture:
            grey = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 60, 60), False)
            grey.clear_with(200)
            page.insert_image((300, 300, 420, 420), pixmap=grey)
            page.insert_text((310, 350), "Dr. Brennhald", fontsize=11)
        if web_links:
            page.insert_link(
                {"kind": 2, "from": pymupdf.Rect(72, 130, 140, 145), "uri": "https://example.org/a"}
            )
        if crop:
            page.set_cropbox(pymupdf.Rect(crop))

    pdf = redact_inputs.make(folder / "original.pdf", draw, draw, rotation=rotation)
    redactions = redactions_of(pdf)
    store = LocalStore(folder / "out")
    document = {"doc": DOC, "pages": 2, "outbox_key": "k"}
    decisions = decisions_of(redactions)
    given = (decisions, redactions, tables.empty("words"))
    write_proposal(
        store,
        pdf,
        document,
        given,
        style="box",
        boxes="tight",
        flags=flags,
        raster=raster,
        web_links=web_links,
    )
    return pdf, store, redactions
