"""The command line. Exit codes: 0 all released, 2 usage, 3 some, 4 none released, 5 internal."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from nescio import __version__
from nescio.commands.apply import apply
from nescio.commands.audit import audit
from nescio.commands.clean import clean
from nescio.commands.doctor import doctor
from nescio.commands.policy import app as policy_app
from nescio.commands.readers import readers
from nescio.commands.regulator import regulator
from nescio.commands.review import review
from nescio.commands.schedule import app as schedule
from nescio.commands.submit import EPILOG as SUBMIT_EPILOG
from nescio.commands.submit import submit
from nescio.commands.vault import vault_key, vault_rotate
from nescio.commands.verify import verify
from nescio.commands.watch import watch
from nescio.errors import ConfigurationError, ExitCode, NescioError

app = typer.Typer(
    name="nescio",
    help="Take people's identities out of healthcare PDFs, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
error_console = Console(stderr=True, highlight=False)

EPILOG: Final = (
    "Exit codes: 0 all released; 2 usage or configuration; 3 some documents quarantined or "
    "refused; 4 none released; 5 internal error."
)


def main() -> None:
    """Run the command line; no traceback ever reaches the user: it could show document text."""
    try:
        app(standalone_mode=True)
    except NescioError as error:
        error_console.print(f"nescio: {error}", markup=False, soft_wrap=True)
        raise SystemExit(int(error.exit_code)) from None
    except Exception as error:  # its text may quote a document
        if os.environ.get("NESCIO_DEBUG"):
            raise
        error_console.print(
            f"nescio: internal error ({type(error).__name__}). "
            "Set NESCIO_DEBUG=1 to see where; the traceback may show document text.",
            markup=False,
        )
        raise SystemExit(int(ExitCode.INTERNAL)) from None


def _version(value: bool) -> None:
    if value:
        print(f"nescio {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Nescio: nomen nescio, I do not know the name."""


