"""Component: hybrid search over the blobs of one shard."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def hybrid_search(shard: str, outbox: str, run: str, tables: dsl.Output[dsl.Dataset]) -> None:
    """Search the blobs of one shard, each in order and none knowing of another."""
    from pathlib import Path

    from nescio.steps import hybrid_search

    hybrid_search.run(shard, outbox, run, Path(tables.path))
