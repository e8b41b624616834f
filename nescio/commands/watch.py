"""`nescio watch`: did a run end well lately? Asked from outside, since a dead run tells nobody."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from nescio.errors import NescioError


def watch(
    outbox: Annotated[str, typer.Argument(metavar="OUTBOX", help="Folder or s3://bucket/prefix.")],
    within: Annotated[
        float, typer.Option(min=0, help="Hours in which a run must have ended.")
    ] = 26.0,
    notify: Annotated[
        str, typer.Option(help="Whom to tell if none did: https://host/path or mailto:address.")
    ] = "",
) -> None:
    """Fail, and tell someone, unless a run left its manifest in the outbox lately.

    A run that was terminated, never started, or whose pod never found a node says nothing: only
    what is missing shows it. Exit code 0 if there is a manifest that is young enough, else 5.
    """
    from nescio import __version__, notices
    from nescio.outcome import last_manifest

    notices.check_target(notify)
    try:
        manifest = last_manifest(outbox)
        fault = _fault(manifest, within)
    except (NescioError, FileNotFoundError) as error:  # the latter: there is no such bucket
        manifest, fault = None, f"the outbox cannot be looked at: {error}"
    if manifest and not fault:
        counts = ", ".join(f"{number} {name}" for name, number in manifest["outcomes"].items())
        print(f"Run {manifest['run']} ended {manifest['finished']}: {counts or 'no documents'}.")
        return
    if notify:
        run = str(manifest["run"]) if manifest else ""
        said = {"event": "run_missing", "run": run, "succeeded": False, "state": "MISSING"}
        notices.send(
            notify, said | {"outcomes": {}, "text": f"nescio: {fault}", "version": __version__}
        )
    raise NescioError(fault, "See docs/operations.md, nights without a manifest.")


def _fault(manifest: dict[str, Any] | None, within: float) -> str:
    """Say what is wrong with the last manifest; empty if nothing is."""
    if manifest is None:
        return "no run has ever left a manifest in the outbox."
    hours = (time.time() - manifest["ended"]) / 3600
    if hours <= within:
        return ""
    return (
        f"no run has ended well for {hours:.0f} hours; the last was {manifest['run']}, at "
        f"{manifest['finished']}."
    )
