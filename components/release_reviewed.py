"""Component: what a person decided on proposals, released."""

from kfp import dsl

from nescio_components.images import CPU


@dsl.component(base_image=CPU, install_kfp_package=False)
def release_reviewed(
    inbox: str,
    outbox: str,
    run: str,
    reader: str,
    passwords: str,
    others: str,
    unseen: str,
    confidential: str,
) -> None:
    """Redact, verify and publish each proposal whose review is finished."""
    from nescio.steps import release_reviewed

    release_reviewed.run(inbox, outbox, run, reader, passwords, others, unseen, confidential)
