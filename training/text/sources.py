"""Reads published span-labelled sets in Nescio's labels, with masks where they tell nothing.

``python -m training.text.sources --data ../shared/data -o DIR`` writes ``sources_train.jsonl.gz``
and ``sources_eval.jsonl.gz``. A row is as in ``training.text``, and has besides:

* ``annotated``: labels that unmarked characters of the text are counter-examples for;
* ``ignore``: ``{start, end}`` stretches that teach nothing, neither a label nor its absence;
* spans may have ``kind: null`` (source does not tell), ``also`` (labels that would be right, too)
  and ``weak: true`` (found by a rule of ``weak.py``, to be left out when recall is measured).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from training.text.__main__ import write_lines
from training.text.respell import Labelled, detokenise, rename, split_text
from training.text.weak import RULES

MAPPING = Path(__file__).parent / "data" / "sources.yaml"
HOLDOUT_PERCENT = 5  # of the texts of training sources that only serve to calibrate thresholds
RENAMED_SHARE = 0.7  # of outis texts whose invented people and towns get real ones' names
_ADDRESS = re.compile(r"(.*?)(, )([^,]+)(, )(\w[\w ]+?)( )(\d{5}(?:-\d{4})?)$", re.DOTALL)
_CITY_STATE = re.compile(r"([^,]+)(, )([^,]+)$")


@cache
def mapping() -> dict[str, Any]:
    """Return the table ``data/sources.yaml``."""
    return dict(yaml.safe_load(MAPPING.read_text(encoding="utf-8")))


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _span(start: int, end: int, entry: dict[str, Any]) -> dict[str, Any]:
    span = {"start": start, "end": end, "label": entry["label"], "kind": entry.get("kind")}
    return span | ({"also": entry["also"]} if "also" in entry else {})


def _parts(text: str, start: int, end: int, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Split an address or a place into street, city, state and ZIP where it shows them."""
    pattern, kinds = {
        "ADDRESS": (_ADDRESS, {1: "street", 3: "city", 5: "state", 7: "zip"}),
        "LOCATION": (_CITY_STATE, {1: "city", 3: "state"}),
    }.get(entry["label"], (None, {}))
    match = pattern.fullmatch(text, start, end) if pattern and entry.get("kind") else None
    if not match:
        return [_span(start, end, entry)]
    return [
        {
            "start": match.start(group),
            "end": match.end(group),
            "label": "ADDRESS" if kind == "street" else "LOCATION",
            "kind": kind,
        }
        for group, kind in kinds.items()
    ]


def _taken(places: Sequence[dict[str, Any]], start: int, end: int) -> bool:
    return any(start < place["end"] and place["start"] < end for place in places)


def convert(row: dict[str, Any], source: dict[str, Any]) -> Labelled:
    """Map a row's spans and add the marks of the source's weak rules.

    Raises:
        KeyError: the row has a label that the table does not name.
    """
    text = row["text"]
    spans: list[dict[str, Any]] = []
    ignore = [{"start": m.start, "end": m.end} for r in source["first"] for m in RULES[r](text)]
    for old in row.get("spans", []):
        entry, start, end = source["labels"][old["label"]], old["start"], old["end"]
        word = text[start:end].lower()
        if _taken(ignore, start, end) or entry.get("drop") or word in source.get("drop_words", ()):
            continue
        cut_off = "drop_words" in source and re.search(r"\b[a-z]$", word)  # in mid-initial
        if entry.get("ignore") or cut_off or word in source.get("ignore_words", ()):
            ignore.append({"start": start, "end": end})
        else:
            spans += _parts(text, start, end, entry)
    for mark in (mark for rule in source["weak"] for mark in RULES[rule](text)):
        place = {"start": mark.start, "end": mark.end}
        if _taken([*spans, *ignore], mark.start, mark.end):
            continue
        if mark.label:
            spans.append({**place, "label": mark.label, "kind": mark.kind, "weak": True})
        else:
            ignore.append(place)
    return Labelled(text, sorted(spans, key=lambda s: s["start"]), ignore)


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file as ``{id, text, spans, split}``, visit notes without headings."""
    folder = "sections" if (data / "sections" / f"{name}.jsonl.gz").exists() else "phi"
    for number, row in enumerate(_read(data / folder / f"{name}.jsonl.gz")):
        if folder == "phi":
            yield row
        elif row.get("split") == "train" and not row.get("is_heading") and len(row["text"]) > 20:
            yield {"id": f"{name}-{number}", "text": row["text"], "spans": []}


def load(
    data: Path, seed: int = 1, only: Collection[str] = (), splits: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield every text of every source, train and eval, cut to paragraphs of a few sentences.

    Args:
        data: Folder with ``phi`` and ``sections``.
        seed: Of the cuts and of the names that replace invented ones.
        only: Names of files to read; all of them if empty.
        splits: Of ``train``, ``holdout`` and ``eval``, those to yield; all of them if empty.
    """
    for source_name, source in mapping().items():
        for name, use in source["files"].items():
            if only and name not in only:
                continue
            for row in _rows(data, name):
                holdout = zlib.crc32(row["id"].encode()) % 100 < HOLDOUT_PERCENT
                split = "holdout" if use == "train" and holdout else use
                if splits and split not in splits:
                    continue
                rng = random.Random(f"{seed}/{row['id']}")
                labelled = convert(row, source)
                if source_name in ("btc", "wikigold", "sec_filings", "wnut17"):
                    labelled = detokenise(labelled, rng)
                if source_name == "outis" and use == "train" and rng.random() < RENAMED_SHARE:
                    labelled = rename(labelled, rng)
                parts = split_text(labelled, rng) if use == "train" else [labelled]
                for number, part in enumerate(parts):
                    yield {
                        "id": f"{row['id']}/{number}",
                        "text": part.text,
                        "spans": part.spans,
                        "ignore": part.ignore,
                        "source": name,
                        "template_ids": [],
                        "split": split,
                        "annotated": source["annotated"],
                    }


def main() -> None:
    """Write the training and the evaluation files, without texts that stand there already."""
    root = Path(__file__).parents[3]
    parser = argparse.ArgumentParser(prog="python -m training.text.sources", description=__doc__)
    parser.add_argument("--data", type=Path, default=root / "shared" / "data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder")
    options = parser.parse_args()
    seen: set[str] = set()
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row in load(options.data, options.seed):
        if row["split"] != "train" or row["text"] not in seen:
            seen.add(row["text"])
            rows[row["split"] == "train"].append(row)
    for train, name in ((True, "train"), (False, "eval")):
        count = write_lines(options.output / f"sources_{name}.jsonl.gz", rows[train])
        print(f"{count} texts: sources_{name}.jsonl.gz")


if __name__ == "__main__":
    main()
