"""Which predictions of the tagger are terms, and which stay people, sites and codes."""

from __future__ import annotations

import pytest
from search_inputs import Given, paragraphs_of, spans_of

from nescio.search import without_terms


def left(text: str, hit: str, label: str = "NAME") -> bool:
    """Say whether a prediction of the tagger is left."""
    paragraphs = paragraphs_of([text])
    spans = spans_of(paragraphs, [Given(0, hit, label, source="tagger")])
    return bool(len(without_terms(paragraphs, spans)))


@pytest.mark.parametrize(
    ("text", "hit", "label"),
    [
        ("[G] - ANOVA & Dunnett: p < 0.05", "ANOVA", "ORGANIZATION"),
        ("[G] - ANOVA & Dunnett: p < 0.05", "Dunnett", "NAME"),
        ("[G] - ANOVA & Dunnett: p < 0.05", "ANOVA & Dunnett", "ORGANIZATION"),
        ("A = ANOVA and Dunnett's", "ANOVA and Dunnett's", "ORGANIZATION"),
        ("Study Director\tRedacted Name A", "Redacted Name A", "NAME"),
        ("Kruskal-Wallis, then Dunnett's test", "Dunnett", "NAME"),
        ("QTc 430 ms (Bazett), no ST changes", "Bazett", "NAME"),
        ("Swab grew MSSA and GNR", "MSSA", "NAME"),
        ("PMH: Barrett's oesophagus", "Barrett", "NAME"),
        ("PMH: Barrett’s oesophagus", "Barrett’s", "NAME"),
        ("Wilson disease was excluded", "Wilson", "NAME"),
        ("STREET AND CITY", "STREET AND CITY", "ADDRESS"),
        ("TESTING FACILITY", "TESTING FACILITY", "FACILITY"),
        ("shipped to Redacted Lab B", "Redacted Lab B", "ORGANIZATION"),
        ("Cannula: left hand", "Cannula", "NAME"),
        ("A = ANOVA and Dunnett's T = Rank-transformed", "Dunnett", "NAME"),
        ("Pathology\tRedacted Name D", "D", "NAME"),
        ("He went to a skilled nursing facility", "a skilled nursing facility", "FACILITY"),
        ("Checked twice daily (a.m. and p.m.)", "p.m", "NAME"),
        ("Test Facility Management:", "Test Facility Management", "FACILITY"),
        ("(Animal Numbers)", "Animal Numbers", "NAME"),
        ("Producer: Adobe PDF Library 15.0", "Adobe", "FACILITY"),
        ("fixed in Davidson's fixative", "Davidson", "NAME"),
        ("LUC\tAbsolute large unstained cell", "LUC", "NAME"),
        ("UCLA\tUrine clarity", "UCLA", "FACILITY"),
        ("IU\tInternational unit", "International unit", "FACILITY"),
        ("AU\tAuris utraque (both ears)", "Auris utraque", "NAME"),
        ("DESQUAM\tDesquamation", "DESQUAM", "NAME"),
        ("TBW = Terminal body weight; n = 5", "TBW", "NAME"),
        ("large unstained cells (LUC) rose", "LUC", "NAME"),
        ("A = ANOVA T = Rank-transformed data", "T", "NAME"),
        ("LUC E3/uL", "LUC", "NAME"),
        ("APTX sec", "APTX sec", "FACILITY"),
        ("liver lungs\tP P P,E P P,E", "E P P", "NAME"),
        ("UL, uL\tMicroliter", "Microliter", "FACILITY"),
    ],
)
def test_terms_are_dropped(text: str, hit: str, label: str) -> None:
    assert not left(text, hit, label)


@pytest.mark.parametrize(
    ("text", "hit", "label"),
    [
        ("Dr. Dunnett called", "Dunnett", "NAME"),
        ("Charles Dunnett described it", "Dunnett", "NAME"),
        ("(Dunnett, 1955)", "Dunnett", "NAME"),
        ("Dunnett CW. A procedure", "Dunnett", "NAME"),
        ("as Dunnett et al. wrote", "Dunnett", "NAME"),
        ("Charles Dunnett", "Charles Dunnett", "NAME"),
        ("Barrett was seen today", "Barrett", "NAME"),
        ("Mr Barrett's fracture healed", "Barrett", "NAME"),
        ("Anna Wilson disease onset 1990", "Anna Wilson", "NAME"),
        ("Barrett's wife called", "Barrett", "NAME"),
        ("patient Alp was seen", "Alp", "NAME"),
        ("Asa came", "Asa", "NAME"),
        ("Mercy Hospital", "Mercy Hospital", "FACILITY"),
        ("Mr. Key was seen", "Key", "NAME"),
        ("seen by grace young", "grace young", "NAME"),
        ("Seen by grace young", "grace young", "NAME"),
        ("seen at hope hospital", "hope hospital", "FACILITY"),
        ("Orange County, NA", "NA", "LOCATION"),
        ("Site D. Smith", "D. Smith", "NAME"),
        ("Street, John", "Street", "NAME"),
        ("Site 1004", "1004", "ID"),
        ("Ring 911 Lab Street, Springfield", "911 Lab Street", "ADDRESS"),
        ("Office of Laboratory Animal Welfare", "Animal Welfare", "ORGANIZATION"),
        ("Creator: Adobe Smith", "Adobe Smith", "NAME"),
        ("Adobe called us", "Adobe", "ORGANIZATION"),
        ("JS\tJohn Smith", "JS", "NAME"),
        ("JS\tJohn Smith", "John Smith", "NAME"),
        ("JD\tRecovered without sequelae", "JD", "NAME"),
        ("AL\tAlive", "AL", "NAME"),
        ("RS\tRecovered with sequelae", "RS", "NAME"),
        ("MGH\tMassachusetts General Hospital", "MGH", "FACILITY"),
        ("Massachusetts General Hospital (MGH)", "MGH", "FACILITY"),
        ("BOS\tBoston", "BOS", "LOCATION"),
        ("SMI\tSmith", "SMI", "NAME"),
        ("EU\tEhrlich unit", "Ehrlich", "NAME"),
        ("JD = John Doe", "JD", "NAME"),
        ("seen by the duty nurse (JD)", "JD", "NAME"),
        ("JD 80 kg, 180 cm", "JD", "NAME"),
        ("J R Smith", "J R", "NAME"),
        ("Mr. Gram was seen", "Gram", "NAME"),
    ],
)
def test_people_and_places_stay(text: str, hit: str, label: str) -> None:
    assert left(text, hit, label)


def test_what_a_term_is_does_not_touch_dates() -> None:
    assert left("Test date 2019", "2019", "DATE")
