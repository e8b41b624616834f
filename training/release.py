"""Retrain, measure beside the tagger in use, and publish only what is not worse: one step each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from nescio.errors import ConfigurationError, NescioError
from nescio.store import local_folder, open_store

RECALL_TOLERANCE: Final = 0.001
"""Share of a set's mentions by which chance (order of batches, rounding) may move recall."""

OVERALL_TOLERANCE: Final = 0.0
"""Over all sets together nothing may be lost: a missed identifier is worse than a word too many."""

ORDINARY_FACTOR: Final = 1.2
"""How many times as many ordinary words may be hidden as by the tagger in use."""


class Measured(NamedTuple):
    """What a tagger found in one set of texts, as a part of the whole search."""

    mentions: int
    found: int
    full: int
    ordinary_words: int
    ordinary_hidden: int


class Training(NamedTuple):
    """How long to train, from where, and how much text thresholds take."""

    steps: int
    """Longest run, in steps; with 0 the weights are only calibrated and exported."""
    minutes: float
    """Longest run, in minutes."""
    seed: int
    """Of texts and weights."""
    calibration: int
    """Generated texts that thresholds are found on."""
    begin: str | None = None
    """URI of a model to go on from; empty for the one that is shipped, None for the base model."""


def train(data: str, training: Training, folder: Path) -> None:
    """Train, calibrate and export a tagger into ``folder``.

    Args:
        data: URI of the folder of labelled text; empty for the generator's text alone.
        training: how long, and from where.
        folder: receives what Nescio loads as a model.

    Raises:
        ConfigurationError: the model to go on from has no weights.
    """
    from training.tagger import __main__ as trainer
    from training.tagger import export

    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nescio-")))
        texts = str(stack.enter_context(_texts(data)))
        options = ["--data", texts, "--work", str(work), "--steps", str(training.steps)]
        options += ["--minutes", str(training.minutes), "--seed", str(training.seed)]
        if training.begin is not None:
            options += ["--continue-from", str(stack.enter_context(_weights(training.begin)))]
        trainer.main(options)
        options = ["--data", texts, "--model", str(work / "model"), "--out", str(folder)]
        export.main([*options, "--texts", str(training.calibration)])


@contextmanager
def _weights(model: str) -> Iterator[Path]:
    """Give the folder of a model that training can go on from."""
    from nescio.tagger.loading import TORCH
    from nescio.tagger.manifest import SHIPPED

    with local_folder(model or str(SHIPPED)) as folder:
        if not (folder / TORCH).is_file():
            raise ConfigurationError(
                f"the model to go on from has no {TORCH}.", "Give one that training exported."
            )
        yield folder


@contextmanager
def _texts(data: str) -> Iterator[Path]:
    if not data:
        yield Path("no-data")  # the trainer says so and goes on without
        return
    with local_folder(data) as folder:
        yield folder


def evaluate(candidate: Path, current: str, data: str, texts: int) -> dict[str, Any]:
    """Measure two taggers on the same held-out texts, as ``nescio detect`` would use them.

    Args:
        candidate: folder of the new model.
        current: URI of the model in use; empty for the one that is shipped.
        data: URI of the folder of labelled text; empty for the generator's held-out text.
        texts: texts of each set, at most.

    Returns:
        ``candidate`` and ``current``: a Measured, as a dictionary, by name of the set.
    """
    with _texts(data) as folder:
        found = {"candidate": _measure(candidate, folder, texts)}
        if current:
            with local_folder(current) as model:
                found["current"] = _measure(model, folder, texts)
        else:
            found["current"] = _measure(None, folder, texts)
    return {
        who: {name: measured._asdict() for name, measured in sets.items()}
        for who, sets in found.items()
    }


def _measure(model: Path | None, data: Path, texts: int) -> dict[str, Measured]:
    from nescio.tagger import load
    from training.evaluation import systems
    from training.evaluation.metrics import count
    from training.evaluation.sets import test_sets

    system = systems.whole(load(model, "onnx"))
    result = {}
    for test in test_sets(data if data.is_dir() else None, texts):
        spans = system([example.text for example in test.examples])
        counts = count(test.examples, spans, test.annotated, test.measured)
        mentions, found, full = counts.total()
        hidden = sum(document[2] for document in counts.documents)
        words = sum(document[3] for document in counts.documents)
        result[test.name] = Measured(mentions, found, full, words, hidden)
    return result


def faults(candidate: Mapping[str, Measured], current: Mapping[str, Measured]) -> list[str]:
    """Say in what a tagger is worse than the one in use; empty if in nothing.

    Args:
        candidate: what the new one found, by set.
        current: what the one in use found in the same texts.

    Returns:
        A line for each fault: recall (found, or hidden in full) lost on a set beyond
        RECALL_TOLERANCE, or over all sets at all; more ordinary words hidden than ORDINARY_FACTOR
        allows; sets that were not the same.
    """
    if set(candidate) != set(current) or not candidate:
        return ["the two were not measured on the same sets"]
    said = []
    together = "all sets together"
    pairs = {name: (candidate[name], current[name]) for name in candidate}
    pairs[together] = (_sum(candidate), _sum(current))
    for name, (new, old) in pairs.items():
        if new.mentions != old.mentions or not new.mentions:
            said.append(f"{name}: not the same mentions")
            continue
        allowed = OVERALL_TOLERANCE if name == together else RECALL_TOLERANCE
        for what in ("found", "full"):
            lost = getattr(old, what) - getattr(new, what)
            if lost > allowed * old.mentions:
                said.append(f"{name}: {lost} of {old.mentions} mentions fewer {what}")
        if new.ordinary_hidden > ORDINARY_FACTOR * old.ordinary_hidden:
            said.append(
                f"{name}: {new.ordinary_hidden} ordinary words hidden, not {old.ordinary_hidden}"
            )
    return said


def _sum(sets: Mapping[str, Measured]) -> Measured:
    return Measured(*(sum(values) for values in zip(*sets.values(), strict=True)))


def publish(candidate: Path, measured: Path, models: str) -> str:
    """Put a model that is not worse than the one in use where images are built from.

    Args:
        candidate: folder of the new model.
        measured: what ``evaluate`` returned, as JSON.
        models: URI that receives ``tagger/<version>/``.

    Returns:
        The model's version: the start of the SHA-256 of its manifest.

    Raises:
        NescioError: it is worse; nothing was published.
    """
    from nescio.tagger import model_version

    told = json.loads(measured.read_text())
    new, old = (
        {name: Measured(**values) for name, values in told[who].items()}
        for who in ("candidate", "current")
    )
    wrong = faults(new, old)
    if wrong:
        raise NescioError(f"the new tagger is worse and was not published: {'; '.join(wrong)}.")
    version = model_version(str(candidate))[:12]
    store = open_store(models)
    for path in sorted(candidate.iterdir()):
        store.upload(path, f"tagger/{version}/{path.name}")
    # Last, so that what it names is whole.
    store.write(f"tagger/{version}/measured.json", measured.read_bytes())
    store.write("tagger/latest.txt", version.encode())
    return version
