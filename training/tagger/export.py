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
from nescio.tagger.gate import LAYERS, NO_ENTITY, Gate
from nescio.tagger.loading import GATE, ONNX, THRESHOLDS, TORCH
from training.tagger import gate as gates
from training.tagger.calibrate import TEXTS, calibrate

ROOT = Path(__file__).parents[2]

LOGITS, OPEN = "logits", "open"
"""Outputs of the graph before the gate is put in."""

BLOCK: Final = 32
"""Inputs of a dense layer that share a scale, for each output."""


class _Network(torch.nn.Module):
    """The network as a function of its three inputs, in the order of the ONNX graph."""

    def __init__(self, model: Any, gate: Gate) -> None:
        super().__init__()
        self.model, self.gate = model, gate

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits, and whether a window goes on behind the gate."""
        output = self.model(
            input_ids=ids, attention_mask=mask, token_type_ids=types, output_hidden_states=True
        )
        scores = self.gate(output.hidden_states[LAYERS][:, 1:-1])
        return output.logits, scores.amax() > 0


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


def behind_gate(graph: Any, outputs: int) -> None:
    """Move what only the logits need into an ``If``, which runs where the gate is open.

    Args:
        graph: with the outputs LOGITS and OPEN, of which LOGITS alone is left.
        outputs: length of a token's logits.

    The gate looks at all windows of a call: callers give one window a call.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    made_by = {name: node for node in graph.node for name in node.output}
    below, wanted = set(), [OPEN]
    while wanted:
        node = made_by.get(wanted.pop())
        if node is not None and node.output[0] not in below:
            below.add(node.output[0])
            wanted += node.input
    upper = [node for node in graph.node if node.output[0] not in below]
    lower = [node for node in graph.node if node.output[0] in below]
    for node in upper:
        node.output[:] = [f"{LOGITS}_open" if name == LOGITS else name for name in node.output]
    needed = {name for node in lower for name in node.input}
    tables = [tensor for tensor in graph.initializer if tensor.name not in needed]
    shape = [None, None, outputs]
    nothing = np.zeros((1, 1, outputs), np.float32)
    nothing[..., 0] = NO_ENTITY
    went_on = helper.make_graph(
        upper,
        "open",
        [],
        [helper.make_tensor_value_info(f"{LOGITS}_open", TensorProto.FLOAT, shape)],
        initializer=tables,
    )
    left = helper.make_graph(
        [
            helper.make_node("Shape", ["input_ids"], ["windows_tokens"]),
            helper.make_node("Concat", ["windows_tokens", "one"], ["logits_shape"], axis=0),
            helper.make_node("Expand", ["nothing", "logits_shape"], [f"{LOGITS}_shut"]),
        ],
        "shut",
        [],
        [helper.make_tensor_value_info(f"{LOGITS}_shut", TensorProto.FLOAT, shape)],
        initializer=[
            numpy_helper.from_array(np.ones(1, np.int64), "one"),
            numpy_helper.from_array(nothing, "nothing"),
        ],
    )
    kept = [tensor for tensor in graph.initializer if tensor.name in needed]
    choice = helper.make_node("If", [OPEN], [LOGITS], then_branch=went_on, else_branch=left)
    logits = next(output for output in graph.output if output.name == LOGITS)
    for field, values in (
        (graph.node, [*lower, choice]),
        (graph.initializer, kept),
        (graph.output, [logits]),
    ):
        values = [type(value).FromString(value.SerializeToString()) for value in values]
        del field[:]
        field.extend(values)


def export_onnx(model: Any, gate: Gate, path: Path) -> None:
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
            _Network(model, gate),
            (example, example, example),
            str(plain),
            input_names=names,
            output_names=[LOGITS, OPEN],
            opset_version=17,
            dynamo=False,
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, LOGITS]},
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
    behind_gate(fused.model.graph, model.config.num_labels)
    onnx.save(fused.model, str(path))


def main(line: Sequence[str] | None = None) -> None:
    """Export, calibrate on held-out text, and write the manifest.

    Args:
        line: the command line's arguments; None for those of this process.
    """
    from safetensors.torch import save_file
    from tokenizers import Tokenizer
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
    data = options.data if options.data.is_dir() else None
    model = BertForTokenClassification.from_pretrained(options.model, attn_implementation="eager")
    model = model.float().eval()
    tokens = (options.model / "tokenizer.json").read_text(encoding="utf-8")
    gate = gates.fit(model, Tokenizer.from_str(tokens), data, options.texts)
    export_onnx(model, gate, options.out / ONNX)
    save_file(gate.state_dict(), options.out / GATE)
    model.half().save_pretrained(options.out)
    (options.out / "tokenizer.json").write_text(tokens, encoding="utf-8")
    names = [ONNX, TORCH, GATE, "config.json", "tokenizer.json", THRESHOLDS]
    (options.out / THRESHOLDS).write_text("{}", encoding="utf-8")
    manifest.write(options.out, names)
    tagger = loading.load(options.out, "onnx")
    found = calibrate(tagger, data, options.texts)
    (options.out / THRESHOLDS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    manifest.write(options.out, names)
    for label, entry in found.items():
        print(f"{label:14} threshold {entry['threshold']:.3f}")
    megabytes = sum(path.stat().st_size for path in options.out.iterdir()) / 1e6
    print(f"wrote {options.out}: {megabytes:.1f} MB")


if __name__ == "__main__":
    main()
