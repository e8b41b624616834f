"""The limited data set, tested against the text of 45 CFR 164.514(e)(2)."""

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
    """ "A limited data set is protected health information that excludes the following direct
    identifiers of the individual or of relatives, employers, or household members"."""
    assert "Zq55" not in outcome(f"a [{entity}|Zq55] b", "limited-data-set")


@pytest.mark.parametrize(
    ("entity", "value"),
    [("DATE.birth", "24/05/1921"), ("DATE.visit", "3 May 2020"), ("AGE", "94"),
     ("LOCATION.city", "Salem"), ("LOCATION.state", "Oregon"), ("LOCATION.zip", "03601")],
)  # fmt: skip
def test_dates_ages_town_state_and_zip_code_stay(entity: str, value: str) -> None:
    assert outcome(f"[{entity}|{value}]", "limited-data-set") == value


def test_an_address_keeps_town_state_and_zip_code() -> None:
    """ "(ii) Postal address information, other than town or city, State, and zip code"."""
    marked = "[ADDRESS|12 Main St, Apt 4, Cambridge, MA 02139]"
    assert outcome(marked, "limited-data-set") == f"{HIDDEN}, Cambridge, MA 02139"


def test_the_result_is_declared_to_be_phi_still() -> None:
    assert load_policy("limited-data-set").output_is_phi
    assert not load_policy("safe-harbor").output_is_phi
