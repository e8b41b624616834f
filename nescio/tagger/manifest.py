"""Weights are what they were when they were measured: SHA-256 of every file of a model folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from nescio.errors import ConfigurationError

MANIFEST: Final = "manifest.json"
SHIPPED: Final = Path(__file__).parents[1] / "models" / "tagger"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, names: list[str]) -> None:
    """Write the manifest of the named files of a model folder."""
    digests = {name: digest(folder / name) for name in sorted(names)}
    (folder / MANIFEST).write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")


def verify(folder: Path, names: list[str]) -> str:
    """Check files of a model folder against its manifest.

    Args:
        folder: the model folder.
        names: files that will be read; the first one holds the weights.

    Returns:
        SHA-256 of the weights.

    Raises:
        ConfigurationError: the manifest or a file is missing, or a file has changed.
    """
    try:
        expected = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        wrong = [name for name in names if digest(folder / name) != expected.get(name)]
    except (OSError, ValueError):
        raise ConfigurationError(
            "the tagger's files are incomplete.", "Install Nescio again."
        ) from None
    if wrong:
        raise ConfigurationError(
            f"the tagger's file {wrong[0]} is not the one that was measured.",
            "Install Nescio again, or train and export the model anew.",
        )
    return str(expected[names[0]])


def folder_digest(folder: Path) -> str:
    """Return one SHA-256 over the weights of a foreign model folder."""
    weights = sorted(p for p in folder.iterdir() if p.suffix in {".safetensors", ".bin", ".onnx"})
    joined = "".join(f"{path.name}:{digest(path)}\n" for path in weights)
    return hashlib.sha256(joined.encode()).hexdigest()
