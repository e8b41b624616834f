"""The systems that are compared: texts in, labelled spans out."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from nescio import tables
from nescio.detect import Text, detect
from nescio.search import find_patterns
from nescio.tagger import Tagger, predict_entities
from training.evaluation.metrics import Hit

Spans = list[list[Hit]]
System = Callable[[Sequence[str]], Spans]

PRESIDIO_LABELS: Final = {
    "PERSON": "NAME", "LOCATION": "LOCATION", "DATE_TIME": "DATE", "NRP": "OTHER",
    "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL", "URL": "URL", "IP_ADDRESS": "IP",
    "ORGANIZATION": "ORGANIZATION",
}  # fmt: skip
"""Presidio's entity -> label; the others (US_SSN, MEDICAL_LICENSE, ...) are IDs."""


def paragraphs(texts: Sequence[str]) -> pa.Table:
    """Return texts as a table of paragraphs, each a document of its own."""
    plain = dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap", "size"), 0.0)
    rows = [
        plain | {"doc": f"t{number:06d}", "page": 0, "paragraph": 0, "text": text, "kind": "body",
                 "origin": "page", "font": "", "bold": False, "italic": False, "table": -1,
                 "row": -1, "in_scope": True}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    return tables.from_rows("paragraphs", rows)


def _by_text(spans: pa.Table, number: int) -> Spans:
    found: Spans = [[] for _ in range(number)]
    for row in spans.to_pylist():
        found[int(row["doc"][1:])].append((row["start"], row["end"], row["label"]))
    return found


def tagger_alone(tagger: Tagger) -> System:
    """Return the system that is the tagger and nothing else."""
    return lambda texts: _by_text(predict_entities(paragraphs(texts), tagger), len(texts))


def patterns_alone(texts: Sequence[str]) -> Spans:
    """Find identifiers by patterns and nothing else."""
    return _by_text(find_patterns(paragraphs(texts)), len(texts))


def whole(tagger: Tagger | None) -> System:
    """Return the system that ``nescio detect`` runs: tagger, patterns, lexicon, hybrid search."""

    def run(texts: Sequence[str]) -> Spans:
        found = detect((Text(str(i), text) for i, text in enumerate(texts)), tagger)
        return [[(s["start"], s["end"], s["label"]) for s in one["spans"]] for one in found]

    return run


def presidio(python: Path, seconds: dict[str, float]) -> System:
    """Return Presidio, run by the interpreter of its own environment.

    Args:
        python: that interpreter.
        seconds: gets the time of the last call, without start-up, under ``presidio``.
    """

    def run(texts: Sequence[str]) -> Spans:
        script = Path(__file__).with_name("presidio_runner.py")
        answer = subprocess.run(
            [str(python), str(script)], input=json.dumps(list(texts)).encode(), capture_output=True,
            check=True,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(answer.stdout)
        seconds["presidio"] = found["seconds"]
        return [
            [(start, end, PRESIDIO_LABELS.get(label, "ID")) for start, end, label in one]
            for one in found["spans"]
        ]

    return run


def timed(system: System, texts: Sequence[str]) -> tuple[Spans, float]:
    """Return spans and the seconds that they took."""
    started = time.monotonic()
    spans = system(texts)
    return spans, time.monotonic() - started
