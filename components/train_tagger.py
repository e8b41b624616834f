"""Component: train, calibrate and export a tagger."""

from kfp import dsl

from nescio_components.images import TRAIN


@dsl.component(base_image=TRAIN, install_kfp_package=False)
def train_tagger(
    data: str, steps: int, minutes: float, seed: int, model: dsl.Output[dsl.Model]
) -> None:
    """Train a tagger on labelled and generated text."""
    from pathlib import Path

    from training import release

    release.train(data, steps, minutes, seed, Path(model.path))
