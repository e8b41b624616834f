"""Component: the run's last word."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def notify(outbox: str, run: str, status: dsl.PipelineTaskFinalStatus) -> None:
    """Say in the log how the run ended, without PHI."""
    from nescio.steps import notify

    notify.run(outbox, run, status.state)
