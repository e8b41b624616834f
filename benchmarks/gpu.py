"""The torch path wherever it runs: tokens a second, fill of the batches, share of the peak.

Ready for a GPU; without one it measures the same code on the CPU and says so.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.limits import best_seconds, operations
from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from nescio.tagger import load
from nescio.tagger.batching import windows
from nescio.tagger.encoding import encode
from nescio.tagger.torch_runtime import COMPILE_VARIABLE, TorchScorer
from training.evaluation.speed import paragraphs_of_text

PEAK_SIZE: Final = {"cuda": 8192, "cpu": 1024}
ROUNDS: Final = 3


def measure(number: int, runtime: str = "auto") -> dict[str, Any]:
    """Time the torch scorer on paragraphs of the generator.

    Args:
        number: distinct paragraphs; a GPU wants thousands.
        runtime: ``auto`` (a GPU where there is one) or ``cuda`` (a GPU or an error).

    Returns:
        device, its name, tokens_per_second (real tokens, windows to logits on the host), fill
        (real tokens of all that were computed), gflops, peak_gflops (of a square product in the
        same type on the same device), host_seconds and seconds of one pass over all windows.
    """
    import torch

    tagger: Any = load(None, "cuda" if runtime == "cuda" else "torch")
    scorer: TorchScorer = tagger.scorer
    texts = paragraphs_of_text(tagger, number)
    encoded = encode(tagger.tokenizer, texts)
    plan = windows([len(one) for one in encoded])
    ids = [encoded[w.text].ids[w.start : w.end] for w in plan]
    types = [encoded[w.text].types[w.start : w.end] for w in plan]
    seconds = best_seconds(lambda: scorer.score(ids, types), ROUNDS)
    lengths = [len(one) + 2 for one in ids]
    kind = next(scorer.model.parameters()).dtype
    on_gpu = scorer.device == "cuda"
    return {
        "device": scorer.device,
        "name": torch.cuda.get_device_name() if on_gpu else "CPU",
        "torch": torch.__version__,
        "type": str(kind).removeprefix("torch."),
        "compiled": scorer.compiled,
        "paragraphs": number,
        "tokens": sum(lengths),
        "seconds": round(seconds, 4),
        "tokens_per_second": round(sum(lengths) / seconds),
        "fill": round(fill(scorer, lengths), 4),
        "gflops": round(operations(lengths) / seconds / 1e9, 1),
        "peak_gflops": peak_gflops(scorer.device, kind),
    }


def fill(scorer: TorchScorer, lengths: Sequence[int]) -> float:
    """Return the share of real tokens in what the scorer's batches compute."""
    computed = sum(rows * width for _, rows, width in scorer.plan(lengths))
    return sum(lengths) / computed


def peak_gflops(device: str, kind: Any) -> float:
    """Return the best rate of a square matrix product in 10^9 operations a second."""
    import torch

    size = PEAK_SIZE[device]
    left = torch.ones((size, size), dtype=kind, device=device)

    def product() -> None:
        _ = left @ left
        if device == "cuda":
            torch.cuda.synchronize()

    return float(round(2 * size**3 / best_seconds(product, ROUNDS) / 1e9, 1))


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield "## The torch path, for a GPU"
    yield ""
    where = (
        f"on {part['name']}" if part["device"] == "cuda" else "**on the CPU, no GPU being here**"
    )
    yield (
        f"`make bench-gpu`, {where}, {part['type']}, PyTorch {part['torch']}"
        + (f", compiled ({part['compiled']})" if part["compiled"] else "")
        + f": {part['tokens_per_second']:,} tokens/s; {100 * part['fill']:.1f} % of what was "
        f"computed are real tokens, the rest is padding; {part['gflops']:,.0f} of "
        f"{part['peak_gflops']:,.0f} GFLOP/s ({100 * part['gflops'] / part['peak_gflops']:.0f} %)."
    )
    yield ""
    yield from described(part["machine"])
    yield (
        "Batches are filled up to a budget of padded tokens with windows of similar length; inputs "
        "go from pinned memory and scores come back to it without waiting; the host waits once, "
        f"at the end. `{COMPILE_VARIABLE}=inductor` (or `cudagraphs`) compiles the network for a "
        "small set of shapes, which costs padding; it has only been run on a CPU."
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=0, help="0: 5,000 on a GPU, else 200")
    parser.add_argument("--runtime", choices=("auto", "cuda"), default="auto")
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    import torch

    start = facts()
    number = chosen.paragraphs or (5_000 if torch.cuda.is_available() else 200)
    part = measure(number, chosen.runtime)
    print(json.dumps(part, indent=2))
    publish(chosen.output, {"gpu": part | {"machine": with_load_after(start)}})


if __name__ == "__main__":
    main()
