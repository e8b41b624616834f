"""`nescio policy suggest`: entries of allow and deny lists from repeated decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nescio.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, help="What reviews suggest for policies.")


@app.callback()
def _policy() -> None:
    """What reviews suggest for policies."""


@app.command()
def suggest(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URI of a run's results.")],
    fewest: Annotated[
        int, typer.Option(min=1, help="Documents in which a text was decided alike.")
    ] = 2,
    accept: Annotated[
        str, typer.Option(help="Numbers of the suggestions that you confirm, such as 1,3.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Folder of allow.txt and deny.txt, for --accept.")
    ] = None,
) -> None:
    """Show texts that reviewers rejected or added again and again; add those you confirm to lists.

    What it shows is document text. Nothing is added without --accept.
    """
    from nescio.policy.suggest import add_to_lists, suggestions
    from nescio.store import open_store

    found = suggestions(open_store(output), fewest)
    if not accept:
        for number, item in enumerate(found, 1):
            print(f"{number:>4}  {item.list:<5}  {item.documents:>3} documents  {item.label:<12}  "
                  f"{item.text}")  # fmt: skip
        print(f"{len(found)} suggestions; confirm with --accept NUMBERS --folder FOLDER.")
        return
    if folder is None:
        raise ConfigurationError("--accept needs --folder.", "It holds allow.txt and deny.txt.")
    numbers = {str(number): item for number, item in enumerate(found, 1)}
    asked = [part.strip() for part in accept.split(",")]
    if not set(asked) <= numbers.keys():
        raise ConfigurationError("--accept takes numbers of the list of suggestions.")
    chosen = [numbers[part] for part in asked]
    for name, number in add_to_lists(chosen, folder).items():
        print(f"{number} entries added to {name}.txt; name it under lists in the policy file.")
