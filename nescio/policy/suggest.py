"""Suggests entries of allow and deny lists from what reviewers decided again and again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio.redact.secrets import core
from nescio.store import PRIVATE, Store

FEWEST: Final = 2
"""Documents in which a text was decided alike before it is suggested."""

LISTED: Final = f"{PRIVATE}/review/"


class Suggestion(NamedTuple):
    """A text for one of the lists. Private: it is document text.

    Attributes:
        list: ``allow`` for what was rejected, ``deny`` for what was added.
        text: as it was written most often.
        label: under which it stood.
        documents: in how many documents it was decided so.
    """

    list: str
    text: str
    label: str
    documents: int


def suggestions(store: Store, fewest: int = FEWEST) -> list[Suggestion]:
    """Return the entries that the reviews of an outbox suggest, those of most documents first.

    A text is suggested if it was rejected (or added) in at least so many documents, and in none
    of them accepted (or let stand).
    """
    allow: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    deny: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    hidden: set[str] = set()
    standing: set[str] = set()
    for doc, review in _reviews(store):
        for item in review.get("texts", ()):
            key = core(item["text"]), item["label"]
            if not key[0]:
                continue
            if item["verdict"] == "rejected":
                allow[key][doc].append(item["text"])
                standing.add(key[0])
            else:
                hidden.add(key[0])
                if item["verdict"] == "added":
                    deny[key][doc].append(item["text"])
    found = [*_frequent("allow", allow, hidden, fewest), *_frequent("deny", deny, standing, fewest)]
    return sorted(found, key=lambda item: (item.list, -item.documents, item.text))


def add_to_lists(chosen: Iterable[Suggestion], folder: Path) -> dict[str, int]:
    """Add confirmed suggestions to ``allow.txt`` and ``deny.txt``; returns how many by list.

    An entry is a line: the text and, after a tab, its label (nescio.policy.load).
    """
    added: dict[str, int] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, items in groupby(sorted(chosen), key=lambda item: item.list):
        path = folder / f"{name}.txt"
        old = path.read_text("utf-8") if path.exists() else ""
        known = set(old.splitlines())
        lines = [f"{' '.join(item.text.split())}\t{item.label}" for item in items]
        new = [line for line in dict.fromkeys(lines) if line not in known]
        if old and not old.endswith("\n"):
            old += "\n"
        path.touch(mode=0o600)
        path.write_text(old + "".join(f"{line}\n" for line in new), "utf-8")
        added[name] = len(new)
    return added


def _reviews(store: Store) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for entry in store.list(f"{PRIVATE}/review"):
        name = entry.key.removeprefix(LISTED)
        if name.endswith(".json") and "/" not in name:
            yield name.removesuffix(".json"), json.loads(store.read(entry.key))


def _frequent(
    name: str,
    texts: Mapping[tuple[str, str], Mapping[str, list[str]]],
    contradicted: set[str],
    fewest: int,
) -> Iterable[Suggestion]:
    for (bare, label), documents in texts.items():
        if len(documents) >= fewest and bare not in contradicted:
            written = [text for found in documents.values() for text in found]
            most = max(sorted(set(written)), key=written.count)
            yield Suggestion(name, most, label, len(documents))
