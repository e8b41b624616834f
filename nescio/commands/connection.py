"""Options with which the commands reach a cluster."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Host = Annotated[
    str, typer.Option(help="URL of Kubeflow Pipelines.", envvar="KF_PIPELINES_ENDPOINT")
]
Namespace = Annotated[str, typer.Option(help="Your namespace; multi-user installations only.")]
TokenFile = Annotated[
    str,
    typer.Option(help="File with a bearer token.", envvar="KF_PIPELINES_SA_TOKEN_PATH"),
]
CertificateFile = Annotated[str, typer.Option("--ca-file", help="Certificate authority (PEM).")]
Parameters = Annotated[
    list[str] | None, typer.Option("--param", "-p", help="name=value; may be repeated.")
]
Package = Annotated[str, typer.Option(help="Shipped pipeline, or a compiled YAML file.")]
Experiment = Annotated[str, typer.Option(help="Experiment that groups the runs.")]
PipelineRoot = Annotated[str, typer.Option(help="Where artifacts go; else the cluster's default.")]
ServiceAccount = Annotated[str, typer.Option(help="Service account of the pods.")]


def client(host: str, namespace: str, token_file: str, ca_file: str) -> Any:
    """Return a connected client."""
    from nescio_pipelines.client import Connection, connect

    return connect(Connection(host, namespace, token_file, ca_file))
