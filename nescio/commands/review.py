"""`nescio review`: a page on this machine to decide what is hidden, and to release it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nescio.errors import ConfigurationError


def review(
    output: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URI of a run's results.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 0,
    reader: Annotated[
        str, typer.Option(help="Your name in the audit trail; else your user name.")
    ] = "",
    inbox: Annotated[
        str, typer.Option(help="Originals, if they moved since the run or are in s3://...")
    ] = "",
    settle: Annotated[
        str, typer.Option(help="Two readers, FIRST,SECOND: settle what they disagree on.")
    ] = "",
    confidential: Annotated[
        str,
        typer.Option(help="CSV file (text,justification): confidential texts to remove, too."),
    ] = "",
    host: Annotated[
        str, typer.Option(help="IP address; other than the loopback by TLS or a proxy only.")
    ] = "127.0.0.1",
    name: Annotated[str, typer.Option(help="Host name by which browsers call the page.")] = "",
    tls_cert: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    login_file: Annotated[
        Path | None, typer.Option(help="File, mode 0600, with the page's password.")
    ] = None,
    proxy_header: Annotated[
        str, typer.Option(help="Header in which an authenticating proxy says who asks.")
    ] = "",
    proxy_address: Annotated[str, typer.Option(help="The proxy's IP address.")] = "127.0.0.1",
    password_file: Annotated[
        str, typer.Option(help="CSV file (path,password) for encrypted originals.")
    ] = "",
) -> None:
    """Review proposals in a browser: accept, reject, add, and release."""
    from nescio.passwords import load_passwords
    from nescio.review.apply import reader_name
    from nescio.review.confidential import read_confidential
    from nescio.review.web.access import Proxy, read_password
    from nescio.review.web.serve import Where, prepare
    from nescio.store import is_remote, open_store

    proposals = open_store(output).list("private/proposal")
    if not any(True for _ in proposals):
        raise ConfigurationError(
            "there is no proposal in this folder.", "Run `nescio run --propose` first."
        )
    if is_remote(output) and not is_remote(inbox):
        raise ConfigurationError(
            "the originals of a run in a bucket have to be named.", "Give --inbox s3://..."
        )
    me = reader_name(reader)
    pair = tuple(reader_name(name.strip()) for name in settle.split(",")) if settle else ()
    if pair and (len(pair) != 2 or len({me, *pair}) != 3):
        raise ConfigurationError(
            "--settle takes the names of two readers, and a third one settles.",
            "For example: --settle alice,bob --reader carol",
        )
    where = Where(
        host,
        port,
        name,
        tls_cert,
        tls_key,
        read_password(login_file) if login_file else "",
        Proxy(proxy_header.lower(), proxy_address, me) if proxy_header else None,
    )
    serving = prepare(
        output,
        me,
        where,
        settle=pair,
        confidential=read_confidential(confidential),
        inbox=inbox,
        passwords=load_passwords(password_file),
    )
    print("Open this address in a browser; Ctrl-C ends the review.")
    print(f"  {serving.address}", flush=True)
    serving.run()
