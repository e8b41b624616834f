"""`nescio verify`: the 34 checks on a redacted PDF, whichever tool wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from nescio.errors import ConfigurationError, ExitCode, RefusedError

if TYPE_CHECKING:
    from nescio.redact import Certificate

SHOWN: Final = {"passed": "passed", "not_applicable": "not applicable", "failed": "FAILED"}


def verify(
    pdf: Annotated[Path, typer.Argument(metavar="FILE", help="The redacted PDF.")],
    against: Annotated[
        Path | None, typer.Option(metavar="ORIGINAL", help="The PDF that it was made from.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            help="What was to go: a JSON list of boxes {page, x0, y0, x1, y1, text}, or the "
            "output folder of the run that wrote FILE (then with --against)."
        ),
    ] = None,
    password_file: Annotated[
        str, typer.Option(help="CSV file (path,password) for an encrypted ORIGINAL.")
    ] = "",
    style: Annotated[
        Literal["box", "white", "label"], typer.Option(help="How removals look in FILE.")
    ] = "box",
    boxes: Annotated[
        Literal["tight", "quantised"], typer.Option(help="As given to the run that wrote FILE.")
    ] = "tight",
    web_links: Annotated[
        bool, typer.Option(help="FILE was made with --web-links: clean links may stand.")
    ] = False,
    ocr: Annotated[
        bool, typer.Option("--ocr/--no-ocr", help="Read pictures, and some pages, to find secrets.")
    ] = True,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the certificate here (JSON).")
    ] = None,
) -> None:
    """Check a redacted PDF; without --decisions, what can be checked without knowing secrets.

    Exit codes: 0 verified; 2 usage; 4 a check failed or FILE cannot be read.
    """
    from nescio.decided import rastered_pages, redactions_from
    from nescio.ocr import read_text
    from nescio.passwords import load_passwords
    from nescio.redact import verify as verify_file

    for path in (pdf, against, decisions):
        if path is not None and not path.exists():
            raise ConfigurationError("a file that was given does not exist.")
    password = load_passwords(password_file).of(str(against.resolve())) if against else None
    try:
        redactions = redactions_from(decisions, pdf, against, password) if decisions else None
        certificate = verify_file(
            pdf,
            against,
            redactions,
            password=password,
            style=style,
            boxes=boxes,
            web_links=web_links,
            ocr=read_text if ocr else None,
            pictures=rastered_pages(pdf),
        )
    except RefusedError as error:
        error.exit_code = ExitCode.NONE_RELEASED
        raise
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(certificate.to_json(), encoding="utf-8")
    show(certificate)
    if certificate.verdict != "verified":
        raise typer.Exit(int(ExitCode.NONE_RELEASED))


def show(certificate: Certificate) -> None:
    """Print each check with its result, and what the results add up to."""
    from rich.console import Console
    from rich.table import Table

    colours = {"passed": "green", "not_applicable": "dim", "failed": "bold red"}
    table = Table("#", "check", "result", "where, or why not", box=None, pad_edge=False)
    for check in certificate.checks:
        result = f"[{colours[check.status]}]{SHOWN[check.status]}[/]"
        pages = ", ".join(str(page + 1) for page in check.pages[:8])
        places = f"{check.count} places" + (f"; pages {pages}" if pages else "")
        remark = "; ".join(filter(None, (places if check.count else "", check.note)))
        table.add_row(str(check.number), check.name.replace("_", " "), result, remark)
    console = Console(highlight=False)
    console.print(table)
    counts = {
        status: sum(check.status == status for check in certificate.checks) for status in SHOWN
    }
    numbers = ", ".join(f"{count} {SHOWN[status].lower()}" for status, count in counts.items())
    console.print(f"{certificate.verdict}: {numbers}; {certificate.pages} pages.")
