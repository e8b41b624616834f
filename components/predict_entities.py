"""Component: the tagger over every paragraph in scope, in batches."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def predict_entities(
    gathered: dsl.Input[dsl.Dataset],
    outbox: str,
    run: str,
    policy: str,
    model: str,
    runtime: str,
    tables: dsl.Output[dsl.Dataset],
) -> None:
    """Score every paragraph in scope once with the PHI tagger."""
    from pathlib import Path

    from nescio.steps import predict_entities

    predict_entities.run(
        Path(gathered.path), outbox, run, policy, model, runtime, Path(tables.path)
    )
