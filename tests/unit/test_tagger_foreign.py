"""Any Hugging Face token classifier can be the tagger: tested with a small one made here."""

import json
from pathlib import Path

import pytest

from nescio.errors import ConfigurationError
from nescio.tagger import load, model_version

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "anna",
    "saw",
    "smith",
    "in",
    "boston",
    "##s",
    ".",
    "2021",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose tags follow from the word alone: embeddings straight to the classifier."""
    path = tmp_path_factory.mktemp("hf")
    (path / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    transformers.BertTokenizerFast(vocab=str(path / "vocab.txt")).save_pretrained(path)
    tags = ["O", "B-PER", "B-GPE", "B-WHEN"]
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=0, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=512, id2label=dict(enumerate(tags)),
        label2id={tag: i for i, tag in enumerate(tags)},
    )  # fmt: skip
    model = transformers.BertForTokenClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.bert.embeddings.LayerNorm.weight.fill_(1.0)
        words = model.bert.embeddings.word_embeddings.weight
        words[:, 0] = 1.0
        for number, word in enumerate(["anna", "smith", "boston", "2021"], start=1):
            words[WORDS.index(word), :] = 0.0
            words[WORDS.index(word), number] = 1.0
        model.classifier.weight[0, 0] = 5.0
        for number, tag in enumerate([1, 1, 2, 3], start=1):
            model.classifier.weight[tag, number] = 5.0
    model.save_pretrained(path)
    return path


TEXT = "Anna saw Smith in Boston. 2021"


def test_a_foreign_model_speaks_our_labels(folder: Path) -> None:
    tagger = load(folder)
    assert tagger is not None
    (spans,) = tagger.predict([TEXT])
    assert [(TEXT[s.start : s.end], s.label) for s in spans] == [
        ("Anna", "NAME"), ("Smith", "NAME"), ("Boston", "LOCATION"),
    ]  # fmt: skip


def test_a_label_map_beside_the_model_wins(folder: Path) -> None:
    own = folder / "nescio_labels.json"
    own.write_text(json.dumps({"PER": "NAME/staff", "when": "DATE"}), encoding="utf-8")
    try:
        tagger = load(folder)
        assert tagger is not None
        (spans,) = tagger.predict([TEXT])
        assert [(s.label, s.kind) for s in spans] == [("NAME", "staff")] * 2 + [("DATE", "")]
        own.write_text(json.dumps({"PER": "PERSON"}), encoding="utf-8")
        with pytest.raises(ConfigurationError, match="no label of Nescio"):
            load(folder)
    finally:
        own.unlink()


def test_the_version_follows_the_weights(folder: Path) -> None:
    tagger = load(folder)
    assert tagger is not None
    assert tagger.version == model_version(str(folder))
    assert len(tagger.version) == 64


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="token classifier"):
        load(tmp_path)


def test_a_foreign_model_does_not_run_on_onnx(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="torch only"):
        load(folder, "onnx")
