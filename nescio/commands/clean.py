"""`nescio clean`: what old runs left in the outbox goes, all versions of it, proved by listing."""

from __future__ import annotations

from typing import Annotated

import typer


def clean(
    outbox: Annotated[str, typer.Argument(metavar="OUTBOX", help="Folder or s3://bucket/prefix.")],
    older_than: Annotated[
        float, typer.Option(min=0, help="Days since a run's last change; 0 takes all.")
    ] = 7.0,
) -> None:
    """Remove intermediates of old runs; released files, reports and decisions stay."""
    from nescio import retention

    done = retention.clean(outbox, older_than)
    print(
        f"{done.runs} runs removed ({done.items} files or object versions), none of them is listed "
        f"any more; {done.kept} younger runs kept."
    )
