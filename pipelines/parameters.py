"""Parameters of a compiled pipeline, checked before a cluster is troubled with them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from nescio.errors import ConfigurationError
from nescio.store import is_remote

HERE: Final = Path(__file__).parent
BOOLEANS: Final = {"true": True, "false": False}
LOCATIONS: Final = ("inbox", "outbox")


def find_package(name: str) -> Path:
    """Return the compiled pipeline: one that is shipped, by name, or a file.

    Raises:
        ConfigurationError: there is no such package.
    """
    for path in (HERE / f"{name}.yaml", Path(name)):
        if path.is_file():
            return path
    shipped = ", ".join(sorted(path.stem for path in HERE.glob("*.yaml")))
    raise ConfigurationError(
        "there is no such pipeline package.", f"Give a compiled YAML file, or one of: {shipped}."
    )


def declared(package: Path) -> dict[str, dict[str, Any]]:
    """Return the parameters that a package declares: type, default, description by name."""
    try:
        specification = next(iter(yaml.safe_load_all(package.read_text())))
        root = specification["root"]
    except (StopIteration, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        raise ConfigurationError(
            "the package is not a compiled pipeline.", "`make compile` writes one."
        ) from None
    found: dict[str, dict[str, Any]] = root.get("inputDefinitions", {}).get("parameters", {})
    return found


def parse_parameters(package: Path, pairs: Sequence[str]) -> dict[str, Any]:
    """Turn ``name=value`` into values of the declared types.

    Values are never repeated in a message.

    Raises:
        ConfigurationError: unknown, repeated, missing or wrongly typed parameter.
    """
    known = declared(package)
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ConfigurationError("--param takes name=value.")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(sorted(known))}."
            raise ConfigurationError(f"the pipeline has no parameter {name!r}.", hint)
        if name in values:
            raise ConfigurationError(f"parameter {name!r} is given twice.")
        values[name] = _typed(name, str(known[name]["parameterType"]), text)
    missing = [
        name for name, item in known.items() if not item.get("isOptional") and name not in values
    ]
    if missing:
        raise ConfigurationError(f"the pipeline needs parameters: {', '.join(missing)}.")
    for name in LOCATIONS:
        if name in values and not is_remote(values[name]):
            raise ConfigurationError(
                f"parameter {name!r} must be s3://bucket/prefix on a cluster.",
                "A folder would be one inside a pod, and vanish with it.",
            )
    return values


def value_of(package: Path, values: dict[str, Any], name: str) -> Any:
    """Return a parameter's value: the one given, else the package's default."""
    return values.get(name, declared(package).get(name, {}).get("defaultValue", ""))


def _typed(name: str, kind: str, text: str) -> Any:
    readers: dict[str, Callable[[str], Any]] = {
        "STRING": str,
        "NUMBER_INTEGER": int,
        "NUMBER_DOUBLE": float,
        "BOOLEAN": lambda text: BOOLEANS[text.strip().lower()],
        "LIST": json.loads,
        "STRUCT": json.loads,
    }
    try:
        return readers[kind](text)
    except (ValueError, KeyError):
        raise ConfigurationError(f"parameter {name!r} must be of type {kind}.") from None
