"""What a policy may not allow if it claims to follow a rule text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from nescio.policy.entities import ENTITIES, kind_of, label_of

if TYPE_CHECKING:
    from nescio.policy.model import Rule

Basis = Literal["none", "safe-harbor", "limited-data-set", "ema-0070"]

_HIDDEN: Final = frozenset({"remove", "label", "surrogate"})

SAFE_HARBOR_MAY_KEEP: Final = frozenset(
    {
        "LOCATION.state",
        "LOCATION.country",
        "NAME.staff",
        "NAME.author",
        "NAME.investigator",
        "NAME.signatory",
        "ORGANIZATION.sponsor",
        "ORGANIZATION.vendor",
        "ORGANIZATION.insurer",
        "ID.study_id",
        "ID.npi",
        "DATE.milestone",
    }
)
"""Entities outside 45 CFR 164.514(b)(2)(i): not of the individual, relatives or employers."""

LIMITED_DATA_SET_MUST_HIDE: Final = frozenset(
    {
        "NAME",
        "NAME.patient",
        "NAME.relative",
        "NAME.username",
        "ADDRESS",
        "ADDRESS.street",
        "ORGANIZATION.employer",
        "PHONE",
        "PHONE.fax",
        "EMAIL",
        "URL",
        "IP",
        "OTHER.biometric",
        "OTHER.face",
        "ID.mrn",
        "ID.ssn",
        "ID.health_plan",
        "ID.account",
        "ID.licence",
        "ID.vehicle",
        "ID.device",
    }
)
"""The sixteen direct identifiers of 45 CFR 164.514(e)(2) in Nescio's labels."""


def check_basis(basis: Basis, rule: Callable[[str, str], Rule]) -> None:
    """Raise ValueError where the policy's rules contradict the text it claims to follow.

    Args:
        basis: the rule text.
        rule: gives the rule of a label and kind.
    """
    check = {"safe-harbor": _safe_harbor, "limited-data-set": _limited_data_set}.get(basis)
    if check is None:
        return
    for entity in sorted(ENTITIES):
        check(entity, rule(label_of(entity), kind_of(entity)))


def _safe_harbor(entity: str, rule: Rule) -> None:
    """Check one entity against 45 CFR 164.514(b)(2)(i)."""
    actions = {rule.action, rule.individual or rule.action}
    if "shift" in actions:
        raise ValueError(
            f"{entity}: shifting dates is not Safe Harbor (45 CFR 164.514(b)(2)(i)(C)); "
            "generalise to year or remove"
        )
    if "keep" in actions and entity not in SAFE_HARBOR_MAY_KEEP:
        raise ValueError(f"{entity}: Safe Harbor does not let it stay (45 CFR 164.514(b)(2)(i))")


def _limited_data_set(entity: str, rule: Rule) -> None:
    """Check one entity against 45 CFR 164.514(e)(2)."""
    actions = {rule.action, rule.individual or rule.action}
    if entity in LIMITED_DATA_SET_MUST_HIDE and not actions <= _HIDDEN:
        raise ValueError(f"{entity}: a limited data set must not hold it (45 CFR 164.514(e)(2))")
