"""`nescio regulator`: the proposal in the form that EMA and Health Canada ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def regulator(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder of a run's results.")],
    document: Annotated[str, typer.Argument(metavar="ID", help="Opaque id of the document.")],
    original: Annotated[Path, typer.Option(help="The original PDF, unchanged.")],
    confidential: Annotated[
        str,
        typer.Option(help="CSV file (text,justification) of commercially confidential texts."),
    ] = "",
    reader: Annotated[
        str, typer.Option(help="Take in this reader's decisions on the review page.")
    ] = "",
    password_file: Annotated[
        str, typer.Option(help="CSV file (path,password) for an encrypted original.")
    ] = "",
) -> None:
    """Write a proposal for a regulator: outlined marks over readable text, and a legend."""
    from nescio.isolation import Limits, preload, run_isolated
    from nescio.passwords import load_passwords
    from nescio.review.apply import find_record
    from nescio.review.regulator import write_regulator
    from nescio.store import open_store

    preload("nescio.review.regulator")
    record = find_record(open_store(output), document)
    written = run_isolated(
        Limits.for_pages(record.pages),
        write_regulator,
        output,
        document,
        original,
        confidential=confidential,
        reader=reader,
        password=load_passwords(password_file).of(str(original.resolve())),
    )
    counts = ", ".join(f"{number} {name}" for name, number in sorted(written.marks.items()))
    print(f"Wrote {written.key}: marks {counts or 'none'}.")
    if written.absent:
        print(f"  {written.absent} of the confidential texts were not found")
