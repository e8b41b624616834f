"""Component: blobs, balanced shards, and the document's lexicon."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def segment(
    gathered: dsl.Input[dsl.Dataset],
    entities: dsl.Input[dsl.Dataset],
    context: dsl.Input[dsl.Dataset],
    outbox: str,
    run: str,
    reference: str,
    reference_mapping: str,
    tables: dsl.Output[dsl.Dataset],
) -> list:
    """Cut blobs where a heading ends, pack them into shards, collect the lexicon."""
    from pathlib import Path

    from nescio.steps import segment

    return segment.run(
        Path(gathered.path),
        Path(entities.path),
        Path(context.path),
        outbox,
        run,
        reference,
        reference_mapping,
        Path(tables.path),
        tables.uri,
    )
