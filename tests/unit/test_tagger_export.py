"""What the exporter does to weights: a quarter of the bytes, the same products but for rounding."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
onnx = pytest.importorskip("onnx", reason="the train extra is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from training.tagger.export import BLOCK, dense_to_int8  # noqa: E402

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
