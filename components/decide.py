"""Component: people, policy, scores; decisions packed for redaction."""

from typing import List  # noqa: UP035 - kfp reads the annotation by this name

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def decide(
    shards: dsl.Input[List[dsl.Dataset]],  # noqa: UP006
    segmented: dsl.Input[dsl.Dataset],
    gathered: dsl.Input[dsl.Dataset],
    context: dsl.Input[dsl.Dataset],
    outbox: str,
    run: str,
    policy: str,
    vault: str,
    vault_key: str,
    tables: dsl.Output[dsl.Dataset],
) -> list:
    """Link mentions to people, apply the policy, pack documents for redaction."""
    from pathlib import Path

    from nescio.steps import decide

    return decide.run(
        [Path(shard.path) for shard in shards],
        Path(segmented.path),
        Path(gathered.path),
        Path(context.path),
        outbox,
        run,
        policy,
        vault,
        vault_key,
        Path(tables.path),
        tables.uri,
    )
