"""What one who looked at it said of each hit on the real study reports: right, or wrong.

``python -m training.evaluation.judged FILE.tsv`` writes the hits that nobody judged yet, with what
stands around them; ``--take FILE.tsv`` adds the answers in its first column (``y``: it identifies
somebody, a site, a study or a date; ``n``: hidden for nothing) to ``judged.csv``. That file holds
digests alone, for the reports name people.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from training.evaluation.metrics import Hit

JUDGEMENTS: Final = Path(__file__).with_name("judged.csv")
AROUND: Final = 30  # characters of context that tell equal hits apart


def key(text: str, start: int, end: int) -> str:
    """Return a digest of a hit and of the words before it, digits alike."""
    before = re.sub(r"\d", "0", " ".join(text[max(0, start - AROUND) : start].split()))
    whole = f"{before}|{' '.join(text[start:end].split())}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def judgements(path: Path = JUDGEMENTS) -> dict[str, bool]:
    """Return digest -> whether the hit is an identifier."""
    if not path.exists():
        return {}
    with path.open(newline="") as lines:
        return {row["hit"]: row["identifier"] == "y" for row in csv.DictReader(lines)}


def shares(
    texts: Sequence[str], spans: Sequence[Sequence[Hit]], known: dict[str, bool]
) -> dict[str, float]:
    """Return the shares of all words that hits judged right, judged wrong and not judged touch."""
    counts: Counter[str] = Counter()
    for text, hits in zip(texts, spans, strict=True):
        marks = [(a, b, known.get(key(text, a, b))) for a, b, _ in hits]
        for word in re.finditer(r"\w+", text):
            counts["words"] += 1
            found = [right for a, b, right in marks if a < word.end() and b > word.start()]
            if found:
                one = True if True in found else None if None in found else False
                counts[{True: "right", False: "wrong", None: "unjudged"}[one]] += 1
    return {name: counts[name] / max(1, counts["words"]) for name in ("right", "wrong", "unjudged")}


def unjudged(
    texts: Sequence[str], spans: Sequence[Sequence[Hit]], known: dict[str, bool]
) -> list[list[str]]:
    """Return ``[digest, label, before, hit, after]`` of each hit that nobody judged, once."""
    rows: dict[str, list[str]] = {}
    for text, hits in zip(texts, spans, strict=True):
        for start, end, label in hits:
            digest = key(text, start, end)
            parts = (text[max(0, start - AROUND) : start], text[start:end], text[end : end + 20])
            if digest not in known:
                rows.setdefault(digest, [digest, label, *(" ".join(p.split()) for p in parts)])
    return sorted(rows.values(), key=lambda row: (row[1], row[3]))


def take(answers: Iterable[Sequence[str]], known: dict[str, bool], path: Path) -> int:
    """Add the answers ``[y or n, digest, ...]`` to the file and return how many there were."""
    new = {row[1]: row[0].strip().lower() == "y" for row in answers if row[0].strip()}
    merged = known | new
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["hit", "identifier"])
        writer.writerows([digest, "ny"[right]] for digest, right in sorted(merged.items()))
    return len(new)


def main() -> None:
    """Write the hits to judge, or take the answers."""
    from nescio.tagger import load
    from training.evaluation.sets import study_reports
    from training.evaluation.systems import whole

    shared = Path(__file__).parents[3] / "shared" / "data"
    parser = argparse.ArgumentParser(prog="python -m training.evaluation.judged")
    parser.add_argument("file", type=Path, help="table of hits, separated by tabs")
    parser.add_argument("--take", action="store_true", help="read answers instead")
    parser.add_argument("--data", type=Path, default=shared)
    options = parser.parse_args()
    known = judgements()
    if options.take:
        rows = csv.reader(options.file.read_text(encoding="utf-8").splitlines(), delimiter="\t")
        print(f"{take(rows, known, JUDGEMENTS)} answers: {JUDGEMENTS}")
        return
    texts = [text for one in study_reports(options.data).values() for text in one]
    with options.file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter="\t")
        rows_ = unjudged(texts, whole(load(None))(texts), known)
        writer.writerows(["", *row] for row in rows_)
    print(f"{len(rows_)} hits to judge: {options.file}")


if __name__ == "__main__":
    main()
