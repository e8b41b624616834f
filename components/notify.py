"""Component: the run's last word."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def notify(outbox: str, run: str, target: str, status: dsl.PipelineTaskFinalStatus) -> None:
    """Say how the run ended, without PHI: in the log, and to who wants to know."""
    from nescio.steps import notify

    notify.run(outbox, run, status.state, target)
