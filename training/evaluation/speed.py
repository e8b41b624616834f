"""How fast the tagger is, against one paragraph at a time, in one run on one machine."""

from __future__ import annotations

import dataclasses
import random
import time
from itertools import islice
from typing import Any

from benchmarks.machine import gemm_gflops
from nescio.tagger import load
from nescio.tagger.encoding import encode
from nescio.tagger.onnx_runtime import cores
from training.tagger.sources import synthetic

PARAGRAPHS = 200
MEAN_TOKENS = 69


def paragraphs_of_text(tagger: Any, number: int = PARAGRAPHS) -> list[str]:
    """Return distinct paragraphs of MEAN_TOKENS tokens on average, short and long ones."""
    rng = random.Random(11)
    pieces = synthetic(11, "heldout")
    texts = []
    for _ in range(number):
        wanted = rng.gammavariate(2.0, MEAN_TOKENS / 2.0)
        text = ""
        while not text or (len(text) + 90) / 3.4 < wanted:
            text = f"{text} {next(pieces).text}".strip()
        texts.append(text)
    return texts


def section(model: str | None) -> str:
    """Measure the runtimes and return a table."""
    onnx: Any = load(model, "onnx")
    texts = paragraphs_of_text(onnx)
    tokens = sum(len(one) for one in encode(onnx.tokenizer, texts)) / len(texts)
    alone = dataclasses.replace(onnx, scorer=_with_workers(onnx.scorer, 1))
    runs: dict[str, Any] = {
        f"ONNX, int8 weights, a window a call, {cores()} workers (shipped)": onnx.predict,
        "ONNX, int8 weights, one worker": alone.predict,
    }
    try:
        torch_tagger: Any = load(model, "torch")
    except Exception:  # torch is not installed: measure the rest
        torch_tagger = None
    if torch_tagger:
        runs["torch, sorted batches by token budget"] = torch_tagger.predict
        runs["torch, one paragraph at a time"] = lambda some: [
            torch_tagger.predict([text]) for text in some
        ]
    lines = [
        "\n## Speed\n",
        f"{len(texts)} distinct paragraphs of {tokens:.0f} tokens on average, from text to spans, "
        f"{cores()} cores, each line the best of two in one run, on a machine that multiplied fp32 "
        f"matrices at {gemm_gflops():.0f} GFLOP/s just before.\n",
        "| runtime | paragraphs/s |",
        "|---|---|",
    ]
    best = dict.fromkeys(runs, 0.0)
    for _ in range(2):
        for name, run in runs.items():
            list(islice(run(texts[:20]), 1))
            started = time.monotonic()
            run(texts)
            best[name] = max(best[name], len(texts) / (time.monotonic() - started))
    lines += [f"| {name} | {value:.0f} |" for name, value in best.items()]
    print("\n".join(lines[-len(best) :]), flush=True)
    return "\n".join(lines)


def _with_workers(scorer: Any, workers: int) -> Any:
    """Return a scorer that shares the session and uses other numbers of threads."""
    other = object.__new__(type(scorer))
    other.__dict__.update(scorer.__dict__, workers=workers)
    return other
