"""Measures the context models beside the rule, on documents held out, and writes docs and card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nescio.context import predict_context
from nescio.context.predict import SEEN
from training.context.documents import (
    WITHOUT_LAYOUT,
    Gold,
    generated,
    section_texts,
    visit_notes,
)
from training.context.learn import JOIN_COST, UNSEEN_TITLES, unseen

RESAMPLES: Final = 1_000
RECORDS, NOTES = "records, unseen layouts", "visit notes (ACI-Bench, held out)"
SYSTEMS: Final = ("rule", "model")

DOCS, CARD = Path("docs/context.md"), Path("nescio/models/context/README.md")


class Measured(NamedTuple):
    """One set, one system, one of the two questions."""

    question: str
    set: str
    system: str
    documents: int
    paragraphs: int
    accuracy: tuple[float, float, float]  # with 95 % interval
    macro_f1: tuple[float, float, float]
    cuts: int  # dep_flag: false where it should be true; section: none where there is one
    joins: int  # dep_flag: true where it should be false; section: one that is wrong


def _predict(documents: Sequence[Gold], system: str) -> list[list[dict[str, Any]]]:
    rows = [
        {name: row[name] for name in SEEN} | {"doc": f"{number:05}", "paragraph": place}
        for number, document in enumerate(documents)
        for place, row in enumerate(document.paragraphs)
    ]
    found = predict_context(pa.Table.from_pylist(rows), rules_only=system == "rule").to_pylist()
    result: list[list[dict[str, Any]]] = [[] for _ in documents]
    for row in found:
        result[int(row["doc"])].append(row)
    return result


def _confusions(
    gold: Sequence[npt.NDArray[np.object_]], said: Sequence[npt.NDArray[np.object_]]
) -> tuple[npt.NDArray[np.int64], int]:
    """Return each document's counts of (gold, said), and how many classes the gold has."""
    classes = sorted({str(name) for part in gold for name in part})
    others = sorted({str(name) for part in said for name in part} - set(classes))
    codes = {name: code for code, name in enumerate([*classes, *others])}
    counts = np.zeros((len(gold), len(codes), len(codes)), np.int64)
    for number, (wanted, heard) in enumerate(zip(gold, said, strict=True)):
        for one, other in zip(wanted, heard, strict=True):
            counts[number, codes[one], codes[other]] += 1
    return counts, len(classes)


def _scores(counts: npt.NDArray[np.int64], classes: int) -> tuple[float, float]:
    """Return accuracy and macro F1 (over the classes of the gold) of summed counts."""
    right = np.diag(counts)
    whole = counts.sum(axis=0) + counts.sum(axis=1)
    f1 = 2 * right / np.maximum(whole, 1)
    return float(right.sum() / counts.sum()), float(f1[:classes].mean())


def with_intervals(
    gold: Sequence[npt.NDArray[np.object_]], said: Sequence[npt.NDArray[np.object_]]
) -> list[tuple[float, float, float]]:
    """Return accuracy and macro F1, each with a 95 % interval by resampling whole documents."""
    counts, classes = _confusions(gold, said)
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(len(gold), np.full(len(gold), 1 / len(gold)), RESAMPLES)
    scores = [_scores(np.tensordot(times, counts, 1), classes) for times in drawn]
    low, high = np.percentile(scores, (2.5, 97.5), axis=0)
    whole = _scores(counts.sum(axis=0), classes)
    return [(whole[i], float(low[i]), float(high[i])) for i in range(2)]


def _answers(
    documents: Sequence[Gold],
    system: str,
    question: str,
    asked: Callable[[Gold, int], bool],
) -> tuple[list[npt.NDArray[np.object_]], list[npt.NDArray[np.object_]]]:
    gold, said = [], []
    for document, rows in zip(documents, _predict(documents, system), strict=True):
        wanted: Sequence[Any] = document.same if question == "dep_flag" else document.sections
        places = [i for i, g in enumerate(wanted) if g is not None and asked(document, i)]
        if places:
            gold.append(np.array([str(wanted[i]) for i in places], object))
            said.append(np.array([str(rows[i][question]) for i in places], object))
    return gold, said


