"""Component: redact, rebuild and verify the documents of one shard."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def redact(
    shard: str,
    inbox: str,
    outbox: str,
    run: str,
    passwords: str,
    policy: str,
    style: str,
    boxes: str,
    raster: str,
    web_links: bool,
    propose: bool,
    tables: dsl.Output[dsl.Dataset],
) -> None:
    """Clear text, pixels and paths, rebuild the file, verify it with a second engine."""
    from pathlib import Path

    from nescio.steps import redact

    folder = Path(tables.path)
    how = (style, boxes, raster, web_links, propose)
    redact.run(shard, inbox, outbox, run, passwords, policy, *how, folder)
