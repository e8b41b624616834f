"""Component: words, paragraphs and page facts of one shard."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def extract(
    shard: str,
    inbox: str,
    outbox: str,
    run: str,
    passwords: str,
    tables: dsl.Output[dsl.Dataset],
    words: dsl.Output[dsl.Dataset],
) -> None:
    """Read the page ranges of one shard: words with boxes, paragraphs, page facts."""
    from pathlib import Path

    from nescio.steps import extract

    extract.run(
        shard, inbox, outbox, run, passwords, Path(tables.path), Path(words.path), words.uri
    )
