"""``python -m training.evaluate``: measure detection and write docs/accuracy.md."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from nescio.tagger import load
from training.evaluation import speed, systems
from training.evaluation.judged import judgements, shares
from training.evaluation.metrics import Counts, bootstrap, count, wilson
from training.evaluation.sets import UNREAD, TestSet, study_reports, test_sets
from training.evaluation.systems import Spans, System

ROOT = Path(__file__).parents[1]

HEADER = """# How well Nescio finds identifiers

Written by `make eval` (`python -m training.evaluate`); numbers in brackets are 95 % intervals:
Wilson for recall, bootstrap over documents for the rest. A mention is *found* when any of its
letters or digits is hidden, *full* when all are, under whatever label. *Precision* is the share
of hidden letters and digits that belong to a mention; *ordinary words hidden* the share of words
outside mentions that are touched. Labels that a set does not annotate count neither way.

* *whole* is what `nescio detect` runs: patterns, tagger, lexicon and hybrid search.
* Presidio runs its batch engine with spaCy's small English model, in the same run.
"""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", default=None, help="folder of a model; default: the shipped one")
    parser.add_argument("--presidio", type=Path, default=ROOT / ".cache/presidio/bin/python")
    parser.add_argument("--limit", type=int, default=None, help="texts of each set")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    parser.add_argument("--corrections", type=Path, help="private/corrections of an output folder")
    return parser.parse_args()


def percent(values: tuple[float, float, float], digits: int = 1) -> str:
    """Write a share with its interval in percent."""
    share, low, high = (100 * value for value in values)
    return f"{share:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def overall_row(name: str, counts: Counts, speed: float) -> str:
    """Return the line of one system in a set's table."""
    mentions, found, full = counts.total()
    names = counts.mentions.get("NAME", [0, 0, 0])
    cells = [
        name, percent(wilson(found, mentions)), percent(wilson(full, mentions)),
        percent(wilson(names[1], names[0])), percent(wilson(names[2], names[0])),
        percent(bootstrap(counts.documents, 0, 1)), percent(bootstrap(counts.documents, 2, 3), 2),
        f"{speed:.0f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def set_section(test: TestSet, candidates: dict[str, System], seconds: dict[str, float]) -> str:
    """Measure every system on one set and return its section."""
    texts = [example.text for example in test.examples]
    lines = [
        f"\n## {test.name}\n", f"{test.note}; {len(texts)} texts.\n",
        "| system | found % | full % | names found % | names full % | precision % "
        "| ordinary words hidden % | texts/s |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    kept: dict[str, Counts] = {}
    for name, system in candidates.items():
        spans, took = systems.timed(system, texts)
        took = seconds.pop("presidio", took)
        kept[name] = count(test.examples, spans, test.annotated, test.measured)
        lines.append(overall_row(name, kept[name], len(texts) / took))
        print(lines[-1], flush=True)
    lines += _label_table(kept["whole"])
    if not test.annotated.issuperset(kept["whole"].hits):
        lines.append(_meant(kept["whole"]))
    worst = sorted(
        zip(kept["whole"].documents, range(len(texts)), strict=True), key=lambda pair: -pair[0][4]
    )[:5]
    missed = ", ".join(f"{index} ({doc[4]})" for doc, index in worst if doc[4])
    lines.append(f"\nWorst texts by number in the set (mentions missed): {missed or 'none'}.")
    return "\n".join(lines)


def _meant(counts: Counts) -> str:
    """Say how many names are found under a label that the set knows, where it knows few."""
    names, found, _ = counts.mentions.get("NAME", [0, 0, 0])
    meant = counts.meant.get("NAME", 0)
    return (
        f"\nOf the {found} names that are found, {meant} lie under a label that the set annotates "
        f"({percent(wilson(meant, names))} % of all names); labels that it does not annotate, "
        "which training left open in such texts, hide the rest."
    )


def _label_table(counts: Counts) -> list[str]:
    """Return the table of one system by label."""
    lines = [
        "\nBy label (*whole*):\n",
        "| label | mentions | found % | full % | hits | hits on no mention |",
        "|---|---|---|---|---|---|",
    ]
    for label in sorted({*counts.mentions, *counts.hits}):
        mentions, found, full = counts.mentions.get(label, [0, 0, 0])
        hits, wrong = counts.hits.get(label, [0, 0])
        shares = [percent(wilson(n, mentions)) if mentions else "" for n in (found, full)]
        lines.append(f"| {label} | {mentions} | {shares[0]} | {shares[1]} | {hits} | {wrong} |")
    return lines


def reports_section(reports: dict[str, list[str]], candidates: dict[str, System]) -> str:
    """Count hits on the real study reports, which are nearly free of identifiers."""
    texts = [text for one in reports.values() for text in one]
    words = sum(len(re.findall(r"\w+", text)) for text in texts)
    lines = [
        "\n## Real study reports\n",
        f"Four public reports and protocols, {len(texts)} paragraphs, {words} words, free of "
        "patients' identifiers. What is hidden are dates, study numbers, investigators, sponsors "
        "and sites, which a policy may keep, and errors. Every hit of *whole* was looked at by "
        "hand by one of the developers (`training/evaluation/judged.py`); *wrongly* counts the "
        "words that hits judged wrong touch; a hit that came with later weights or rules is not "
        "judged until somebody looks at it.\n",
        "| system | words hidden % | wrongly % | not judged % | hits by label |",
        "|---|---|---|---|---|",
    ]
    known = judgements()
    by_report: list[str] = []
    for name, system in candidates.items():
        spans = system(texts)
        labels = Counter(label for one in spans for _, _, label in one)
        found = shares(texts, spans, known)
        listed = ", ".join(f"{label} {number}" for label, number in labels.most_common())
        cells = [f"{100 * share:.2f}" for share in (sum(found.values()), *found.values())]
        judged = cells[2:] if name == "whole" else ["", ""]
        lines.append(f"| {name} | {cells[0]} | {' | '.join(judged)} | {listed} |")
        print(lines[-1], flush=True)
        if name == "whole":
            by_report = _report_table(reports, spans, known)
    return "\n".join([*lines, *by_report])


def _report_table(reports: dict[str, list[str]], spans: Spans, known: dict[str, bool]) -> list[str]:
    """Return the table of *whole* by report, those that nobody read for its word lists apart."""
    lines = [
        "\nBy report (*whole*). False hits on the reports marked *read* were looked at before the "
        "lists of `nescio/search/data/terms.yaml` were written: their figures are in sample. *Not "
        "judged* are hits that nobody has looked at yet.\n",
        "| report | read | words | words hidden % | wrongly % | not judged % |",
        "|---|---|---|---|---|---|",
    ]
    first = 0
    for name, texts in reports.items():
        found = shares(texts, spans[first : first + len(texts)], known)
        first += len(texts)
        words = sum(len(re.findall(r"\w+", text)) for text in texts)
        cells = [f"{100 * share:.2f}" for share in (sum(found.values()), *found.values())]
        read = "no" if name in UNREAD else "yes"
        lines.append(f"| {name} | {read} | {words} | {cells[0]} | {' | '.join(cells[2:])} |")
    return lines


def main() -> None:
    """Measure all systems on all sets and write the tables."""
    options = arguments()
    data = options.data if options.data.is_dir() else None
    tagger = load(options.model)
    seconds: dict[str, float] = {}
    candidates: dict[str, System] = {"patterns": systems.patterns_alone}
    if tagger:
        candidates["tagger"] = systems.tagger_alone(tagger)
    candidates["whole"] = systems.whole(tagger)
    if options.presidio.exists():
        candidates["Presidio"] = systems.presidio(options.presidio, seconds)
    else:
        print("No Presidio to compare with: make .cache/presidio/bin/python")
    version = tagger.version[:12] if tagger else "none"
    parts = [HEADER, f"Tagger weights: `{version}`."]
    if options.limit:
        parts.append(f"\nA quick run: {options.limit} texts of each set (`--limit`).")

    def add(section: str) -> None:
        """Keep a section at once: a run that is stopped has written what it measured."""
        parts.append(section)
        options.out.write_text("\n".join(parts) + "\n", encoding="utf-8")

    for test in test_sets(data, options.limit, options.corrections):
        add(set_section(test, candidates, seconds))
    if data:
        reports = study_reports(data)
        number = sum(map(len, reports.values()))
        step = max(1, number // (10 * options.limit)) if options.limit else 1
        add(reports_section({name: t[::step] for name, t in reports.items()}, candidates))
    if tagger:
        add(speed.section(options.model))


if __name__ == "__main__":
    main()
