"""The mapping of a reference table: which column holds which entity, said by a person in YAML.

A mapping file reads::

    columns:
      USUBJID: ID/subject_id
      LASTNAME: NAME/patient/last
      BRTHDTC: DATE/birth
    person: USUBJID        # optional: rows with the same value in this column are one person
    dates: day_first       # optional: how 03/04/2021 is meant in this table

An entity is ``LABEL``, ``LABEL/kind``, for names also ``NAME/kind/part``. Only columns named here
are ever read. Without ``person`` the first subject id, medical record number or social security
number tells persons apart; without any of these every row is a person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

import yaml

from nescio.errors import ConfigurationError
from nescio.tables import LABELS

MOST_COLUMNS: Final = 3
"""Columns of interest of one entity at most."""

NAME_PARTS: Final = ("last", "first", "middle", "maiden", "initials")
DateOrder = Literal["month_first", "day_first"]

_FILE: Final = Path(__file__).parent / "data" / "reference_columns.yaml"
_PUNCTUATION: Final = re.compile(r"[^a-z0-9]+")
_PERSON_KINDS: Final = ("subject_id", "mrn", "ssn")


class Column(NamedTuple):
    """A column of the reference table and the entity that it holds."""

    name: str
    label: str
    kind: str = ""
    part: str = ""

    @property
    def entity(self) -> str:
        """The entity as it is written in a mapping."""
        return "/".join(piece for piece in (self.label, self.kind, self.part) if piece)


class Mapping(NamedTuple):
    """A valid mapping.

    Attributes:
        columns: the mapped columns, in the order of the file.
        person: the column whose values tell persons apart; ``""``: every row is a person.
        dates: order of day and month in this table where both are possible.
    """

    columns: tuple[Column, ...]
    person: str = ""
    dates: DateOrder = "month_first"

    def of_interest(self, label: str, kind: str = "") -> tuple[int, ...]:
        """Return the columns that a predicted entity calls for, at most three for each part.

        Those of its kind; where its kind is not known or not mapped, those of its label.
        """
        return _of_interest(self.columns, label, kind)


@lru_cache(maxsize=1024)
def _of_interest(columns: tuple[Column, ...], label: str, kind: str) -> tuple[int, ...]:
    same = [i for i, column in enumerate(columns) if column.label == label]
    exact = [i for i in same if kind and columns[i].kind == kind]
    chosen: dict[str, list[int]] = defaultdict(list)
    for index in exact or same:
        part = chosen[columns[index].part]
        if len(part) < MOST_COLUMNS:
            part.append(index)
    return tuple(sorted(index for part in chosen.values() for index in part))


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Raises:
        ConfigurationError: it cannot be read, names an unknown entity, or maps more than
            three columns to one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            "The reference mapping cannot be read as YAML.", _HOW_TO
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise ConfigurationError("The reference mapping has no section 'columns'.", _HOW_TO)
    if unknown := sorted(map(str, content.keys() - {"columns", "person", "dates"})):
        raise ConfigurationError(f"The reference mapping has unknown keys: {', '.join(unknown)}.")
    return make_mapping(
        content["columns"], content.get("person", ""), content.get("dates", "month_first")
    )


def make_mapping(columns: dict[Any, Any], person: str = "", dates: str = "month_first") -> Mapping:
    """Check a mapping of column name to entity; errors as ``load_mapping``."""
    mapped = tuple(_column(str(name), entity) for name, entity in columns.items())
    if not mapped:
        raise ConfigurationError("The reference mapping maps no column.", _HOW_TO)
    counts: dict[str, int] = defaultdict(int)
    for column in mapped:
        counts[column.entity] += 1
        if counts[column.entity] > MOST_COLUMNS:
            raise ConfigurationError(
                f"The reference mapping maps more than {MOST_COLUMNS} columns to {column.entity}.",
                "Keep those that identify best.",
            )
    if not isinstance(person, str):
        raise ConfigurationError("The reference mapping's 'person' is not the name of a column.")
    if dates not in get_args(DateOrder):
        raise ConfigurationError(
            "The reference mapping's 'dates' is neither month_first nor day_first."
        )
    order: DateOrder = "day_first" if dates == "day_first" else "month_first"
    return Mapping(mapped, person or _person_of(mapped), order)


_HOW_TO: Final = (
    "Write one line 'column: ENTITY' for each column that identifies; "
    "`nescio reference FILE` proposes them."
)


def _column(name: str, entity: object) -> Column:
    label, *rest = str(entity).split("/")
    if label not in LABELS:
        raise ConfigurationError(
            f"Column {name} is mapped to the unknown entity {entity}.",
            f"Known are {', '.join(LABELS)}.",
        )
    kind = rest.pop(0) if rest and rest[0] in LABELS[label] else ""
    part = rest.pop(0) if rest and label == "NAME" and rest[0] in NAME_PARTS else ""
    if rest:
        known = (*LABELS[label], *(NAME_PARTS if label == "NAME" else ()))
        raise ConfigurationError(
            f"Column {name} is mapped to {entity}, but {label} has no '{rest[0]}'.",
            f"It has {', '.join(known)}." if known else "It has no kinds.",
        )
    return Column(name, label, kind, part)


def _person_of(columns: Sequence[Column]) -> str:
    """Return the column that tells persons apart, best kind of number first."""
    for kind in _PERSON_KINDS:
        for column in columns:
            if column.label == "ID" and column.kind == kind:
                return column.name
    return ""


def propose_columns(names: Sequence[str]) -> list[Column]:
    """Return which of a table's columns look as if they held an entity, by their names.

    A proposal for a person to check, never used by itself; no more than three columns an entity.
    """
    counts: dict[str, int] = defaultdict(int)
    proposed: list[Column] = []
    for name in names:
        entity = _usual_names().get(_PUNCTUATION.sub("", name.lower()))
        if entity is not None and counts[entity] < MOST_COLUMNS:
            counts[entity] += 1
            proposed.append(_column(name, entity))
    return proposed


def write_mapping(columns: Sequence[Column]) -> str:
    """Return a mapping of ``columns`` as the text of a mapping file."""
    lines = ["# Proposed from the names of the columns: check every line before you use it."]
    body = yaml.safe_dump(
        {"columns": {column.name: column.entity for column in columns}}, sort_keys=False
    )
    return "\n".join([*lines, body])


@cache
def _usual_names() -> dict[str, str]:
    entities: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: entity for entity, names in entities.items() for name in names}
