"""The limited data set, by 45 CFR 164.514(e)(2): each test says the rule in own words."""

from __future__ import annotations

import pytest
from policy_inputs import outcome

from nescio.policy import load_policy

HIDDEN = "███"


@pytest.mark.parametrize(
    "entity",
    ["NAME.patient", "NAME.relative", "ADDRESS.street", "ORGANIZATION.employer", "PHONE",
     "PHONE.fax", "EMAIL", "ID.ssn", "ID.mrn", "ID.health_plan", "ID.account", "ID.licence",
     "ID.vehicle", "ID.device", "URL", "IP", "OTHER.biometric", "OTHER.face"],
)  # fmt: skip
def test_each_of_the_sixteen_direct_identifiers_goes(entity: str) -> None:
    """Of the individual, of relatives, employers and household members."""
    assert "Zq55" not in outcome(f"a [{entity}|Zq55] b", "limited-data-set")


@pytest.mark.parametrize(
    ("entity", "value"),
    [("DATE.birth", "24/05/1921"), ("DATE.visit", "3 May 2020"), ("AGE", "94"),
     ("LOCATION.city", "Salem"), ("LOCATION.state", "Oregon"), ("LOCATION.zip", "03601")],
)  # fmt: skip
def test_dates_ages_town_state_and_zip_code_stay(entity: str, value: str) -> None:
    assert outcome(f"[{entity}|{value}]", "limited-data-set") == value


def test_an_address_keeps_town_state_and_zip_code() -> None:
    """Of a postal address only town or city, state and ZIP code stay."""
    marked = "[ADDRESS|12 Main St, Apt 4, Cambridge, MA 02139]"
    assert outcome(marked, "limited-data-set") == f"{HIDDEN}, Cambridge, MA 02139"


def test_the_result_is_declared_to_be_phi_still() -> None:
    assert load_policy("limited-data-set").output_is_phi
    assert not load_policy("safe-harbor").output_is_phi
