"""Component: train, calibrate and export a tagger."""

from kfp import dsl

from nescio_components.images import TRAIN


@dsl.component(base_image=TRAIN, install_kfp_package=False)
def train_tagger(
    data: str,
    current: str,
    from_current: bool,
    steps: int,
    minutes: float,
    seed: int,
    calibration: int,
    model: dsl.Output[dsl.Model],
) -> None:
    """Train a tagger on labelled and generated text."""
    from pathlib import Path

    from nescio.steps.telemetry import one_line
    from training import release

    begin = current if from_current else None
    with one_line("train-tagger"):
        training = release.Training(steps, minutes, seed, calibration, begin)
        release.train(data, training, Path(model.path))
