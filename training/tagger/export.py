"""``python -m training.tagger.export``: calibrate a trained model and write what Nescio ships."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch

from nescio.tagger import loading, manifest
from nescio.tagger.loading import ONNX, THRESHOLDS, TORCH
from training.tagger.calibrate import TEXTS, calibrate

ROOT = Path(__file__).parents[2]

BLOCK: Final = 32
"""Inputs of a dense layer that share a scale, for each output."""


class _Logits(torch.nn.Module):
    """The network as a function of its three inputs, in the order of the ONNX graph."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        logits: torch.Tensor = self.model(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).logits
        return logits


def rows_to_int8(graph: Any) -> None:
    """Store the word embeddings as int8 with one scale a row, in place of one for the table."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    tables = {tensor.name: tensor for tensor in graph.initializer}
    for position, node in enumerate(graph.node):
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or len(table.dims) != 2 or table.dims[0] < 20_000:
            continue
        weights = numpy_helper.to_array(table).astype(np.float32)
        scale = np.maximum(np.abs(weights).max(axis=1, keepdims=True) / 127, 1e-8)
        name, ids, out = table.name, node.input[1], node.output[0]
        graph.initializer.remove(table)
        graph.initializer.append(
            numpy_helper.from_array(np.round(weights / scale).astype(np.int8), f"{name}_int8")
        )
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        graph.node.remove(node)
        for index, new in enumerate(
            [
                helper.make_node("Gather", [f"{name}_int8", ids], [f"{out}_int8"]),
                helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [f"{name}_scale", ids], [f"{out}_scale"]),
                helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
            ]
        ):
            graph.node.insert(position + index, new)
        return
    raise ValueError("the graph has no word embeddings")


def dense_to_int8(graph: Any) -> None:
    """Store the weights of dense layers as int8, with one scale for BLOCK inputs of an output.

    Weights are made anew from them when a session opens (its constant folding), so that the layers
    compute in fp32: no scale depends on the text, and no call pays for unpacking.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    tables = {tensor.name: tensor for tensor in graph.initializer}
    names = [
        node.input[1] for node in graph.node if node.op_type == "MatMul" and node.input[1] in tables
    ]
    if not names:
        raise ValueError("the graph has no dense layers")
    unpacked = []
    for name in dict.fromkeys(names):
        weights = numpy_helper.to_array(tables[name]).astype(np.float32)
        blocks = weights.reshape(-1, BLOCK, weights.shape[1])
        scale = np.maximum(np.abs(blocks).max(axis=1, keepdims=True) / 127, 1e-8)
        packed = np.round(blocks / scale).astype(np.int8)
        graph.initializer.remove(tables[name])
        for suffix, values in (
            ("int8", packed),
            ("scale", scale.astype(np.float32)),
            ("shape", np.array(weights.shape, np.int64)),
        ):
            graph.initializer.append(numpy_helper.from_array(values, f"{name}_{suffix}"))
        unpacked += [
            helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [f"{name}_blocks"]),
            helper.make_node("Reshape", [f"{name}_blocks", f"{name}_shape"], [name]),
        ]
    for node in reversed(unpacked):
        graph.node.insert(0, node)


def export_onnx(model: Any, path: Path) -> None:
    """Write the network as ONNX with fused operators, weights in int8 and arithmetic in fp32.

    What else was tried, and how fast it was, stands in docs/performance.md.
    """
    import onnx
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones((2, 16), dtype=torch.int32)
    fusions = FusionOptions("bert")
    fusions.use_multi_head_attention = True  # keeps query, key and value as plain products
    fusions.enable_embed_layer_norm = False
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _Logits(model),
            (example, example, example),
            str(plain),
            input_names=names,
            output_names=["logits"],
            opset_version=17,
            dynamo=False,
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, "logits"]},
        )
        fused = optimizer.optimize_model(
            str(plain),
            "bert",
            num_heads=model.config.num_attention_heads,
            hidden_size=model.config.hidden_size,
            opt_level=0,
            optimization_options=fusions,
        )
    rows_to_int8(fused.model.graph)
    dense_to_int8(fused.model.graph)
    onnx.save(fused.model, str(path))


def main(line: Sequence[str] | None = None) -> None:
    """Export, calibrate on held-out text, and write the manifest.

    Args:
        line: the command line's arguments; None for those of this process.
    """
    from transformers import BertForTokenClassification

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / ".cache" / "tagger" / "model")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=manifest.SHIPPED)
    parser.add_argument(
        "--texts", type=int, default=TEXTS, help="generated texts that thresholds are found on"
    )
    options = parser.parse_args(line)
    options.out.mkdir(parents=True, exist_ok=True)
    model = BertForTokenClassification.from_pretrained(options.model, attn_implementation="eager")
    export_onnx(model.float().eval(), options.out / ONNX)
    model.half().save_pretrained(options.out)
    tokenizer = (options.model / "tokenizer.json").read_text(encoding="utf-8")
    (options.out / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    names = [ONNX, TORCH, "config.json", "tokenizer.json", THRESHOLDS]
    (options.out / THRESHOLDS).write_text("{}", encoding="utf-8")
    manifest.write(options.out, names)
    tagger = loading.load(options.out, "onnx")
    found = calibrate(tagger, options.data if options.data.is_dir() else None, options.texts)
    (options.out / THRESHOLDS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    manifest.write(options.out, names)
    for label, entry in found.items():
        print(f"{label:14} threshold {entry['threshold']:.3f}")
    megabytes = sum(path.stat().st_size for path in options.out.iterdir()) / 1e6
    print(f"wrote {options.out}: {megabytes:.1f} MB")


if __name__ == "__main__":
    main()
