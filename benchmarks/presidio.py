"""Paragraphs a second beside Presidio's batch engine: the same texts, one run, one machine."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from nescio.tagger import load
from nescio.tagger.encoding import encode
from nescio.tagger.onnx_runtime import cores
from training.evaluation import systems
from training.evaluation.speed import paragraphs_of_text

PYTHON: Final = Path(__file__).parents[1] / ".cache" / "presidio" / "bin" / "python"
ROUNDS: Final = 3
WARM_UP: Final = 20
TARGET: Final = 5.0
"""Times Presidio's paragraphs a second, and times the network one paragraph at a time in torch."""

ONE_BY_ONE: Final = "The same network in fp32 by transformers, one paragraph at a time"


def measure(python: Path, number: int) -> dict[str, Any]:
    """Time each system on the same texts, in turns; the best of ``ROUNDS`` counts.

    Args:
        python: interpreter of an environment with Presidio.
        number: distinct paragraphs.
    """
    tagger: Any = load(None, "onnx")
    texts = paragraphs_of_text(tagger, number)
    own: dict[str, float] = {}
    presidio = systems.presidio(python, own)
    torch_tagger: Any = load(None, "torch")
    candidates = {
        "Nescio, tagger": systems.tagger_alone(tagger),
        "Nescio, tagger, one paragraph at a time, one core": _one_call_a_text(_on_one_core(tagger)),
        ONE_BY_ONE: _one_call_a_text(torch_tagger),
        "Nescio, all of detect": systems.whole(tagger),
        "Presidio, batch engine": presidio,
    }
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, system in candidates.items():
            if system is not presidio:
                system(texts[:WARM_UP])  # Presidio warms up inside its own process
            _, seconds = systems.timed(system, texts)
            seconds = own.pop("presidio", seconds)
            best[name] = max(best.get(name, 0.0), len(texts) / seconds)
            print(f"{name}: {len(texts) / seconds:.0f} paragraphs/s", flush=True)
    tokens = sum(len(one) for one in encode(tagger.tokenizer, texts))
    return {
        "paragraphs": len(texts),
        "tokens_per_paragraph": round(tokens / len(texts), 1),
        "characters_per_paragraph": round(sum(map(len, texts)) / len(texts), 1),
        "cores": cores(),
        "paragraphs_per_second": {name: round(value, 1) for name, value in best.items()},
    }


def _on_one_core(tagger: Any) -> Any:
    single = object.__new__(type(tagger.scorer))
    single.__dict__.update(tagger.scorer.__dict__, workers=1)
    return dataclasses.replace(tagger, scorer=single)


def _one_call_a_text(tagger: Any) -> systems.System:
    """Return the tagger called for each paragraph on its own."""

    def run(texts: Sequence[str]) -> systems.Spans:
        return [
            [(s.start, s.end, s.label) for s in spans]
            for t in texts
            for spans in tagger.predict([t])
        ]

    return run


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield "## Beside Presidio"
    yield ""
    yield (
        f"`make bench-presidio`: {part['paragraphs']} distinct paragraphs of "
        f"{part['tokens_per_paragraph']} tokens ({part['characters_per_paragraph']} characters) on "
        f"average, the same for all, from text to spans, in turns; the best of {ROUNDS} rounds. "
        "Presidio's batch engine, with batches of 32 and its small spaCy model, runs in an "
        "environment and process of its own, whose start is not counted; it uses one core, Nescio "
        f"{part['cores']}. What each finds on the same texts is in [accuracy](accuracy.md)."
    )
    yield ""
    yield from described(part["machine"])
    rates = part["paragraphs_per_second"]
    reference = rates["Presidio, batch engine"]
    alone = rates[ONE_BY_ONE]
    yield "| system | paragraphs/s | times Presidio | times one at a time |"
    yield "|---|---:|---:|---:|"
    for name, rate in rates.items():
        yield f"| {name} | {rate:.0f} | {rate / reference:.1f}x | {rate / alone:.1f}x |"
    yield ""
    yield f"The targets are {TARGET:.0f}x Presidio, and {TARGET:.0f}x one at a time for the tagger."


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, default=PYTHON, help="of Presidio's environment")
    parser.add_argument("--paragraphs", type=int, default=600)
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    if not chosen.python.exists():
        raise SystemExit("Presidio is not installed: `make bench-presidio` does that.")
    start = facts()
    part = measure(chosen.python, chosen.paragraphs)
    publish(chosen.output, {"presidio": part | {"machine": with_load_after(start)}})


if __name__ == "__main__":
    main()
