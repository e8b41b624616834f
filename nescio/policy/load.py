"""Read a policy from YAML; what is wrong is said in one line that names line and field."""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

import yaml
from pydantic import ValidationError

from nescio.errors import ConfigurationError
from nescio.policy.entities import check_entity
from nescio.policy.model import Phrase, Policy
from nescio.store import read_uri

BUILT_IN: Final = ("everything", "safe-harbor", "limited-data-set", "ema-0070")
"""Names of the policies that Nescio ships."""

_LISTS: Final = ("allow", "deny")

Path = tuple[str, ...]


def load_policy(name_or_path: str) -> Policy:
    """Read, complete and check a policy.

    A file may say ``extends: <built-in name>`` and then only what differs: top-level fields
    replace those of the built-in policy, ``entities`` and ``merges`` are added to its own.

    Args:
        name_or_path: a name of ``BUILT_IN``, or path or URI of a YAML file.

    Raises:
        ConfigurationError: the file is not there, not YAML, or not a policy.
    """
    if name_or_path in BUILT_IN:
        return _build(_built_in(name_or_path), name_or_path, {}, "")
    if not name_or_path.endswith((".yaml", ".yml")):
        raise ConfigurationError(
            "the policy is not known.",
            f"Give {', '.join(BUILT_IN)}, or a .yaml file.",
        )
    shown = "policy file"  # its name may say whose it is
    data, lines = _parse(read_uri(name_or_path), shown)
    base = data.pop("extends", None)
    if base is not None:
        if base not in BUILT_IN:
            raise _error(shown, lines.get(("extends",)), "extends", f"give {', '.join(BUILT_IN)}")
        data = _extended(_built_in(base), data)
    return _build(data, shown, lines, name_or_path.rpartition("/")[0])


def frozen(policy: Policy) -> dict[str, Any]:
    """Return all of a policy, the phrases of its lists included, as plain values. May hold PHI."""
    phrases = {name: [phrase.model_dump() for phrase in getattr(policy, name)] for name in _LISTS}
    return {"policy": policy.model_dump(mode="json"), **phrases}


def thawed(data: dict[str, Any]) -> Policy:
    """Return the policy that :func:`frozen` was given."""
    allow, deny = (tuple(Phrase(**phrase) for phrase in data[name]) for name in _LISTS)
    return Policy.model_validate(data["policy"]).with_phrases(allow, deny)


def _built_in(name: str) -> dict[str, Any]:
    source = resources.files("nescio.policy").joinpath(f"data/{name}.yaml")
    return _parse(source.read_bytes(), name)[0]


def _extended(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = base | own
    for field in ("entities", "merges"):
        if isinstance(own.get(field), dict):
            merged[field] = base.get(field, {}) | own[field]
    return merged


def _parse(content: bytes, shown: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """Return the YAML's data and the line (from 1) of every field."""
    try:
        loader = yaml.SafeLoader(content)
        root = loader.get_single_node()
        lines: dict[Path, int] = {}
        if root is not None:
            _walk(root, (), lines, shown)
        data = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _error(shown, line, "", f"not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _error(shown, None, "", "not YAML: not readable as text") from None
    if not isinstance(data, dict):
        raise _error(shown, 1, "", "a policy is a mapping of fields")
    return data, lines


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], shown: str) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            own = (*path, str(key.value))
            if own in lines:
                raise _error(shown, key.start_mark.line + 1, ".".join(own), "given twice")
            lines[own] = key.start_mark.line + 1
            _walk(value, own, lines, shown)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            own = (*path, str(number))
            lines[own] = item.start_mark.line + 1
            _walk(item, own, lines, shown)


def _build(data: dict[str, Any], shown: str, lines: dict[Path, int], folder: str) -> Policy:
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = tuple(str(part) for part in first["loc"] if part != "[key]")
        message = first["msg"].removeprefix("Value error, ")
        raise _error(shown, _line_of(path, message, lines), ".".join(path), message) from None
    return policy.with_phrases(
        _phrases(policy.lists.allow, folder), _phrases(policy.lists.deny, folder)
    )


def _line_of(path: Path, message: str, lines: dict[Path, int]) -> int | None:
    """Return the line of a field, or of the nearest field around it that is written down.

    Checks across fields fail at the top; their messages begin with the entity or field they are
    about.
    """
    entity = message.split(":")[0]
    for tried in (("entities", entity), ("entities", entity.split(".")[0]), (entity,)):
        if path in ((), ("entities",)) and tried in lines:
            return lines[tried]
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def _error(shown: str, line: int | None, field: str, message: str) -> ConfigurationError:
    place = f"{shown}, line {line}" if line else shown
    subject = f"{place}, {field}" if field else place
    text = " ".join(message.split())
    return ConfigurationError(f"{subject}: {text}.", "See docs/policies.md.")


def _phrases(uris: tuple[str, ...], folder: str) -> tuple[Phrase, ...]:
    """Read the lists; a relative path is relative to the policy file."""
    found: list[Phrase] = []
    for uri in uris:
        absolute = uri.startswith("/") or "://" in uri
        content = read_uri(uri if absolute or not folder else f"{folder}/{uri}")
        found += read_phrases(content)
    return tuple(found)


def read_phrases(content: bytes) -> list[Phrase]:
    """Read an allow or deny list: a phrase a line, after a tab its entity; ``#`` comments.

    Raises:
        ConfigurationError: a line names an unknown entity, or the file is not UTF-8. The message
            gives the line's number only: the list may hold names.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigurationError("an allow or deny list is not UTF-8.", "Save it so.") from None
    phrases = []
    for number, line in enumerate(lines, 1):
        text, _, entity = (part.strip() for part in line.partition("\t"))
        if not text or text.startswith("#"):
            continue
        try:
            phrases.append(Phrase(text=text, entity=check_entity(entity) if entity else ""))
        except ValueError:
            raise ConfigurationError(
                f"an allow or deny list, line {number}: unknown entity after the tab.",
                "Name LABEL or LABEL.kind of docs/policies.md.",
            ) from None
    return phrases
