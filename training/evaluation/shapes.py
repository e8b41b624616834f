"""``python -m training.evaluation.shapes WITH WITHOUT``: what word shapes bring.

Both folders are work folders of ``python -m training.tagger``, one of them with ``--no-shapes``, of
the same seed, steps and tokens. Only names are looked at. Beside recall and precision at the
threshold 0.5, both models are brought to one precision, the higher of the two, by raising the
threshold of the other, and their recall there is compared on the same texts.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification

from nescio.tagger.batching import assemble, windows
from nescio.tagger.decode import decode
from nescio.tagger.encoding import Encoded, encode
from nescio.tagger.labels import LABEL_NAMES, shipped_head
from nescio.tagger.thresholds import Thresholds
from nescio.tagger.torch_runtime import TorchScorer
from training.evaluation.metrics import Counts, bootstrap, count, wilson
from training.evaluation.sets import TestSet, test_sets
from training.tagger.sources import Example

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "docs" / "word-shapes.md"
SHIPPED_CURVE: Final = ROOT / "docs" / "tagger-curve.csv"
DEFAULT: Final = 0.5
GRID: Final = tuple(float(x) for x in np.round(np.arange(0.05, 1.0, 0.025), 3))
RESAMPLES: Final = 1_000
ONLY_NAMES: Final = frozenset({"NAME"})


class Scored(NamedTuple):
    """Texts of one set as one model sees them."""

    encoded: list[Encoded]
    logits: list[np.ndarray]


def first_of(test: TestSet, characters: int) -> TestSet:
    """Return the first texts of a set, as long together as ``characters`` or just longer."""
    ends = np.cumsum([len(example.text) for example in test.examples])
    number = int(np.searchsorted(ends, characters)) + 1
    return test._replace(examples=test.examples[:number])


def names_of(example: Example) -> Example:
    """Keep the names of an example; what the set calls a name and something else says nothing."""
    unsure = [(span.start, span.end) for span in example.spans if "NAME" in span.also]
    return example._replace(
        spans=tuple(span for span in example.spans if span.label == "NAME"),
        ignore=tuple(sorted([*example.ignore, *unsure])),
    )


def score(work: Path, texts: Sequence[str], shapes: bool) -> Scored:
    """Run the model of a work folder, in fp32 on the CPU.

    Args:
        work: folder that training wrote.
        texts: what to read.
        shapes: whether the model sees word shapes.
    """
    folder = work / "model"
    network: Any = AutoModelForTokenClassification.from_pretrained(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab()
    runner = TorchScorer(network, "cpu", vocabulary["[CLS]"], vocabulary["[SEP]"], 0, shapes=shapes)
    encoded = encode(tokenizer, texts)
    lengths = [len(one) for one in encoded]
    plan = windows(lengths)
    scores = runner.score(
        [encoded[w.text].ids[w.start : w.end] for w in plan],
        [encoded[w.text].types[w.start : w.end] for w in plan],
    )
    return Scored(encoded, assemble(lengths, plan, scores, runner.outputs))


def measured(scored: Scored, examples: Sequence[Example], threshold: float) -> Counts:
    """Count the names that a model finds at a threshold, as names."""
    head = shipped_head()
    limits = Thresholds(np.full(len(LABEL_NAMES), threshold, np.float32), {})
    hits = [
        [(s.start, s.end, s.label) for s in decode(one, logits, head, limits) if s.label == "NAME"]
        for one, logits in zip(scored.encoded, scored.logits, strict=True)
    ]
    return count(examples, hits, ONLY_NAMES, ONLY_NAMES)


def precision(counts: Counts) -> float:
    """Return the share of hidden letters and digits that belong to a name."""
    table = np.array(counts.documents)
    return float(table[:, 0].sum() / max(1, table[:, 1].sum()))


def brought_to(scored: Scored, examples: Sequence[Example], wanted: float) -> tuple[float, Counts]:
    """Return the lowest threshold of GRID with at least this precision, and the counts there.

    Where none reaches it, the one of the highest precision.
    """
    best = (-1.0, DEFAULT, Counts())
    for threshold in GRID:
        counts = measured(scored, examples, threshold)
        if precision(counts) >= wanted:
            return threshold, counts
        best = max(best, (precision(counts), threshold, counts), key=lambda entry: entry[0])
    return best[1:]


def difference(
    one: Counts, other: Counts, examples: Sequence[Example]
) -> tuple[float, float, float]:
    """Return recall of one less that of the other, with a 95 % interval by resampling texts."""
    total = np.array([len(example.spans) for example in examples], float)
    gain = np.array([row[4] for row in other.documents], float)
    gain -= np.array([row[4] for row in one.documents], float)
    draws = np.random.default_rng(1).integers(0, len(total), (RESAMPLES, len(total)))
    ratios = gain[draws].sum(axis=1) / np.maximum(total[draws].sum(axis=1), 1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(gain.sum() / total.sum()), float(low), float(high)


def _percent(values: tuple[float, float, float]) -> str:
    share, low, high = (100 * value for value in values)
    return f"{share:.1f} [{low:.1f}, {high:.1f}]"


def _cells(counts: Counts) -> str:
    names, found, full = counts.mentions["NAME"]
    shares = (wilson(found, names), wilson(full, names), bootstrap(counts.documents, 0, 1))
    return " | ".join(map(_percent, shares))


def rows(test: TestSet, folders: dict[str, Path]) -> list[str]:
    """Compare both models on one set."""
    examples = [names_of(example) for example in test.examples]
    texts = [example.text for example in examples]
    scored = {name: score(work, texts, name == "with") for name, work in folders.items()}
    plain = {name: measured(one, examples, DEFAULT) for name, one in scored.items()}
    wanted = max(map(precision, plain.values()))
    lines, matched = [], {}
    for name, one in scored.items():
        threshold, matched[name] = brought_to(one, examples, wanted)
        for limit, counts in ((DEFAULT, plain[name]), (threshold, matched[name])):
            lines.append(f"| {test.name} | {name} | {limit:.3f} | {_cells(counts)} |")
    gain = difference(matched["with"], matched["without"], examples)
    names = sum(len(example.spans) for example in examples)
    lines.append(
        f"| {test.name}, {len(texts)} texts, {names:,} names | with, less without | "
        f"| {_percent(gain)} | | at a precision of {100 * wanted:.1f} % |"
    )
    return lines


def curve_of(work: Path) -> tuple[str, str]:
    """Return steps and loss at the end of a training."""
    with (work / "curve.csv").open(encoding="utf-8") as lines:
        last = list(csv.reader(lines))[-1]
    return last[0], last[2]


def main() -> None:
    """Compare and write the table."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluation.shapes")
    parser.add_argument("with_shapes", type=Path)
    parser.add_argument("without", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--characters", type=int, default=10**9, help="read so many of each set, in whole texts"
    )
    parser.add_argument("--tokens", type=int, required=True, help="of a batch, in both trainings")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    folders = {"with": options.with_shapes, "without": options.without}
    (steps, loss), (other_steps, other_loss) = map(curve_of, folders.values())
    if steps != other_steps:
        raise SystemExit(f"{steps} and {other_steps} steps: only equal trainings can be compared")
    template = Path(__file__).with_name("shapes.md").read_text(encoding="utf-8")
    table = []
    for test in test_sets(options.data if options.data.is_dir() else None):
        table += rows(first_of(test, options.characters), folders)
        print(*table[-5:], sep="\n", flush=True)
    values = {
        "STEPS": steps, "TOKENS": f"{options.tokens:,}", "LOSS": loss, "OTHER_LOSS": other_loss,
        "SHIPPED": SHIPPED_CURVE.read_text(encoding="utf-8").splitlines()[-1].split(",")[0],
        "TABLE": "\n".join(table),
    }  # fmt: skip
    for name, value in values.items():
        template = template.replace("{{" + name + "}}", value)
    options.out.write_text(template, encoding="utf-8")


if __name__ == "__main__":
    main()
