"""Component: publish what verified, quarantine the rest, write report and metrics."""

from typing import List  # noqa: UP035 - kfp reads the annotation by this name

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def release(
    shards: dsl.Input[List[dsl.Dataset]],  # noqa: UP006
    gathered: dsl.Input[dsl.Dataset],
    decided: dsl.Input[dsl.Dataset],
    outbox: str,
    run: str,
    policy: str,
    keep_names: bool,
    report: dsl.Output[dsl.HTML],
    metrics: dsl.Output[dsl.Metrics],
) -> None:
    """Publish what verified, quarantine the rest, write report and metrics."""
    from pathlib import Path

    from nescio.steps import release

    scalars = release.run(
        [Path(shard.path) for shard in shards],
        Path(gathered.path),
        Path(decided.path),
        outbox,
        run,
        policy,
        keep_names,
        Path(report.path),
    )
    for name, value in scalars.items():
        metrics.log_metric(name, value)
