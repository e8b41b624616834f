"""Detection without PDFs: texts in, spans out, by the same rooms as in the DAG."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from nescio import tables
from nescio.blobs import cut_blobs
from nescio.context import predict_context
from nescio.errors import ConfigurationError
from nescio.search import (
    collect_lexicon,
    find_entities,
    find_patterns,
    hybrid_search,
    settle_people,
)
from nescio.tagger import Tagger

BATCH: Final = 2_000
"""Texts that are in memory at a time."""

_BLANK_LINES: Final = re.compile(r"\n[ \t\r\f\v]*\n\s*")


class Text(NamedTuple):
    """One text of the input, with the id that the caller gave it."""

    id: str
    text: str


def read_texts(path: Path) -> Iterator[Text]:
    """Yield the texts of a file: ``{id, text}`` a line, or one text for any other file.

    Raises:
        ConfigurationError: a line is not such an object; the message gives its number only.
    """
    if path.suffix not in {".jsonl", ".ndjson"}:
        yield Text("text", _decoded(path))
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                text = item["text"]
                if not isinstance(text, str):
                    raise TypeError
                yield Text(str(item.get("id", number)), text)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ConfigurationError(
                    f"line {number} of the input is not a JSON object with a text.",
                    'Each line must look like {"id": "1", "text": "..."}.',
                ) from None


def _decoded(path: Path) -> str:
    try:
        # Bytes, not text mode: "\r\n" must stay two characters, or offsets would shift.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(
            "the input text is not UTF-8.", "Convert it, for example with iconv."
        ) from None


def detect(texts: Iterable[Text], tagger: Tagger | None) -> Iterator[dict[str, Any]]:
    """Find identifiers in texts, each text a document of its own.

    Args:
        texts: the texts, in any number.
        tagger: the token classifier; None to go without.

    Yields:
        ``{"id", "spans": [{"start", "end", "label", "kind", "score", "sources"}]}`` in the order
        of the texts; offsets are half-open, in Unicode code points of the text as given.
    """
    batch: list[Text] = []
    for text in texts:
        batch.append(text)
        if len(batch) == BATCH:
            yield from _detect_batch(batch, tagger)
            batch = []
    yield from _detect_batch(batch, tagger)


def _detect_batch(texts: list[Text], tagger: Tagger | None) -> Iterator[dict[str, Any]]:
    paragraphs, starts = _paragraphs(texts)
    context = predict_context(paragraphs)
    predictions = [find_patterns(paragraphs)]
    if tagger:
        predictions.append(find_entities(paragraphs, tagger))
    everything = pa.concat_tables(predictions)
    lexicon = collect_lexicon(paragraphs, everything)
    blobs = cut_blobs(paragraphs, context)
    searched = hybrid_search(paragraphs, context, everything, lexicon, blobs)
    settled, _ = settle_people(paragraphs, searched, context)
    found: dict[str, list[dict[str, Any]]] = {}
    # What the last pass adds comes after what the search found, which stands where both overlap.
    for row in settled.to_pylist():
        doc = row.pop("doc")
        shift = starts[doc, row.pop("paragraph")]
        row["start"] += shift
        row["end"] += shift
        row["score"] = round(row["score"], 4)
        own = found.setdefault(doc, [])
        if not any(row["start"] < other["end"] and other["start"] < row["end"] for other in own):
            own.append(row)
    for number, text in enumerate(texts):
        own = sorted(found.get(_doc(number), []), key=lambda span: (span["start"], span["end"]))
        yield {"id": text.id, "spans": own}


def _doc(number: int) -> str:
    return f"t{number:06d}"


def _paragraphs(texts: list[Text]) -> tuple[pa.Table, dict[tuple[str, int], int]]:
    """Cut texts at blank lines; return the paragraphs and where each starts in its text."""
    rows: list[dict[str, Any]] = []
    starts: dict[tuple[str, int], int] = {}
    for number, text in enumerate(texts):
        position = 0
        cuts = [match.span() for match in _BLANK_LINES.finditer(text.text)]
        for index, (end, following) in enumerate([*cuts, (len(text.text),) * 2]):
            starts[_doc(number), index] = position
            rows.append(_row(_doc(number), index, text.text[position:end]))
            position = following
    return tables.from_rows("paragraphs", rows), starts


def _row(doc: str, index: int, text: str) -> dict[str, Any]:
    place = dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap", "size"), 0.0)
    return place | {
        "doc": doc,
        "page": 0,
        "paragraph": index,
        "text": text,
        "kind": "body",
        "origin": "page",
        "font": "",
        "bold": False,
        "italic": False,
        "table": -1,
        "row": -1,
        "in_scope": True,
    }
