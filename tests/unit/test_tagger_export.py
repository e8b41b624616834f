"""What the exporter does to weights: a quarter of the bytes, the same products but for rounding."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
onnx = pytest.importorskip("onnx", reason="the train extra is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from nescio.tagger.gate import NO_ENTITY  # noqa: E402
from training.tagger.export import BLOCK, behind_gate, dense_to_int8  # noqa: E402

INPUTS, OUTPUTS = 3 * BLOCK, 40


def model_of(operator: str, weights: npt.NDArray[np.float32]) -> Any:
    """Return a model of one operator with constant weights."""
    names = ("tokens", "out")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    graph = helper.make_graph(
        [helper.make_node(operator, ["tokens", "weights"], ["out"])],
        "layer",
        ends[:1],
        ends[1:],
        [numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_weights_in_int8_differ_by_at_most_half_a_step_of_their_block() -> None:
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((INPUTS, OUTPUTS)).astype(np.float32)
    weights[:BLOCK] *= 50  # a block of large weights must not coarsen the others
    model = model_of("MatMul", weights)
    dense_to_int8(model.graph)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (unpacked,) = session.run(None, {"tokens": np.eye(INPUTS, dtype=np.float32)})
    largest = np.abs(weights.reshape(-1, BLOCK, OUTPUTS)).max(axis=1).repeat(BLOCK, axis=0)
    assert (np.abs(unpacked - weights) <= 0.501 * largest / 127).all()
    assert np.abs(unpacked - weights).max() > 0


def test_packed_weights_take_less_than_a_third_of_the_bytes() -> None:
    weights = np.random.default_rng(2).standard_normal((INPUTS, OUTPUTS)).astype(np.float32)
    model = model_of("MatMul", weights)
    dense_to_int8(model.graph)
    stored = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    assert stored["weights_int8"].dtype == np.int8 and "weights" not in stored
    assert sum(array.nbytes for array in stored.values()) < weights.nbytes / 3


def test_a_graph_without_dense_layers_is_refused() -> None:
    model = model_of("Add", np.ones((1, OUTPUTS), np.float32))
    with pytest.raises(ValueError, match="no dense layers"):
        dense_to_int8(model.graph)


def gated() -> Any:
    """Return a model that sums ids in two layers, the second one behind the gate."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT32, [None, None])
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["input_ids"], ["low"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMax", ["low"], ["highest"], keepdims=0),
            helper.make_node("Greater", ["highest", "zero"], ["open"]),
            helper.make_node("Unsqueeze", ["low", "last"], ["wide"]),
            helper.make_node("MatMul", ["wide", "weights"], ["logits"]),
        ],
        "network",
        [ids],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, None, 3]),
            helper.make_tensor_value_info("open", TensorProto.BOOL, []),
        ],
        [
            numpy_helper.from_array(np.float32(0), "zero"),
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([[1, 2, 3]], np.float32), "weights"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    behind_gate(model.graph, 3)
    return model


def test_only_what_the_gate_needs_runs_before_it() -> None:
    model = gated()
    onnx.checker.check_model(model)
    assert [node.op_type for node in model.graph.node] == ["Cast", "ReduceMax", "Greater", "If"]
    assert [tensor.name for tensor in model.graph.initializer] == ["zero"]
    assert [output.name for output in model.graph.output] == ["logits"]


def test_an_open_gate_changes_nothing_and_a_shut_one_says_no_entity() -> None:
    session = onnxruntime.InferenceSession(gated().SerializeToString())
    (went_on,) = session.run(None, {"input_ids": np.array([[0, 2]], np.int32)})
    assert went_on.tolist() == [[[0, 0, 0], [2, 4, 6]]]
    (left,) = session.run(None, {"input_ids": np.array([[0, -1, 0]], np.int32)})
    assert left.tolist() == [[[NO_ENTITY, 0, 0]] * 3]
