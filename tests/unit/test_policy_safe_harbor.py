"""Safe Harbor, by the letters of 45 CFR 164.514(b)(2)(i): each test says the rule in own words."""

from __future__ import annotations

import pytest
from policy_inputs import document, judge, outcome, policy_of, preview

from nescio.policy import Policy, load_policy
from nescio.policy.generalise import ZIP3_PEOPLE, generalise_zip, zip3_populations

HIDDEN = "███"


@pytest.mark.parametrize(
    ("letter", "entity"),
    [
        ("A", "NAME.patient"), ("A", "NAME.relative"), ("A", "NAME.username"), ("A", "NAME"),
        ("B", "ADDRESS.street"), ("B", "LOCATION.city"), ("B", "LOCATION.county"),
        ("B", "FACILITY"), ("C", "DATE.birth"), ("C", "DATE.admission"), ("C", "DATE.discharge"),
        ("C", "DATE.death"), ("C", "AGE"), ("D", "PHONE"), ("E", "PHONE.fax"), ("F", "EMAIL"),
        ("G", "ID.ssn"), ("H", "ID.mrn"), ("I", "ID.health_plan"), ("J", "ID.account"),
        ("K", "ID.licence"), ("L", "ID.vehicle"), ("M", "ID.device"), ("N", "URL"), ("O", "IP"),
        ("P", "OTHER.biometric"), ("Q", "OTHER.face"), ("R", "ID"), ("R", "ID.subject_id"),
        ("R", "OTHER.barcode"), ("R", "ID.specimen"), ("R", "ID.passport"),
        ("employers", "ORGANIZATION.employer"),
    ],
)  # fmt: skip
def test_none_of_the_eighteen_identifiers_stays_as_it_is(letter: str, entity: str) -> None:
    """Letters A to R, of the individual, of relatives, employers and household members."""
    value = "7 May 1990" if entity.startswith("DATE") else "94" if entity == "AGE" else "Zq55"
    assert value not in outcome(f"a [{entity}|{value}] b", "safe-harbor")


def test_all_elements_of_dates_except_year_go() -> None:
    """Letter C: of dates directly related to the individual only the year may stay."""
    marked = (
        "born [DATE.birth|24/05/1977], seen [DATE.visit|Tuesday, March 3rd, 2020 at 10:15 am], "
        "left [DATE.discharge|5 March], again in [DATE|Jun 2021] and [DATE|2022]"
    )
    assert outcome(marked, "safe-harbor") == (
        f"born 1977, seen 2020, left {HIDDEN}, again in 2021 and 2022"
    )


def test_ages_over_89_become_one_category() -> None:
    """Letter C: ages over 89 go, and may become "90 or older"."""
    marked = "aged [AGE|89], [AGE|90], [AGE|ninety-four], [AGE|in her nineties], [AGE|104 years]"
    assert outcome(marked, "safe-harbor") == (
        "aged 89, 90 or older, 90 or older, 90 or older, 90 or older"
    )


def test_an_age_that_cannot_be_read_goes() -> None:
    assert outcome("of [AGE|advanced years]", "safe-harbor") == f"of {HIDDEN}"


def test_the_year_of_birth_goes_where_another_date_shows_an_age_over_89() -> None:
    """Letter C: the year goes, too, where it shows an age over 89."""
    marked = "born [DATE.birth|2 Jan 1921], seen [DATE.visit|4 Feb 2011]"
    assert outcome(marked, "safe-harbor", this_year=2011) == f"born {HIDDEN}, seen 2011"


def test_the_year_of_birth_stays_at_89_years() -> None:
    marked = "born [DATE.birth|2 Jan 1922], seen [DATE.visit|4 Feb 2011]"
    assert outcome(marked, "safe-harbor", this_year=2011) == "born 1922, seen 2011"


def test_the_year_of_birth_goes_where_its_reader_knows_the_person_to_be_over_89() -> None:
    marked = "born [DATE.birth|2 Jan 1922], seen [DATE.visit|4 Feb 2001]"
    assert outcome(marked, "safe-harbor", this_year=2024) == f"born {HIDDEN}, seen 2001"


def test_a_birth_date_goes_where_the_age_is_said_to_be_over_89_whatever_its_year() -> None:
    marked = "[NAME.patient|Jo Bell], [AGE|93], born [DATE.birth|1977-05-24]"
    assert outcome(marked, "safe-harbor") == f"[NAME 1], 90 or older, born {HIDDEN}"


