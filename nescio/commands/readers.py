"""`nescio readers`: how far two readers of a document agree, and what all may have missed."""

from __future__ import annotations

from typing import Annotated

import typer


def readers(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder of a run's results.")],
    document: Annotated[str, typer.Argument(metavar="ID", help="Opaque id of the document.")],
    first: Annotated[str, typer.Argument(help="Name of one reader.")],
    second: Annotated[str, typer.Argument(help="Name of the other.")],
) -> None:
    """Compare two readers' decisions, as JSON: agreement, disagreements, an estimate of misses.

    The run's report is brought up to date with it.
    """
    import json

    from nescio.review.apply import alone, reader_name
    from nescio.review.reported import update_report
    from nescio.review.settling import comparison_of

    found = comparison_of(output, document, reader_name(first), reader_name(second))
    with alone(output):
        update_report(output)
    print(json.dumps(found.facts() | {"marks_to_settle": found.disagreed}, indent=2))
