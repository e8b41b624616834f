"""`nescio apply`: an edited proposal becomes a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nescio.errors import ConfigurationError


def apply(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URI of a run's results.")],
    document: Annotated[str, typer.Argument(metavar="ID", help="Opaque id of the document.")],
    edited: Annotated[Path, typer.Option("--from", help="The edited proposal: PDF or XFDF.")],
    original: Annotated[Path, typer.Option(help="The original PDF, unchanged.")],
    others: Annotated[
        str, typer.Option(help="Where a new mark's text stands elsewhere: ask, cover, leave.")
    ] = "ask",
    unseen: Annotated[
        str,
        typer.Option(help="Where detectors find what nobody decided on: ask, leave (it stands)."),
    ] = "ask",
    confidential: Annotated[
        str,
        typer.Option(help="CSV file (text,justification): confidential texts to remove, too."),
    ] = "",
    password_file: Annotated[
        str, typer.Option(help="CSV file (path,password) for an encrypted original.")
    ] = "",
) -> None:
    """Redact, verify and release a document as a person decided in its proposal."""
    from nescio.review.apply import apply_proposal

    if others not in ("ask", "cover", "leave"):
        raise ConfigurationError("--others must be one of ask, cover, leave.")
    if unseen not in ("ask", "leave"):
        raise ConfigurationError("--unseen must be ask or leave.")
    done = apply_proposal(
        output,
        document,
        edited,
        original,
        passwords=password_file,
        others=others,  # type: ignore[arg-type]
        unseen=unseen,  # type: ignore[arg-type]
        confidential=confidential,
    )
    counts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in done.counts.items())
    print(f"Released {done.file}: marks {counts}.")
    if done.empty:
        pages = ", ".join(str(page + 1) for page in sorted(set(done.empty)))
        print(f"  marks that cover nothing, on pages {pages}")
    if absent := done.counts["confidential_texts_absent"]:
        print(f"  {absent} of the confidential texts were not found")
    if done.counts["conflicts"]:
        print(f"  {done.counts['conflicts']} texts are let stand in one place and hidden elsewhere")