def test_an_age_over_89_of_one_person_leaves_the_birth_year_of_another() -> None:
    source = document("[NAME.patient|Jo Bell] [AGE|93]", "[NAME.patient|Al Fox] [DATE.birth|1977]",
                      one_blob=False)  # fmt: skip
    shown = preview(source.paragraphs, judge(source, "safe-harbor"))
    assert shown[1] == "[NAME 2] 1977"


def test_state_and_country_stay() -> None:
    """Letter B: geography smaller than a state goes."""
    marked = "in [LOCATION.city|Salem], [LOCATION.state|Oregon], [LOCATION.country|USA]"
    assert outcome(marked, "safe-harbor") == f"in {HIDDEN}, Oregon, USA"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("02139", "021"), ("02139-4307", "021"), ("03601", "000"), ("69201", "000"), ("10211", "000")],
)
def test_three_digits_of_a_zip_code_stay_where_more_than_20000_people_share_them(
    code: str, shown: str
) -> None:
    """Letter B: the first three digits stay where all ZIP codes that share them hold more than
    20,000 people; else they are ``000``."""
    assert outcome(f"ZIP [LOCATION.zip|{code}]", "safe-harbor") == f"ZIP {shown}"


def test_every_zip3_area_is_shown_exactly_if_it_holds_more_than_20000_people() -> None:
    populations = zip3_populations()
    assert len(populations) > 850
    for area, people in populations.items():
        assert generalise_zip(f"{area}01") == (area if people > ZIP3_PEOPLE else "000")


def test_a_zip3_area_that_the_census_does_not_list_is_restricted() -> None:
    listed = zip3_populations()
    missing = next(f"{n:03d}" for n in range(1000) if f"{n:03d}" not in listed)
    assert generalise_zip(f"{missing}01") == "000"


def test_a_postal_code_of_another_country_goes() -> None:
    assert outcome("at [LOCATION.zip|K1A 0B1]", "safe-harbor") == f"at {HIDDEN}"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("12 Main St, Apt 4, Cambridge, MA 02139", f"{HIDDEN}, MA 021"),
        ("12 Main St, Lebanon, New Hampshire 03601", f"{HIDDEN}, New Hampshire 000"),
        ("9 Elm Ave, Portland OR 97201, USA", f"{HIDDEN} OR 972, USA"),
        ("45 Rue de la Paix, 75002 Paris, France", f"{HIDDEN}, France"),
        ("12345 Oak Road", HIDDEN),
    ],
)
def test_a_whole_address_keeps_state_country_and_generalised_zip_code(
    address: str, shown: str
) -> None:
    assert outcome(f"lives at [ADDRESS|{address}].", "safe-harbor") == f"lives at {shown}."


def test_providers_go_unless_the_staff_switch_keeps_them() -> None:
    marked = "[NAME.patient|Jo Bell] saw [NAME.staff|Dr. Ann Lee] (NPI [ID.npi|1234567893])"
    assert "Lee" not in outcome(marked, "safe-harbor")
    kept = outcome(marked, _staff_kept())
    assert kept == "[NAME 1] saw Dr. Ann Lee (NPI 1234567893)"


def _staff_kept() -> Policy:
    base = load_policy("safe-harbor")
    return base.model_copy(update={"staff": "keep"})


def test_a_label_is_the_same_for_one_person_and_another_for_another() -> None:
    source = document(
        "[NAME.patient|Jo Bell] met [NAME|Al Fox].",
        "[NAME|BELL, JO] left. [NAME|Mr. Al Fox] stayed.",
    )
    shown = preview(source.paragraphs, judge(source, "safe-harbor"))
    assert shown == ["[NAME 1] met [NAME 2].", "[NAME 1] left. [NAME 2] stayed."]


def test_linked_people_decide_which_label_a_name_gets() -> None:
    source = document("[NAME.patient|Jo Bell] met [NAME|Al Fox].", "[NAME|J. B.] left.")
    people = {("d-1", 0, 0, 7): 4, ("d-1", 0, 12, 18): 9, ("d-1", 1, 0, 5): 4}
    decisions = judge(source, "safe-harbor", people=people)
    assert preview(source.paragraphs, decisions)[1] == "[NAME 1] left."
    assert decisions["person"].to_pylist() == [4, 9, 4]


def test_a_removal_may_show_its_label(tmp_path: object) -> None:
    policy = policy_of(tmp_path, "extends: safe-harbor\nstyle: label\n")
    assert outcome("call [PHONE|555-123-4567]", policy) == "call [PHONE]"
    assert outcome("by [OTHER.signature|✍]", policy) == "by [SIGNATURE]"
