"""The shipped model: robust, the same in any company, the same on both runtimes."""

import json
import random
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nescio import tables
from nescio.errors import ConfigurationError
from nescio.tagger import Span, Tagger, load, model_version, predict_entities
from nescio.tagger.manifest import SHIPPED

DATA = Path(__file__).parent / "data" / "tagger_parity.jsonl"
pytestmark = pytest.mark.skipif(not (SHIPPED / "manifest.json").exists(), reason="no weights here")


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    loaded = load(runtime="onnx")
    assert loaded is not None
    return loaded


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [json.loads(line)["text"] for line in DATA.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def predicted(tagger: Tagger, texts: list[str]) -> list[list[Span]]:
    """What the shipped runtime finds in all the texts, predicted at once."""
    return tagger.predict(texts)


def test_plain_identifiers_are_found(tagger: Tagger) -> None:
    text = "Dr. Maria Gonzalez saw John Smith, DOB 03/12/1954, on 5 May 2021. Call (651) 555-0100."
    (spans,) = tagger.predict([text])
    assert {s.label for s in spans} >= {"NAME", "DATE", "PHONE"}
    assert {text[s.start : s.end] for s in spans} >= {"Maria Gonzalez", "John Smith", "03/12/1954"}


def test_spans_do_not_depend_on_neighbours_or_order(
    tagger: Tagger, texts: list[str], predicted: list[list[Span]]
) -> None:
    expected = dict(zip(texts, predicted, strict=True))
    shuffled = texts[:]
    for seed in range(3):
        random.Random(seed).shuffle(shuffled)
        part = shuffled[: 16 * (seed + 1)]
        assert tagger.predict(part) == [expected[text] for text in part]
    assert [tagger.predict([text])[0] for text in texts[:12]] == [expected[t] for t in texts[:12]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "😀" * 50,
        "e\u0301\u0301 \u0301",
        "A" * 5000,
        "x\x00\x07y",
        "\ud800",
        "\u200b\u200d",
        "李明 住院",
        "-" * 900,
    ],
)
def test_odd_text_is_survived(tagger: Tagger, text: str) -> None:
    (spans,) = tagger.predict([text.encode("utf-8", "replace").decode()])
    assert all(0 <= s.start < s.end <= len(text) for s in spans)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=80))
def test_spans_are_sorted_disjoint_and_scored(tagger: Tagger, text: str) -> None:
    (spans,) = tagger.predict([text])
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(0.0 <= s.score <= 1.0 and s.start < s.end <= len(text) for s in spans)


def test_a_name_deep_in_a_long_text_is_found(tagger: Tagger) -> None:
    filler = "The wound was clean and dry. " * 120
    text = f"{filler}Dr. Maria Gonzalez called. {filler}"
    (spans,) = tagger.predict([text])
    assert [text[s.start : s.end] for s in spans if s.label == "NAME"] == ["Maria Gonzalez"]


def test_both_runtimes_agree_on_mentions(texts: list[str], predicted: list[list[Span]]) -> None:
    """On 260 texts of unseen templates and 60 clinical notes of outis_validation (CC0)."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    other = load(SHIPPED, "torch")
    assert other is not None
    ours, theirs = predicted, other.predict(texts)
    mentions = same = 0
    for line, mine, its in zip(DATA.read_text("utf-8").splitlines(), ours, theirs, strict=True):
        for start, end in json.loads(line)["spans"]:
            here = [
                [s[:3] for s in spans if s.start < end and s.end > start] for spans in (mine, its)
            ]
            mentions += 1
            same += here[0] == here[1]
    assert mentions > 500
    assert same >= 0.995 * mentions


def test_predicted_entities_are_a_table_of_spans(tagger: Tagger) -> None:
    plain = dict.fromkeys(("x0", "y0", "x1", "y1", "indent", "gap", "size"), 0.0)
    row = plain | {
        "doc": "d", "page": 0, "paragraph": 3, "text": "Seen by Dr. Maria Gonzalez.",
        "kind": "body",
        "origin": "page", "font": "", "bold": False, "italic": False, "table": -1, "row": -1,
        "in_scope": True,
    }  # fmt: skip
    found = predict_entities(tables.from_rows("paragraphs", [row]), tagger)
    assert found.schema.equals(tables.SPANS)
    assert [(r["doc"], r["paragraph"], r["sources"]) for r in found.to_pylist()] == [
        ("d", 3, ["tagger"])
    ]


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    with (copy / "tagger.int8.onnx").open("ab") as weights:
        weights.write(b"x")
    with pytest.raises(ConfigurationError, match="not the one that was measured"):
        load(copy, "onnx")


def test_the_version_is_a_hash(tagger: Tagger) -> None:
    assert len(tagger.version) == len(model_version()) == 64


def test_an_unknown_runtime_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown runtime"):
        load(runtime="tpu")


def test_a_gpu_that_is_not_there_is_an_error() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigurationError, match="GPU"):
        load(SHIPPED, "cuda")
