"""EMA Policy 0070 and Health Canada PRCI: what stays, what goes, what is recoded."""

from __future__ import annotations

import datetime

import pytest
from policy_inputs import document, judge, preview

from nescio.policy import load_policy, merged
from nescio.policy.dates import read_date

HIDDEN = "███"


def shown(*marked: str, sections: tuple[str, ...] = ()) -> list[str]:
    source = document(*marked, sections=sections or ("title_page",) * len(marked), one_blob=False)
    return preview(source.paragraphs, judge(source, "ema-0070"))


@pytest.mark.parametrize(
    ("entity", "value"),
    [("ID.study_id", "CJ16050"), ("NAME.investigator", "Prof. Ann Lee"),
     ("NAME.signatory", "Dr. Al Fox"), ("FACILITY", "Mercy Hospital"),
     ("LOCATION.country", "France"), ("ORGANIZATION.sponsor", "Acme Pharma"),
     ("ORGANIZATION.vendor", "Labco"), ("DATE.milestone", "3 May 2020"), ("ID.site_id", "017")],
)  # fmt: skip
def test_what_the_guidance_wants_to_see_stays(entity: str, value: str) -> None:
    assert shown(f"[{entity}|{value}]") == [value]


@pytest.mark.parametrize(
    "entity",
    ["NAME.staff", "NAME.author", "NAME.patient", "NAME", "PHONE", "EMAIL", "ADDRESS", "ID.mrn",
     "LOCATION.city", "DATE.birth"],
)  # fmt: skip
def test_other_staff_and_direct_identifiers_go(entity: str) -> None:
    value = "7 May 1990" if entity == "DATE.birth" else "Zq55"
    assert value not in shown(f"a [{entity}|{value}] b")[0]


def test_a_site_and_its_country_are_hidden_inside_individual_patient_data() -> None:
    site = "seen at [FACILITY|Mercy Hospital], [LOCATION.country|France]"
    assert shown(site, sections=("study_design",)) == ["seen at Mercy Hospital, France"]
    assert shown(site, sections=("narratives",)) == [f"seen at {HIDDEN}, Europe"]


def test_a_paragraph_that_names_a_subject_is_individual_patient_data() -> None:
    text = shown("Subject [ID.subject_id|1004] fell at [FACILITY|Mercy Hospital].",
                 sections=("safety",))[0]  # fmt: skip
    assert "Mercy" not in text


def test_a_signatory_named_only_outside_signature_pages_is_treated_as_any_name() -> None:
    source = document("[NAME.signatory|Al Fox]", "[NAME.signatory|Jo Bell]",
                      sections=("signatures", "safety"), pages=(8, 9), one_blob=False)  # fmt: skip
    decisions = judge(source, "ema-0070")
    assert decisions["action"].to_pylist() == ["keep", "label"]


def test_ages_are_banded_and_open_from_90() -> None:
    assert shown("[AGE|45-year-old], [AGE|89], [AGE|90], [AGE|3 months]") == [
        "40–49 years, 80–89 years, 90 or older, 0–9 years"
    ]


def test_the_dates_of_one_person_move_by_the_same_days() -> None:
    text = shown("Subject [ID.subject_id|1]: [DATE.visit|3 May 2020] and [DATE.death|9 May 2020]")
    first, last = (read_date(part, "day", 2024) for part in text[0].split(": ")[1].split(" and "))
    assert first and last and first.exact and last.exact
    assert last.exact - first.exact == datetime.timedelta(days=6)
    assert abs(first.exact - datetime.date(2020, 5, 3)) >= datetime.timedelta(days=7)


def test_dates_of_different_people_move_by_different_days() -> None:
    marked = [f"Subject [ID.subject_id|10{n}] on [DATE.visit|3 May 2020]" for n in range(10, 30)]
    days = {text.split(" on ")[1] for text in shown(*marked)}
    assert len(days) > 5


def test_a_subject_id_is_recoded_the_same_everywhere_and_in_its_shape() -> None:
    source = document("Subject [ID.subject_id|001-1004]", "see [ID.subject_id|001-1004]",
                      "and [ID.subject_id|001-1005]")  # fmt: skip
    codes = judge(source, "ema-0070")["replacement"].to_pylist()
    assert codes[0] == codes[1] != codes[2]
    assert codes[0] != "001-1004"
    assert len(codes[0]) == 8 and codes[0][3] == "-" and codes[0].replace("-", "").isdigit()


@pytest.mark.parametrize(
    "before", ["Patient ID: ", "USUBJID ", "Patient-ID = ", "Screening no. ", "subject number: "]
)
def test_an_id_called_by_a_merged_name_is_a_subject_id(before: str) -> None:
    """``subject_id: [patient_id, usubjid, screening_number, ...]`` are one entity."""
    decisions = judge(document(f"{before}[ID|1004-77]"), "ema-0070")
    assert decisions["kind"].to_pylist() == ["subject_id"]
    assert decisions["action"].to_pylist() == ["surrogate"]


def test_merged_ids_can_be_had_before_people_are_linked() -> None:
    source = document("Patient ID: [ID|1004-77], lot [ID|55], [NAME|Jo Bell]")
    spans = merged(source.paragraphs, source.spans, load_policy("ema-0070"))
    assert spans["kind"].to_pylist() == ["subject_id", "", ""]
    assert spans.drop_columns(["kind"]).equals(source.spans.drop_columns(["kind"]))


def test_an_id_called_otherwise_stays_what_it_is() -> None:
    decisions = judge(document("Lot number: [ID|1004-77]", "Patient ID: [ID.mrn|55]"), "ema-0070")
    assert decisions["kind"].to_pylist() == ["", "mrn"]


def test_the_policy_skips_no_section_that_can_hold_patients() -> None:
    skipping = [scope for scope in load_policy("ema-0070").scopes if scope.entity is None]
    sections = {section for scope in skipping for section in scope.sections}
    assert sections == {"contents", "abbreviations"}


def test_a_date_so_coarse_that_its_shift_does_not_change_it_stands() -> None:
    decisions = judge(document("[DATE.visit|2020]", "[DATE.visit|4 May 2020]"), "ema-0070")
    coarse, exact = decisions.to_pylist()
    assert exact["action"] == "shift" and exact["replacement"] != "4 May 2020"
    if coarse["action"] == "keep":
        assert coarse["why"].endswith("/unmoved")
    else:
        assert coarse["action"] == "shift" and coarse["replacement"] in {"2019", "2021"}
