"""The texts that detection is measured on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from nescio.tables import LABELS
from training.tagger.sources import Example, evaluation, read_corrections, synthetic


class TestSet(NamedTuple):
    """Texts with gold spans; ``annotated`` labels are complete, ``measured`` ones are counted."""

    name: str
    note: str
    examples: list[Example]
    annotated: frozenset[str]
    measured: frozenset[str]


def test_sets(
    data: Path | None, limit: int | None = None, corrections: Path | None = None
) -> list[TestSet]:
    """Return the sets; without ``data`` only the generator's held-out templates.

    With ``corrections`` (a folder) also what reviewers corrected and training does not see.
    """
    held_out = list(islice(synthetic(2024, "heldout"), 1500))
    everything = frozenset(LABELS)
    sets = [
        TestSet("held-out templates", "the generator: unseen templates, names and formats",
                held_out[:limit], everything, everything),
    ]  # fmt: skip
    if data:
        outis = evaluation(data, "outis_challenge")[:limit]
        tweets = evaluation(data, "wnut17_dev")[:limit]
        sets += [
            TestSet("outis_challenge", "same generator as a part of the training text: in-style",
                    outis, outis[0].annotated, everything),
            TestSet("wnut17_dev", "tweets: persons and places only; nothing clinical",
                    tweets, frozenset({"NAME", "LOCATION"}), frozenset({"NAME", "LOCATION"})),
        ]  # fmt: skip
    corrected = list(read_corrections(corrections, "measure"))[:limit] if corrections else []
    if corrected:
        note = (
            "texts that reviewers of proposals corrected: a fifth of the documents, not trained on"
        )
        sets.append(TestSet("corrections", note, corrected, everything, everything))
    return sets


UNREAD: Final = frozenset({"study_report_vaccine_142p"})
"""Reports that nobody read to write the lists of ``nescio/search/data/terms.yaml``."""


def study_reports(data: Path) -> dict[str, list[str]]:
    """Return the paragraphs of each real study report, which are nearly free of identifiers."""
    from nescio.extract import extract_pages, inspect

    texts: dict[str, list[str]] = {}
    for pdf in sorted((data / "pdf").glob("*.pdf")):
        pages = inspect(pdf, None).pages
        extracted = extract_pages(pdf, "d", 0, pages)
        texts[pdf.stem] = extracted.paragraphs.column("text").to_pylist()
    return texts
