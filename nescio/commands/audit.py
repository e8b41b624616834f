"""`nescio audit`: the trail of who decided what, verified."""

from __future__ import annotations

from typing import Annotated

import typer


def audit(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URI of a run's results.")],
    show: Annotated[bool, typer.Option(help="Print the entries, too; they hold no text.")] = False,
) -> None:
    """Verify the hash chain of the audit trail of reviews; exit code 2 where it is broken."""
    from nescio.review.audit import check_trail, entries

    head = check_trail(output)
    if show:
        for entry in entries(output):
            marks = f" {len(entry['marks'])} marks" if entry["marks"] else ""
            facts = (entry[name] for name in ("number", "time", "who", "document", "action"))
            print(" ".join(map(str, facts)) + marks)
    print(f"The trail is whole: {head.entries} entries, last hash {head.hash}.")
