"""Where the limit is: the machine's matrix products and memory, and the share that is reached."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.machine import described, facts, with_load_after
from benchmarks.page import DOCS, publish
from nescio.blobs import cut_blobs
from nescio.context import predict_context
from nescio.search import collect_lexicon, find_patterns, hybrid_search
from nescio.tagger import load
from nescio.tagger.batching import windows
from nescio.tagger.encoding import encode
from nescio.tagger.manifest import SHIPPED
from nescio.tagger.onnx_runtime import cores
from training.evaluation.speed import paragraphs_of_text
from training.evaluation.systems import paragraphs

SIZE: Final = 1024
"""Rows and columns of the matrices."""


def best_seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some timings, after one call to warm up."""
    work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def peaks(size: int = SIZE) -> dict[str, float]:
    """Return 10^9 operations a second of square matrix products, on all cores.

    fp32 (the shipped tagger's arithmetic) and bf16 as PyTorch multiplies them; int8 as ONNX
    Runtime does (unsigned by signed bytes into 32 bits): once with one call on all cores, once as
    the tagger makes its calls, a single-threaded one on each core.
    """
    import torch

    found = {}
    torch.set_num_threads(cores())
    for name, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        left = torch.ones((size, size), dtype=kind)
        found[name] = _gops(size, best_seconds(lambda left=left: left @ left))  # type: ignore[misc]
    matrix = np.ones((size, size), np.uint8)
    whole = _int8_product(size, cores())
    found["int8"] = _gops(size, best_seconds(lambda: whole.run(None, {"a": matrix})))
    single = _int8_product(size, 1)
    with ThreadPoolExecutor(cores()) as pool:
        calls = [matrix] * cores()
        seconds = best_seconds(lambda: list(pool.map(lambda a: single.run(None, {"a": a}), calls)))
    found["int8, a call a core"] = _gops(size, seconds / cores())
    return found


def _gops(size: int, seconds: float) -> float:
    return float(f"{2 * size**3 / seconds / 1e9:.4g}")


def _int8_product(size: int, threads: int) -> Any:
    """Return an ONNX Runtime session that multiplies bytes ``a`` by a constant matrix."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(np.ones((size, size), np.int8), "b")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [size, size])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def operations(lengths: list[int]) -> float:
    """Return the multiplications and additions of the shipped tagger's matrix products.

    A layer of width h and inner width m: 8h² + 4hm for each token (query, key, value, output; in,
    out) and 4h for each pair of tokens (scores, weighted sum).

    Args:
        lengths: tokens of each window, special tokens included.
    """
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    layers, outputs = config["num_hidden_layers"], len(config["id2label"])
    tokens, pairs = sum(lengths), sum(length**2 for length in lengths)
    dense = layers * (8 * hidden**2 + 4 * hidden * inner) + 2 * hidden * outputs
    return float(tokens * dense + layers * 4 * hidden * pairs)


def tagger_rate(number: int) -> dict[str, Any]:
    """Time the network alone and the whole DL stage on the same paragraphs."""
    tagger: Any = load(None, "onnx")
    texts = paragraphs_of_text(tagger, number)
    encoded = encode(tagger.tokenizer, texts)
    plan = windows([len(one) for one in encoded])
    ids = [encoded[w.text].ids[w.start : w.end] for w in plan]
    types = [encoded[w.text].types[w.start : w.end] for w in plan]
    network = best_seconds(lambda: tagger.scorer.score(ids, types), 3)
    stage = best_seconds(lambda: tagger.predict(texts), 3)
    lengths = [len(one) + 2 for one in ids]
    return {
        "paragraphs": number,
        "tokens": sum(lengths),
        "network_seconds": round(network, 3),
        "stage_seconds": round(stage, 3),
        "network_gops": round(operations(lengths) / network / 1e9, 1),
        "stage_gops": round(operations(lengths) / stage / 1e9, 1),
    }


def search_rate(number: int) -> dict[str, Any]:
    """Time the hybrid search of one shard, and count the bytes of the tables that it reads."""
    tagger: Any = load(None, "onnx")
    table = paragraphs(paragraphs_of_text(tagger, number))
    context, patterns = predict_context(table), find_patterns(table)
    lexicon, blobs = collect_lexicon(table, patterns), cut_blobs(table, context)
    inputs = (table, context, patterns, lexicon, blobs)
    seconds = best_seconds(lambda: hybrid_search(*inputs), 3)
    size = sum(part.nbytes for part in inputs)
    return {
        "characters_per_second": round(sum(map(len, table["text"].to_pylist())) / seconds),
        "table_bytes": size,
        "bytes_per_second": round(size / seconds),
    }


def measure(number: int, size: int = SIZE) -> dict[str, Any]:
    """Measure peaks and what is reached of them."""
    return {"peaks_gops": peaks(size), "tagger": tagger_rate(number), "search": search_rate(number)}


def section(part: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of this part of the page."""
    yield "## Where the limit is"
    yield ""
    yield (
        f"`make bench-limits`: products of {SIZE} x {SIZE} matrices on all cores (10^9 operations "
        "a second, a multiplication and an addition being two), and what the tagger reaches with "
        "its own matrix products alone counted."
    )
    yield ""
    yield from described(part["machine"])
    yield "| type | peak, GOP/s |"
    yield "|---|---:|"
    for name, value in part["peaks_gops"].items():
        yield f"| {name} | {value:,.0f} |"
    yield ""
    tagger, search = part["tagger"], part["search"]
    peak = part["peaks_gops"]["fp32"]
    copy = part["machine"]["copy_gb_per_second"]
    rest = 100 * (1 - tagger["network_seconds"] / tagger["stage_seconds"])
    yield (
        f"The network does {tagger['network_gops']:,.0f} GOP/s, "
        f"{100 * tagger['network_gops'] / peak:.0f} % of the fp32 peak; the whole DL stage, with "
        f"tokenizer and decoding, {tagger['stage_gops']:,.0f} GOP/s, "
        f"{100 * tagger['stage_gops'] / peak:.0f} %. Outside of the network is "
        f"{max(0.0, rest):.0f} % of the stage. What the network leaves of the peak: windows are "
        "some 70 tokens long, so its matrices are thinner than the peak's; between them stand "
        "layer norms, GELU and softmax, which are bound by memory and not counted as operations."
    )
    yield ""
    yield (
        f"Hybrid search reads {search['characters_per_second']:,} characters/s. Its tables pass "
        f"by at {search['bytes_per_second'] / 1e6:.1f} MB/s, where memory is copied at "
        f"{copy:.0f} GB/s ({search['bytes_per_second'] / copy / 1e7:.3f} %): memory "
        "bandwidth does not limit it, the interpreter's own work for each word and mention does."
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=400)
    parser.add_argument("-o", "--output", type=Path, default=DOCS, help="folder to write to")
    chosen = parser.parse_args()
    start = facts()
    part = measure(chosen.paragraphs)
    print(json.dumps(part, indent=2))
    publish(chosen.output, {"limits": part | {"machine": with_load_after(start)}})


if __name__ == "__main__":
    main()
