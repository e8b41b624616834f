"""Component: all extraction shards as the run's tables."""

from typing import List  # noqa: UP035 - kfp reads the annotation by this name

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def gather(
    shards: dsl.Input[List[dsl.Dataset]],  # noqa: UP006
    documents: dsl.Input[dsl.Dataset],
    outbox: str,
    run: str,
    policy: str,
    tables: dsl.Output[dsl.Dataset],
) -> None:
    """Check that every shard came back; mark what is in the policy's scope."""
    from pathlib import Path

    from nescio.steps import gather

    gather.run(
        [Path(shard.path) for shard in shards],
        Path(documents.path),
        outbox,
        run,
        policy,
        Path(tables.path),
    )
