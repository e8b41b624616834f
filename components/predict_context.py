"""Component: dependency flags, sections and patterns, in batches on the CPU."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def predict_context(
    gathered: dsl.Input[dsl.Dataset], outbox: str, run: str, tables: dsl.Output[dsl.Dataset]
) -> None:
    """Give each paragraph its dependency flag and section, and find patterns."""
    from pathlib import Path

    from nescio.steps import predict_context

    predict_context.run(Path(gathered.path), outbox, run, Path(tables.path))
