"""Names of entities in a policy: ``LABEL`` or ``LABEL.kind``, checked against the closed list."""

from __future__ import annotations

from typing import Final

from nescio.tables import LABELS

ENTITIES: Final[frozenset[str]] = frozenset(LABELS) | {
    f"{label}.{kind}" for label, kinds in LABELS.items() for kind in kinds
}


def entity_name(label: str, kind: str) -> str:
    """Return ``LABEL.kind``, or ``LABEL`` where the kind is not known."""
    return f"{label}.{kind}" if kind else label


def label_of(entity: str) -> str:
    """Return the label of an entity's name."""
    return entity.partition(".")[0]


def kind_of(entity: str) -> str:
    """Return the kind of an entity's name, or ``""``."""
    return entity.partition(".")[2]


def check_entity(entity: str) -> str:
    """Return the entity's name if the closed list has it.

    Raises:
        ValueError: it does not; the message names what it has.
    """
    if entity in ENTITIES:
        return entity
    label, _, kind = entity.partition(".")
    if label in LABELS:
        known = ", ".join(LABELS[label]) or "none"
        raise ValueError(f"unknown entity {label}.{kind}; kinds of {label}: {known}")
    raise ValueError(f"unknown entity {label}; labels: {', '.join(LABELS)}")
