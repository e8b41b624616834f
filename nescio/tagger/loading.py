"""Find a model's files, check them, and build a tagger on one of the runtimes."""

from __future__ import annotations

import ctypes
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from nescio.errors import ConfigurationError
from nescio.tagger import manifest, thresholds
from nescio.tagger.engine import Scorer, WindowTagger
from nescio.tagger.labels import LABEL_NAMES, mapped_head, shipped_head
from nescio.tagger.types import Tagger

ONNX: Final = "tagger.int8.onnx"
TORCH: Final = "model.safetensors"
THRESHOLDS: Final = "thresholds.json"
GATE: Final = "gate.safetensors"
"""Early exit of the torch runtime; the ONNX graph has its own within. Older models have none."""

LABEL_MAP: Final = "nescio_labels.json"
"""In a foreign model's folder: its label -> ``LABEL`` or ``LABEL/kind`` of Nescio."""

KNOWN_LABELS: Final = Path(__file__).parent / "data" / "label_map.json"
RUNTIMES: Final = ("auto", "onnx", "torch", "cuda")


def load(model: str | Path | None = None, runtime: str = "auto") -> Tagger | None:
    """Load a tagger.

    Args:
        model: folder of an exported model, or folder or hub id of a Hugging Face token
            classifier; None for the shipped one.
        runtime: ``onnx`` (CPU), ``torch`` (a GPU where there is one), ``cuda`` (a GPU or an
            error), or ``auto`` (a GPU where torch sees one, else ONNX).

    Returns:
        The tagger, or None if no model was named and none is shipped.

    Raises:
        ConfigurationError: unknown runtime, files missing or changed, no GPU for ``cuda``.
    """
    if runtime not in RUNTIMES:
        raise ConfigurationError(f"unknown runtime {runtime}.", f"Choose one of {RUNTIMES}.")
    folder = Path(model) if model else manifest.SHIPPED
    if (folder / manifest.MANIFEST).exists():
        return _exported(folder, runtime)
    if not model:
        return None
    return _foreign(str(model), runtime)


def model_version(model: str = "") -> str:
    """Return the SHA-256 that names a model's weights, or ``none`` without a model.

    For the outbox key: it covers both runtimes' weights, thresholds and tokenizer. A hub id
    that is not on this machine is its own version.
    """
    folder = Path(model) if model else manifest.SHIPPED
    if (folder / manifest.MANIFEST).exists():
        return manifest.digest(folder / manifest.MANIFEST)
    if model and folder.is_dir():
        return manifest.folder_digest(folder)
    return model or "none"


def _has_gpu() -> bool:
    """Ask torch, whose import takes seconds, only where a GPU's driver is installed."""
    if find_spec("torch") is None or find_spec("transformers") is None or not _has_driver():
        return False
    import torch

    return bool(torch.cuda.is_available())


def _has_driver() -> bool:
    """True where the driver of an NVIDIA GPU, or of an AMD one, can be loaded."""
    if Path("/dev/kfd").exists():
        return True
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            ctypes.CDLL(name)
            return True
        except OSError:
            continue
    return False


def _exported(folder: Path, runtime: str) -> Tagger:
    """Load a model that this project exported."""
    from tokenizers import Tokenizer

    onnx = runtime == "onnx" or (runtime == "auto" and not _has_gpu())
    weights = ONNX if onnx else TORCH
    version = manifest.verify(folder, [weights, "tokenizer.json", THRESHOLDS])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab()
    cls, sep = vocabulary["[CLS]"], vocabulary["[SEP]"]
    scorer: Scorer
    if onnx:
        from nescio.tagger.onnx_runtime import OnnxScorer

        scorer = OnnxScorer(folder / ONNX, cls, sep)
    else:
        from nescio.tagger.torch_runtime import TorchScorer, choose_device

        network = _classifier(str(folder))
        device = choose_device("cuda" if runtime == "cuda" else "auto")
        scorer = TorchScorer(network, device, cls, sep, 0, shapes=True, gate=_gate(folder))
    limits = thresholds.read(folder / THRESHOLDS)
    name = f"nescio-tagger ({'onnx' if onnx else 'torch'})"
    return WindowTagger(name, version, tokenizer, scorer, shipped_head(), limits)


def _gate(folder: Path) -> Any:
    """Read the early exit of a model that this project exported, if it has one."""
    if not (folder / GATE).exists():
        return None
    manifest.verify(folder, [GATE])
    from nescio.tagger import gate

    return gate.read(folder / GATE)


def _classifier(name: str) -> Any:
    """Load a token classifier through transformers."""
    try:
        from transformers import AutoModelForTokenClassification
    except ImportError:
        raise ConfigurationError(
            "this model needs torch and transformers.", "Install them: pip install 'nescio[gpu]'"
        ) from None
    try:
        return AutoModelForTokenClassification.from_pretrained(name)
    except (OSError, ValueError):
        raise ConfigurationError(
            "the model cannot be loaded as a token classifier.",
            "Give a Hugging Face folder or hub id of a token classification model.",
        ) from None


def _foreign(name: str, runtime: str) -> Tagger:
    """Load a Hugging Face token classifier with a label map."""
    if runtime == "onnx":
        raise ConfigurationError(
            "a Hugging Face model runs on torch only.", "Choose the runtime auto, torch or cuda."
        )
    network = _classifier(name)
    from transformers import AutoTokenizer

    from nescio.tagger.torch_runtime import TorchScorer, choose_device

    fast = AutoTokenizer.from_pretrained(name, use_fast=True)
    backend = fast.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    own_map = Path(name) / LABEL_MAP
    names = _label_map(own_map if own_map.exists() else KNOWN_LABELS)
    tags = [network.config.id2label[index] for index in range(network.config.num_labels)]
    head = mapped_head(tags, names)
    if not head.label_of.any():
        raise ConfigurationError(
            "none of the model's labels is known.", f"Put a label map beside it: {LABEL_MAP}."
        )
    device = choose_device("cuda" if runtime == "cuda" else "auto")
    cls = fast.cls_token_id if fast.cls_token_id is not None else fast.bos_token_id
    sep = fast.sep_token_id if fast.sep_token_id is not None else fast.eos_token_id
    scorer = TorchScorer(network, device, cls, sep, fast.pad_token_id or 0, shapes=False)
    folder = Path(name)
    if folder.is_dir():
        version = manifest.folder_digest(folder)
    else:
        commit = getattr(network.config, "_commit_hash", None)
        version = str(commit or hashlib.sha256(name.encode()).hexdigest())
    short = folder.name if folder.is_dir() else name
    return WindowTagger(short, version, backend, scorer, head, thresholds.default())


def _label_map(path: Path) -> dict[str, str]:
    """Read and check a label map."""
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    wrong = sorted({t for t in names.values() if t and t.partition("/")[0] not in LABEL_NAMES})
    if wrong:
        raise ConfigurationError(
            f"the label map names {wrong[0]}, which is no label of Nescio.",
            f"Labels are: {', '.join(LABEL_NAMES)}.",
        )
    return {name.upper(): target for name, target in names.items()}
