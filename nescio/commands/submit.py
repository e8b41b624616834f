"""`nescio submit`: one run on a cluster, waited for if wanted."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any, Final

import typer

from nescio.commands import connection as options
from nescio.errors import ConfigurationError, ExitCode

EPILOG: Final = (
    "Exit codes with --wait: 0 all released (or nothing to do); 2 usage or configuration; 3 some "
    "documents quarantined or refused; 4 none released; 5 the run failed or the time limit is over."
)


def submit(
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
    param: options.Parameters = None,
    package: options.Package = "deidentify",
    name: Annotated[str, typer.Option(help="Name of the run in the UI; no PHI.")] = "",
    experiment: options.Experiment = "nescio",
    pipeline_root: options.PipelineRoot = "",
    service_account: options.ServiceAccount = "",
    doctor: Annotated[
        bool | None,
        typer.Option(
            "--doctor/--no-doctor",
            help="Look first, as `nescio doctor` does, and submit only if all is fine. Unless "
            "said: only at the cluster, where one is configured, and as far as you may.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait, and exit by the outcome.")] = False,
    time_limit: Annotated[
        float, typer.Option(min=0, help="Longest time to wait, in minutes.")
    ] = 360.0,
    poll: Annotated[float, typer.Option(min=0.01, help="Seconds between two looks.")] = 15.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run the pipeline on a cluster, from bucket to bucket."""
    from nescio.store import open_store
    from nescio_pipelines import submit as cluster
    from nescio_pipelines.parameters import find_package, parse_parameters, value_of

    path = find_package(package)
    values = parse_parameters(path, param or [])
    outbox = str(value_of(path, values, "outbox"))
    if wait:
        if not outbox:
            raise ConfigurationError("this pipeline has no outbox to wait for a result in.")
        open_store(outbox)  # without access to the bucket the outcome could not be told
    if doctor is not False:
        buckets = (str(value_of(path, values, "inbox")), outbox)
        _look(namespace or "nescio", service_account, buckets, package, strict=bool(doctor))
    client = options.client(host, namespace, token_file, ca_file)
    title = name or time.strftime("nescio %Y-%m-%d %H:%M:%S UTC", time.gmtime())
    order = cluster.Order(path, values, title, experiment, pipeline_root, service_account)
    run = cluster.submit(client, order)
    facts: dict[str, Any] = {"run": run, "link": client.link("runs", run), "outbox": outbox}
    say = _silent if as_json else print
    say(f"Run {run}")
    say(f"  in the UI  {facts['link']}")
    if not wait:
        if as_json:
            print(json.dumps(facts))
        return
    state = cluster.wait(client, run, time_limit * 60, poll, lambda text: say(f"  {text}"))
    raise typer.Exit(int(_conclude(facts | {"state": state}, as_json)))


def _look(
    namespace: str, service_account: str, buckets: tuple[str, str], package: str, strict: bool
) -> None:
    """Show on stderr what a run would lack.

    Args:
        namespace: where runs take place.
        service_account: of their pods; empty for the usual one.
        buckets: inbox and outbox.
        package: name of the pipeline.
        strict: look at the buckets, too, and want to see everything. Else what cannot be seen is
            no fault: whoever submits need not be an administrator of the cluster, and the buckets
            are for the steps' user, not for theirs.

    Raises:
        ConfigurationError: something is missing; nothing was submitted.
    """
    from nescio.commands.doctor import cluster_is_configured, findings

    if not strict and not cluster_is_configured():
        return
    account = service_account or "pipeline-runner"
    missing = 0
    inbox, outbox = buckets
    for finding in findings(
        namespace, account, inbox, outbox, gpu="gpu" in package, storage=strict
    ):
        if strict or (not finding.fine and finding.seen):
            typer.echo(str(finding), err=True)
        missing += not finding.fine and (strict or finding.seen)
    if missing:
        raise ConfigurationError(
            f"nothing was submitted: {missing} of these are missing.",
            "Mend them as they say, or submit with --no-doctor.",
        )


def _silent(text: str) -> None:
    """Print nothing."""


def _conclude(facts: dict[str, Any], as_json: bool) -> ExitCode:
    """Print the outcome as the bucket tells it, and return the exit code that follows."""
    from nescio.outcome import exit_code, held_back, read_failure, read_outcome

    run, outbox = facts["run"], facts["outbox"]
    if facts["state"] != "SUCCEEDED":
        raise read_failure(outbox, run, facts["state"])
    manifest = read_outcome(outbox, run)
    outcomes: dict[str, int] = manifest["outcomes"]
    code = exit_code(outcomes)
    if as_json:
        print(json.dumps(facts | {"outcomes": outcomes, "exit_code": int(code)}))
        return code
    counts = ", ".join(f"{number} {name}" for name, number in outcomes.items())
    print(f"Done: {counts or 'no documents'}.")
    print(f"  results    {outbox}/released/")
    print(f"  report     {outbox}/report.html")
    for line in held_back(manifest):
        print(f"  {line}")
    return code