@app.command(epilog=EPILOG)
def run(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A PDF, a folder of PDFs, or s3://bucket/prefix.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Folder or s3://bucket/prefix for the results.")
    ],
    policy: Annotated[
        str, typer.Option(help="Built-in policy, or a policy file (YAML).")
    ] = "everything",
    password_file: Annotated[
        str, typer.Option(help="CSV file (path,password) for encrypted PDFs.")
    ] = "",
    reference: Annotated[
        str, typer.Option(help="Known people: Parquet, CSV, SAS XPT; or a CSV list path,reference.")
    ] = "",
    reference_mapping: Annotated[
        str, typer.Option(help="YAML file: which column holds what; see `nescio reference`.")
    ] = "",
    vault: Annotated[
        str, typer.Option(help="Encrypted mapping, for patients who return in later runs.")
    ] = "",
    vault_key_file: Annotated[
        str, typer.Option(help="File with the vault's key; else NESCIO_VAULT_KEY is read.")
    ] = "",
    model: Annotated[
        str, typer.Option(help="Token classifier to use instead of the shipped one.")
    ] = "",
    runtime: Annotated[
        str, typer.Option(help="Where the tagger runs: auto, onnx, torch.")
    ] = "auto",
    style: Annotated[
        str, typer.Option(help="How a removal looks: box, white, label; else as the policy says.")
    ] = "",
    boxes: Annotated[
        str, typer.Option(help="tight, or quantised: widths that do not give names away.")
    ] = "tight",
    raster: Annotated[
        str, typer.Option(help="Pages that become pictures: never, needed (last resort), or all.")
    ] = "never",
    web_links: Annotated[
        bool, typer.Option(help="Keep links to the web that hold nothing hidden; else all go.")
    ] = False,
    keep_names: Annotated[
        bool, typer.Option(help="Name results as the inputs: only if file names are harmless.")
    ] = False,
    propose: Annotated[
        bool, typer.Option(help="Release nothing: write proposals to edit; see `nescio apply`.")
    ] = False,
    notify: Annotated[
        str, typer.Option(help="Whom to tell how it ended: https://host/path or mailto:address.")
    ] = "",
    keep_intermediates: Annotated[
        bool, typer.Option(help="Keep private/work, which holds PHI, for debugging.")
    ] = False,
    profile: Annotated[
        bool, typer.Option(help="Say where the time goes; flame graphs in private/profile.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Redact PDFs: run the whole DAG on this machine."""
    from nescio.notices import check_target
    from nescio.outcome import failure
    from nescio.policy import check_vault, load_policy
    from nescio.profiling import table
    from nescio.steps.references import check_references, read_list
    from nescio_pipelines.local import LocalRun, run_locally

    _one_of("--runtime", runtime, ("auto", "onnx", "torch"))
    _one_of("--style", style, ("", "box", "white", "label"))
    _one_of("--boxes", boxes, ("tight", "quantised"))
    _one_of("--raster", raster, ("never", "needed", "all"))
    if notify:
        check_target(notify)
    load_policy(policy)
    if reference and not reference_mapping and read_list(reference) is None:
        raise ConfigurationError(
            "--reference needs --reference-mapping.", "`nescio reference FILE` proposes one."
        )
    if reference:
        check_references(reference, reference_mapping)
    if vault_key_file and not vault:
        raise ConfigurationError("--vault-key-file needs --vault.", "Say which vault it opens.")
    if vault:
        check_vault(vault, vault_key_file)
    inputs, ignored = _inputs(source, output)
    job = LocalRun(
        inputs,
        output,
        policy,
        model,
        password_file,
        reference,
        reference_mapping,
        vault,
        vault_key_file,
        {
            "runtime": runtime,
            "style": style,
            "boxes": boxes,
            "raster": raster,
            "web_links": web_links,
            "keep_names": keep_names,
            "propose": propose,
            "notify": notify,
        },
        keep_intermediates,
        profile,
    )
    started = time.perf_counter()
    with _progress(quiet=as_json) as watch:
        result = run_locally(job, watch)
    if not result.succeeded:
        raise failure(result.records)
    code = _say(output, result.run, time.perf_counter() - started, ignored, as_json)
    if profile and not as_json:
        print(*table(result.profile), f"Flame graphs: {output}/private/profile/", sep="\n")
    raise typer.Exit(int(code))


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigurationError(f"{option} must be one of {', '.join(allowed)}.")


def _inputs(source: str, output: str) -> tuple[list[Path] | str, int]:
    """Return the PDFs (a file given by name is tried whatever its name), and how many others."""
    from nescio.store import is_remote

    if is_remote(source):
        return source, 0
    path = Path(source)
    if path.is_file():
        return [path], 0
    if not path.is_dir():
        raise ConfigurationError("the input does not exist.", "Give a PDF or a folder of PDFs.")
    own = Path(output).resolve()
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.resolve().is_relative_to(own)
    ]
    pdfs = [file for file in files if file.suffix.lower() == ".pdf"]
    if not pdfs:
        raise ConfigurationError(
            "the input folder holds no PDF.", "Give a PDF or a folder of PDFs."
        )
    return pdfs, len(files) - len(pdfs)


STEPS: Final = (
    "collect",
    "extract",
    "gather",
    "predict_entities",
    "predict_context",
    "segment",
    "hybrid_search",
    "decide",
    "redact",
    "release",
)
COUNTED: Final = ("documents", "pages", "paragraphs", "spans", "decisions")


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """Give a function that shows the steps' records as a progress bar on stderr."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    # The run sends file descriptors 1 and 2 to a log: the bar needs a handle of its own.
    with os.fdopen(os.dup(2), "w") as terminal:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
        )
        console = Console(file=terminal, force_terminal=sys.stderr.isatty() or None)
        with Progress(*columns, console=console, disable=quiet, transient=True) as progress:
            bar = progress.add_task("collect", total=len(STEPS), counts="")

            def watch(records: list[dict[str, Any]]) -> None:
                done = {record["step"] for record in records}
                following = next((name for name in STEPS if name not in done), STEPS[-1])
                counts = {
                    name: sum(record.get(name, 0) for record in records if record["step"] == step)
                    for step in STEPS
                    for name in COUNTED
                    if any(name in record for record in records if record["step"] == step)
                }
                text = ", ".join(f"{number:,} {name}" for name, number in counts.items())
                progress.update(
                    bar,
                    completed=len(done & set(STEPS)),
                    description=following.replace("_", " "),
                    counts=text,
                )

            yield watch


def _say(output: str, run: str, seconds: float, ignored: int, as_json: bool) -> ExitCode:
    """Print where the results are, and return the exit code that follows from them."""
    from nescio.outcome import came_through, exit_code, held_back, read_outcome

    manifest = read_outcome(output, run)
    outcomes: dict[str, int] = manifest["outcomes"]
    fine = came_through(outcomes)
    total = sum(outcomes.values())
    code = exit_code(outcomes)
    if total == 0:
        raise ConfigurationError("the input holds no PDF.", "Give a PDF or a folder of PDFs.")
    if as_json:
        facts = {"run": run, "outcomes": outcomes, "ignored_files": ignored, "output": output}
        facts |= {"documents": manifest["documents"], "seconds": round(seconds, 2)}
        print(json.dumps(facts | {"exit_code": int(code)}))
        return code
    counts = ", ".join(f"{number} {name}" for name, number in outcomes.items())
    print(f"Done in {seconds:.1f} s: {counts}.")
    if outcomes.get("proposed"):
        print(f"  proposals to edit (private)     {output}/private/proposal/")
    if fine > outcomes.get("proposed", 0):
        print(f"  redacted PDFs and certificates  {output}/released/")
    print(f"  report                          {output}/report.html")
    print(f"  which file is which (private)   {output}/private/documents.csv")
    for line in held_back(manifest):
        print(f"  {line}")
    if ignored:
        print(f"  {ignored} files that are not named .pdf were left alone")
    return code


@app.command()
def detect(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines of {id, text}, or a text file.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON lines of spans.")],
    model: Annotated[str, typer.Option(help="Token classifier instead of the shipped one.")] = "",
    runtime: Annotated[
        str, typer.Option(help="Where the tagger runs: auto, onnx, torch.")
    ] = "auto",
) -> None:
    """Find identifiers in texts, without PDFs: {id, spans: [{start, end, label, ...}]}."""
    from nescio.detect import detect as detect_texts
    from nescio.detect import read_texts
    from nescio.tagger import load

    _one_of("--runtime", runtime, ("auto", "onnx", "torch"))
    if not source.is_file():
        raise ConfigurationError("the input file does not exist.")
    temporary = output.with_name(f".{output.name}.tmp")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as lines:
            for item in detect_texts(read_texts(source), load(model or None, runtime)):
                lines.write(json.dumps(item, ensure_ascii=False) + "\n")
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)


@app.command()
def explain(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URI of a run's results.")],
    document: Annotated[str, typer.Argument(metavar="ID", help="Opaque id of a document.")],
    page: Annotated[int, typer.Option(help="Only this page, counted from 1.")] = 0,
) -> None:
    """Say why each mention of a document was hidden or let stand, without printing it."""
    import io

    import pyarrow.parquet as pq

    from nescio.policy import explain as sentence
    from nescio.steps.release import decisions_key
    from nescio.store import open_store

    try:
        data = open_store(output).read(decisions_key(document))
    except FileNotFoundError:
        raise ConfigurationError(
            "there are no decisions for this document.", "See private/documents.csv for ids."
        ) from None
    decisions = pq.read_table(io.BytesIO(data))
    for row in decisions.select(["mention", "page"]).to_pylist():
        if page in (0, row["page"] + 1):
            print(sentence(decisions, row["mention"]))


@app.command()
def reference(
    table: Annotated[Path, typer.Argument(metavar="FILE", help="Parquet, CSV or SAS XPT.")],
) -> None:
    """Propose, from a reference table's column names, a mapping to check and save."""
    from nescio.search import column_names, propose_columns, write_mapping

    print(write_mapping(propose_columns(column_names(table))), end="")


app.command()(doctor)
app.command()(apply)
app.command()(vault_key)
app.command()(vault_rotate)
app.command()(verify)
app.command(epilog=SUBMIT_EPILOG)(submit)
app.command()(clean)
app.command()(review)
app.command()(audit)
app.command()(regulator)
app.command()(readers)
app.command()(watch)
app.add_typer(schedule, name="schedule")
app.add_typer(policy_app, name="policy")

if __name__ == "__main__":
    main()
