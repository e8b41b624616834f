"""Component: list the inbox, refuse bad files, pack pages into shards."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def collect(
    inbox: str,
    outbox: str,
    run: str,
    policy: str,
    model: str,
    passwords: str,
    pages_per_shard: int,
    propose: bool,
    documents: dsl.Output[dsl.Dataset],
) -> list:
    """List the inbox, skip what is done, refuse bad files, pack pages into shards."""
    from pathlib import Path

    from nescio.steps import collect

    return collect.run(
        inbox,
        outbox,
        run,
        policy,
        model,
        passwords,
        pages_per_shard,
        propose,
        Path(documents.path),
        documents.uri,
    )
