"""Policies by name or by file, with errors that say where."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from nescio.errors import ConfigurationError
from nescio.policy.model import Policy
from nescio.store import read_uri

_FOLDER: Final = Path(__file__).parent / "data"


def built_in_policies() -> list[str]:
    """Return the names of the policies that come with Nescio."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_policy(name_or_path: str) -> Policy:
    """Load a built-in policy by name, or a policy file by path or URI.

    Raises:
        ConfigurationError: there is no such policy, or the file is not a valid one.
    """
    if name_or_path in built_in_policies():
        text = (_FOLDER / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    elif name_or_path.endswith((".yaml", ".yml")):
        text = read_uri(name_or_path).decode("utf-8")
    else:
        raise ConfigurationError(
            "there is no such policy.", f"Built-in ones: {', '.join(built_in_policies())}."
        )
    try:
        return Policy.model_validate(yaml.safe_load(text))
    except yaml.YAMLError:
        raise ConfigurationError("the policy is not valid YAML.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigurationError(f"policy: {place}: {first['msg']}.") from None
