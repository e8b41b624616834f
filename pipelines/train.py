"""The second pipeline: a new tagger, measured beside the one in use, published if not worse."""

from kfp import dsl

from nescio_components.evaluate_tagger import evaluate_tagger
from nescio_components.publish_tagger import publish_tagger
from nescio_components.train_tagger import train_tagger
from nescio_pipelines.resources import sized


@dsl.pipeline(
    name="nescio-train",
    description="Retrains the tagger, measures it, and refuses to publish one that is worse.",
)
def train(
    data: str = "",
    current: str = "",
    models: str = "s3://nescio-models",
    steps: int = 3000,
    minutes: float = 85.0,
    seed: int = 7,
    from_current: bool = False,
    calibration: int = 1500,
    texts: int = 1000,
):
    """Train a tagger and publish it if it finds what the one in use finds.

    Args:
        data: Folder or s3://bucket/prefix of labelled text; empty for generated text alone.
        current: Folder or URI of the model in use; empty for the one that is shipped.
        models: Folder or s3://bucket/prefix that receives tagger/VERSION.
        steps: Longest training, in steps; 0 calibrates and exports the weights as they are.
        minutes: Longest training, in minutes.
        seed: Seed of texts and weights.
        from_current: Go on from the weights of the model in use, not from the base model.
        calibration: Generated texts that thresholds are found on; labelled sets add a third each.
        texts: Texts of each held-out set that both models are measured on.
    """
    trained = sized(
        train_tagger(
            data=data,
            current=current,
            from_current=from_current,
            steps=steps,
            minutes=minutes,
            seed=seed,
            calibration=calibration,
        )
    )
    measured = sized(
        evaluate_tagger(model=trained.outputs["model"], current=current, data=data, texts=texts)
    )
    sized(
        publish_tagger(
            model=trained.outputs["model"], measured=measured.outputs["measured"], models=models
        )
    )
