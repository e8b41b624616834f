"""`nescio vault-key` and `nescio vault-rotate`: the keys of a vault."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from nescio.errors import ConfigurationError


def vault_key(
    key_file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Key file; made, or given a new first line.")
    ],
) -> None:
    """Put a new key into the first line of a key file; older keys stay below it."""
    from nescio.policy import new_key, read_keys

    older = key_file.read_bytes() if key_file.exists() else b""
    if older.strip():
        read_keys(older)  # a file of another kind is not overwritten
    temporary = key_file.with_name(f".{key_file.name}.tmp")
    try:
        # Made unreadable for others from the start: a mode set later would come too late.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        raise ConfigurationError(
            "the key file cannot be written.", "Check the folder and its permissions."
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(new_key().encode() + b"\n" + older)
    temporary.replace(key_file)
    print("A new key is in the first line. Without the key nothing opens the vault: keep a copy.")


def vault_rotate(
    vault: Annotated[Path, typer.Argument(metavar="VAULT", help="The vault, a local file.")],
    vault_key_file: Annotated[
        str, typer.Option(help="Key file: new key first, older ones below it.")
    ] = "",
) -> None:
    """Encrypt a vault anew with the first key, so that the older ones are needed no more."""
    from nescio.policy import find_keys, rotate

    keys = find_keys(vault_key_file)
    if not vault.is_file():
        raise ConfigurationError("the vault does not exist.", "Give its path.")
    rotate(vault, keys, keys[:1])
    print("The vault opens with the first key alone. Older copies still open with the older keys.")
