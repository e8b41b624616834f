"""Component: publish a tagger that is not worse than the one in use."""

from kfp import dsl

from nescio_components.images import TRAIN


@dsl.component(base_image=TRAIN, install_kfp_package=False)
def publish_tagger(
    model: dsl.Input[dsl.Model], measured: dsl.Input[dsl.Artifact], models: str
) -> str:
    """Publish the new tagger, or refuse because it is worse."""
    from pathlib import Path

    from nescio.steps.telemetry import one_line
    from training import release

    with one_line("publish-tagger"):
        return release.publish(Path(model.path), Path(measured.path), models)
