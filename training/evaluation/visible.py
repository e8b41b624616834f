"""``make eval-visible``: what stays visible in whole documents: gold boxes against released words.

``make eval`` measures detection on texts. Here documents of the generator go through the whole run,
and every gold box is looked at in the released PDF: a letter or digit left in it counts, whatever
part of the pipeline let it stand. Whole documents show what texts cannot: cells that extraction
joined, tables whose heading was lost, documents that were held back without need.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pymupdf

from benchmarks.runs import watched_run
from training.synthetic.record import make_record
from training.synthetic.report import make_report

ROOT: Final = Path(__file__).parents[2]


class Visible(NamedTuple):
    """A gold box of which something can still be read.

    Attributes:
        page: counted from 0.
        label: of the mention.
        text: the mention, all of it. Generated, so nobody's.
        words: what is left in the box.
    """

    page: int
    label: str
    text: str
    words: tuple[str, ...]


class Tally(NamedTuple):
    """Gold boxes by label: all, and those with something left; and how documents ended."""

    boxes: Counter[str]
    left: Counter[str]
    outcomes: Counter[str]
    found: list[tuple[str, Visible]]


def visible(released: pymupdf.Document, gold: Mapping[str, Any]) -> Iterator[Visible]:
    """Yield the gold boxes in which a word of a released document is centred.

    Args:
        released: the redacted document.
        gold: of the document that it was made from (``training.synthetic``).
    """
    words: dict[int, Any] = {}
    for mention in gold["mentions"]:
        for page, x0, y0, x1, y1 in mention["boxes"]:
            if page not in words:
                words[page] = released[page].get_text("words")
            left = tuple(
                word[4]
                for word in words[page]
                if x0 < (word[0] + word[2]) / 2 < x1
                and y0 < (word[1] + word[3]) / 2 < y1
                and any(map(str.isalnum, word[4]))
            )
            if left:
                yield Visible(page, mention["label"], mention["text"], left)


def tally(out: Path, golds: Path) -> Tally:
    """Compare the released documents of a run with the gold of what went in.

    Args:
        out: the output folder of ``nescio run``.
        golds: folder of ``<name>.gold.json`` for each ``<name>.pdf`` of the input.
    """
    found = Tally(Counter(), Counter(), Counter(), [])
    with (out / "private" / "documents.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        found.outcomes[row["outcome"]] += 1
        if row["outcome"] != "released":
            continue
        name = Path(row["path"]).stem
        gold = json.loads((golds / f"{name}.gold.json").read_text(encoding="utf-8"))
        found.boxes.update(m["label"] for m in gold["mentions"] for _ in m["boxes"])
        with pymupdf.open(out / row["released_as"]) as released:
            left = list(visible(released, gold))
        found.left.update(item.label for item in left)
        found.found.extend((name, item) for item in left)
    return found


def page(result: Tally, drawn: str) -> str:
    """Return the Markdown page of a result."""
    ended = ", ".join(f"{number} {name}" for name, number in sorted(result.outcomes.items()))
    lines = [
        "# What stays visible",
        "",
        "Written by `make eval-visible`. Documents of the generator went through `nescio run`",
        "under the policy `everything`; in each released PDF every gold box was looked at. A box",
        "counts as *visible* where a word with a letter or a digit is centred in it, be it a part",
        "of the mention only (the MD behind a name). The generator's templates and tables are",
        "those that rules were written and the tagger was trained with: an in-style figure.",
        "",
        f"{drawn}: {ended}.",
        "",
        "| label | boxes | visible |",
        "|---|---:|---:|",
        *(
            f"| {name} | {result.boxes[name]} | {result.left[name]} |"
            for name in sorted(result.boxes)
        ),
        "",
        "What was visible (generated, nobody's):",
        "",
        *(
            f'* {name}, page {item.page + 1}: {item.label} "{item.text}": {" ".join(item.words)}'
            for name, item in result.found
        ),
    ]
    return "\n".join(lines) + "\n"


def main(line: Sequence[str] | None = None) -> None:
    """Draw documents, run, compare, write.

    Args:
        line: the command line's arguments; None for those of this process.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=8)
    parser.add_argument("--reports", type=int, default=4)
    parser.add_argument("--pages", type=int, default=12, help="of each report")
    parser.add_argument("--seed", default="visible")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "visible.md")
    options = parser.parse_args(line)
    with tempfile.TemporaryDirectory(prefix="nescio-") as name:
        golds, given, out = (Path(name) / part for part in ("gold", "in", "out"))
        given.mkdir()
        for number in range(options.records):
            make_record(f"{options.seed}{number}").save(golds / f"record{number}.pdf")
        for number in range(options.reports):
            seed = f"{options.seed}{number}"
            make_report(seed, pages=options.pages).save(golds / f"report{number}.pdf")
        for pdf in golds.glob("*.pdf"):
            (given / pdf.name).hardlink_to(pdf)
        watched_run(given, out)
        result = tally(out, golds)
    drawn = (
        f"{options.records} records and {options.reports} reports of {options.pages} pages, "
        f"seed `{options.seed}`"
    )
    options.out.write_text(page(result, drawn), encoding="utf-8")
    print(f"{sum(result.left.values())} of {sum(result.boxes.values())} boxes: {options.out}")


if __name__ == "__main__":
    main()
