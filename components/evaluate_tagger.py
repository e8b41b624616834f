"""Component: measure a new tagger beside the one in use."""

from kfp import dsl

from nescio_components.images import TRAIN


@dsl.component(base_image=TRAIN, install_kfp_package=False)
def evaluate_tagger(
    model: dsl.Input[dsl.Model],
    current: str,
    data: str,
    texts: int,
    measured: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
) -> None:
    """Measure the new tagger and the one in use on the same held-out texts."""
    import json
    from pathlib import Path

    from nescio.steps.telemetry import one_line
    from training import release

    with one_line("evaluate-tagger"):
        found = release.evaluate(Path(model.path), current, data, texts)
    Path(measured.path).write_text(json.dumps(found))
    for who, sets in found.items():
        for name, value in sets.items():
            metrics.log_metric(f"found {name} {who}", value["found"] / max(value["mentions"], 1))
