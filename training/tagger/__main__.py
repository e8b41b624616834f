"""``python -m training.tagger``: train the tagger, resumable and seeded, and export it."""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from training.tagger import model as network
from training.tagger import sources
from training.tagger.batches import Corpus, Item, items, shuffled

ROOT = Path(__file__).parents[2]


def arguments(line: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    shared = ROOT.parent / "shared" / "data"
    parser = argparse.ArgumentParser(prog="python -m training.tagger", description=__doc__)
    parser.add_argument("--data", type=Path, default=shared, help="folder of phi/, sections/ ...")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "tagger")
    parser.add_argument("--steps", type=int, default=3000, help="0: only save the weights")
    parser.add_argument("--tokens", type=int, default=4096, help="tokens of one batch")
    parser.add_argument("--rate", type=float, default=3e-4, help="peak learning rate")
    parser.add_argument("--minutes", type=float, default=85.0, help="finish within this time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--continue-from", type=Path, help="folder of trained weights to start from, not the base"
    )
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        help="of what was learnt in the mean of these weights and those of --continue-from",
    )
    parser.add_argument(
        "--freeze",
        type=int,
        default=0,
        help="leave embeddings and so many lower layers as they are",
    )
    parser.add_argument("--corrections", type=Path, help="private/corrections of an output folder")
    parser.add_argument(
        "--no-shapes", action="store_true", help="train without word shapes, to compare"
    )
    return parser.parse_args(line)


def development(tokenizer: Any) -> list[list[Item]]:
    """Return batches of templates, names and formats that training does not see."""
    rng = random.Random(99)
    examples = list(islice(sources.synthetic(99, "heldout"), 300))
    return shuffled(items(tokenizer, examples), 4096, rng)


@torch.inference_mode()
def recall(model: Any, batches: list[list[Item]], cls: int, sep: int) -> tuple[float, float]:
    """Return the share of entity tokens that got an entity tag, and of others that did too."""
    model.eval()
    counts = np.zeros(4)
    for batch in batches:
        tensors = network.collate(batch, cls, sep)
        tags = forward(model, tensors)[..., :27].argmax(-1)
        scored = tensors["rule"] >= 0
        truth = (tensors["rule"] > 0) & (tensors["rule"] < 27)
        hit = tags > 0
        counts += [
            int((hit & truth & scored).sum()), int((truth & scored).sum()),
            int((hit & ~truth & scored).sum()), int((~truth & scored).sum()),
        ]  # fmt: skip
    model.train()
    return counts[0] / counts[1], counts[2] / counts[3]


def plain(item: Item) -> Item:
    """Take the word shapes away: what the uncased vocabulary shows is left."""
    return item._replace(types=np.zeros_like(item.types))


@cache
def has_bfloat16() -> bool:
    """Say whether the processor has instructions for bfloat16, which are slow to imitate."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def forward(model: Any, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """Run the network, in bfloat16 where the processor computes in it."""
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
        output: torch.Tensor = model(
            input_ids=tensors["ids"],
            attention_mask=tensors["mask"],
            token_type_ids=tensors["types"],
        ).logits
    return output


class Run:
    """One training run: model, optimiser, and what is needed to go on after a stop."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.model = network.build(options.continue_from)
        network.freeze(self.model, options.freeze)
        self.optimiser = torch.optim.AdamW(
            [each for each in self.model.parameters() if each.requires_grad],
            lr=options.rate,
            weight_decay=0.01,
            betas=(0.9, 0.98),
        )
        self.step, self.spent = 0, 0.0
        self.checkpoint = options.work / "checkpoint.pt"
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent = state["step"], state["spent"]

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        part = self.checkpoint.with_suffix(".part")
        state = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save({**state, "step": self.step, "spent": self.spent}, part)
        part.replace(self.checkpoint)

    def progress(self) -> float:
        """Return how much of the run is over: of its steps or of its time, whichever is more."""
        if not self.options.steps:
            return 1.0
        return max(self.step / self.options.steps, self.spent / (60 * self.options.minutes))

    def train(self, batch: dict[str, torch.Tensor]) -> float:
        """Make one step; the rate rises over 5 % of the run and then falls to zero."""
        started = time.monotonic()
        done = self.progress()
        rate = self.options.rate * min(done / 0.05 + 0.02, (1 - done) / 0.95, 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = max(rate, 0.0)
        value = network.loss(forward(self.model, batch), batch["rule"], batch["kind"])
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.spent += time.monotonic() - started
        return float(value.detach())


def main(line: Sequence[str] | None = None) -> None:
    """Train until the steps or the minutes are over, then save the Hugging Face folder.

    Args:
        line: the command line's arguments; None for those of this process.
    """
    options = arguments(line)
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    data = options.data if options.data.is_dir() else None
    if data is None:
        print("No data folder: training on the generator's text alone.")
    tokenizer = Tokenizer.from_file(str(network.base_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    run = Run(options)
    run.model.train()
    corpus = Corpus(data, options.seed + run.step, options.corrections)
    dev = development(tokenizer)
    stream: Iterator[list[Item]] = corpus.batches(tokenizer, options.tokens)
    if options.no_shapes:
        dev = [[plain(item) for item in batch] for batch in dev]
        stream = ([plain(item) for item in batch] for batch in stream)
    with (options.work / "curve.csv").open("a", newline="") as out:
        curve = csv.writer(out)
        mean = 0.0
        while run.progress() < 1.0:
            value = run.train(network.collate(next(stream), cls, sep))
            mean = value if mean == 0.0 else 0.98 * mean + 0.02 * value
            if run.step % 100 == 0:
                found, false = recall(run.model, dev, cls, sep)
                row = [run.step, round(run.spent), *(f"{x:.5f}" for x in (mean, found, false))]
                curve.writerow(row)
                out.flush()
                print("step", *row, flush=True)
                run.save()
    run.save()
    if options.continue_from and options.share < 1.0:
        network.average(run.model, options.continue_from, options.share)
    run.model.save_pretrained(options.work / "model")
    tokenizer.save(str(options.work / "model" / "tokenizer.json"))
    print(f"trained {run.step} steps in {run.spent:.0f} s: {options.work / 'model'}")


if __name__ == "__main__":
    main()
