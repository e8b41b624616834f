"""`nescio schedule`: recurring runs on a cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from nescio.commands import connection as options

app = typer.Typer(help="Run the pipeline again and again: every night, for example.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the schedule.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the schedule; no PHI.")],
    cron: Annotated[
        str, typer.Option(help="Six fields, seconds first, in UTC: '0 0 2 * * *' is 02:00.")
    ],
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
    param: options.Parameters = None,
    package: options.Package = "deidentify",
    experiment: options.Experiment = "nescio",
    pipeline_root: options.PipelineRoot = "",
    service_account: options.ServiceAccount = "",
    paused: Annotated[bool, typer.Option("--paused", help="Make it, but do not start it.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete the one of this name; a run it made ends.")
    ] = False,
) -> None:
    """Make a schedule: one run at a time, missed slots are not made up for."""
    from nescio_pipelines import schedule
    from nescio_pipelines.parameters import find_package, parse_parameters
    from nescio_pipelines.submit import Order

    path = find_package(package)
    values = parse_parameters(path, param or [])
    expression = schedule.check_cron(cron)
    client = options.client(host, namespace, token_file, ca_file)
    order = Order(path, values, name, experiment, pipeline_root, service_account)
    identity = schedule.create(client, order, expression, not paused, replace)
    print(f"Schedule {identity}: '{expression}', in UTC unless the server is set otherwise.")
    print(f"  in the UI  {client.link('recurringrun', identity)}")


@app.command("list")
def list_schedules(
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
) -> None:
    """List schedules: id, status, cron expression, name."""
    from nescio_pipelines import schedule

    for item in schedule.list_all(options.client(host, namespace, token_file, ca_file)):
        risk = "" if item.no_catchup and item.max_concurrency == 1 else "  (may run twice at once)"
        print(f"{item.id}  {item.status:<8}  {item.cron or 'by period':<20}  {item.name}{risk}")


@app.command()
def pause(
    name: Name,
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
) -> None:
    """Stop a schedule from starting runs; one that is going goes on."""
    from nescio_pipelines import schedule

    schedule.pause(options.client(host, namespace, token_file, ca_file), name)
    print("Paused.")


@app.command()
def resume(
    name: Name,
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
) -> None:
    """Let a schedule start runs again, from its next slot on."""
    from nescio_pipelines import schedule

    schedule.resume(options.client(host, namespace, token_file, ca_file), name)
    print("Resumed.")


@app.command()
def delete(
    name: Name,
    host: options.Host = "",
    namespace: options.Namespace = "",
    token_file: options.TokenFile = "",
    ca_file: options.CertificateFile = "",
) -> None:
    """Delete a schedule with its workflows and pods; the records of its runs stay."""
    from nescio_pipelines import schedule

    schedule.delete(options.client(host, namespace, token_file, ca_file), name)
    print("Deleted.")