def _measure(
    question: str,
    name: str,
    documents: Sequence[Gold],
    asked: Callable[[Gold, int], bool] = lambda document, place: True,
) -> list[Measured]:
    results = []
    for system in SYSTEMS:
        gold, said = _answers(documents, system, question, asked)
        flat, heard = np.concatenate(gold), np.concatenate(said)
        wrong, nothing = flat != heard, heard == ("False" if question == "dep_flag" else "")
        results.append(
            Measured(
                question, name, system, len(gold), len(flat),
                *with_intervals(gold, said),
                int((wrong & nothing).sum()), int((wrong & ~nothing).sum()),
            )
        )  # fmt: skip
    return results


def _without_heads(notes: Sequence[Gold]) -> list[Gold]:
    """Return visit notes without their headings."""
    result = []
    for note in notes:
        kept = [i for i, row in enumerate(note.paragraphs) if row["text"] != note.heads[i]]
        result.append(Gold(*note[:2], *([column[i] for i in kept] for column in note[2:])))
    return result


def _dialogues(texts: dict[str, list[str]]) -> list[Gold]:
    return [
        Gold("", "dialogues", [WITHOUT_LAYOUT | {"text": text}], [None], [""], [section])
        for section, group in texts.items()
        for text in group
    ]


def held_out_sets(data: Path | None) -> dict[str, list[Gold]]:
    """Return the documents of each held-out set; without ``data`` the generated ones alone."""
    made = [document for document, _ in generated(held_out=True)]
    records = [document for document in made if document.name.startswith("context record")]
    reports = [document for document in made if document.name.startswith("context report")]
    sets = {
        RECORDS: records,
        "reports, unseen layout": reports,
        "the same records, text alone": [document.plain() for document in records],
        "the same reports, text alone": [document.plain() for document in reports],
    }
    if data is not None:
        sets[NOTES] = visit_notes(data, held_out=True)
    return sets


def measure(data: Path | None) -> list[Measured]:
    """Measure rule and model on every held-out set.

    Args:
        data: folder with ``sections/``; None measures on generated documents alone.
    """
    sets = held_out_sets(data)
    results = []
    for question in ("dep_flag", "section"):
        for name, documents in sets.items():
            results += _measure(question, name, documents)
    results += _measure(
        "section",
        "records, headings unseen as well",
        sets[RECORDS],
        lambda d, i: unseen(d.heads[i]),
    )
    if data is not None:
        results += _measure("section", "visit notes without headings", _without_heads(sets[NOTES]))
        dialogues = _dialogues(section_texts(data, held_out=True))
        results += _measure("section", "notes of dialogues (MTS-Dialog, held out)", dialogues)
    return results


def _table(results: Sequence[Measured], question: str) -> str:
    cuts, joins = (
        ("cuts too many", "joins too many") if question == "dep_flag" else ("left blank", "wrong")
    )
    lines = [
        f"| set | documents | paragraphs | system | accuracy | macro F1 | {cuts} | {joins} |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results:
        if row.question == question:
            accuracy, macro = (
                f"{score:.3f} ({low:.3f}–{high:.3f})"
                for score, low, high in (row.accuracy, row.macro_f1)
            )
            lines.append(
                f"| {row.set} | {row.documents:,} | {row.paragraphs:,} | {row.system} "
                f"| {accuracy} | {macro} | {row.cuts:,} | {row.joins:,} |"
            )
    return "\n".join(lines)


def write_docs(results: Sequence[Measured], facts: dict[str, Any]) -> None:
    """Write ``docs/context.md`` and the model card from templates beside this module."""
    folder = Path(__file__).parent / "data"
    values = {
        "DEP_FLAG": _table(results, "dep_flag"),
        "SECTION": _table(results, "section"),
        "THRESHOLD": f"{facts['threshold']:.2f}",
        "AGAINST_RULE": f"{facts['against_rule']:.2f}",
        "SECTION_THRESHOLD": f"{facts['section_threshold']:.2f}",
        "JOIN_COST": str(JOIN_COST),
        "EMBEDDING": (folder / "embedding.md").read_text(encoding="utf-8").strip(),
        "UNSEEN": ", ".join(sorted(UNSEEN_TITLES)),
        **{key.upper(): f"{value:,}" for key, value in facts["chosen_on"].items()},
    }
    for template, target in (("context.md", DOCS), ("card.md", CARD)):
        text = (folder / template).read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        target.write_text(text, encoding="utf-8")
