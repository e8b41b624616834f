"""Mentions of somebody who is known: which forms count, and which need support."""

from __future__ import annotations

import pytest
from search_inputs import Given, found_in, lexicon_of, search

from nescio.search.aliases import aliases_of
from nescio.search.names import PersonName, parse_name
from nescio.search.reading import Reading

PATIENT = Given(0, "Grace Kowalczyk-O'Neil", "NAME", "patient")


def mentions(text: str, name: str = PATIENT.text, *given: Given) -> list[str]:
    """Return what is found in a paragraph that stands below one with the name."""
    hits = search([f"# Patient: {name}", text], Given(0, name, "NAME", "patient"), *given)
    assert found_in(hits, 0) == [name]
    return found_in(hits, 1)


@pytest.mark.parametrize(
    "mention",
    [
        "Grace Kowalczyk-O'Neil",
        "GRACE KOWALCZYK-O'NEIL",
        "grace kowalczyk-o'neil",
        "Kowalczyk-O’Neil",
        "Kowalczyk O'Neil",
        "KOWALCZYK-O'NEIL, Grace",
        "Kowalczyk-O'Neil, G.",
        "G. Kowalczyk-O'Neil",
        "Kowalczyk",
        "ONeil",
        "G.K.",
        "Grace\nKowalczyk-O'Neil",
        "Kowal-\nczyk",
        "Kowalczyk-\nO'Neil",
        "Kowalczýk",
        "Kowa1czyk",
        "Kowalcyzk",
        "Kowalczik",
    ],
)
def test_known_patient_is_found_as(mention: str) -> None:
    assert mentions(f"On day 3 {mention} had a cold.") == [mention]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("19.03.2018 18:39  Gross: Chest clear, abdomen soft.", ["Gross"]),
        ("19.03.2018 6:39 p.m. Gross: Chest clear, abdomen soft.", ["Gross"]),
        ("Reported at 18:39. Gross: pale tissue of 3 cm.", []),
        ("Specimen received. Gross: pale tissue of 18:39 cm.", []),
    ],
)
def test_the_writer_of_a_note_is_named_after_the_time(text: str, found: list[str]) -> None:
    assert mentions(text, "Amanda Gross") == found


def test_an_accent_tells_a_name_from_a_word() -> None:
    assert mentions("2. Bäck; Back pain was mild.", "Ulrika Bäck") == ["Bäck"]


def test_possessive_is_not_part_of_the_name() -> None:
    assert mentions("The wound of Kowalczyk's arm.") == ["Kowalczyk"]


def test_name_inside_a_longer_word_is_none() -> None:
    assert mentions("Kowalczykowa and XKowalczyk2 differ.") == []


@pytest.mark.parametrize("text", ["At 17:34Kowalczyk slept.", "Seen by Kowalczyk2 and others."])
def test_digits_that_touch_a_name_do_not_hide_it(text: str) -> None:
    assert mentions(text) == ["Kowalczyk"]


def test_digits_that_touch_an_ordinary_word_make_no_name_of_it() -> None:
    assert mentions("Take 2Banks or Banks2.", "Grace Banks") == []


def test_two_letters_off_is_another_name() -> None:
    assert mentions("Kowalskzik had a cold.") == []


def test_known_name_one_letter_off_is_somebody_else() -> None:
    assert mentions("On day 3 Martins came.", "Luis Martinez") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Young", "He will be young again."),
        ("Will Young", "Will he come? Young patients do."),
        ("May Long", "In May it was long."),
        ("May Long", "She came on 3 May 2021."),
        ("Grace Brown", "Brown sputum, by the grace of God."),
        ("Jane Doe", "JD was not recorded."),
        ("Mary Dunn", "Seen by A. Ruiz, M.D., at noon."),
        ("Paul Moore", "At 3 P.M. he slept."),
        ("Lee Ann Ho", "HO was normal."),
        ("James Parkinson", "Signs of Parkinson's disease and of Parkinson syndrome."),
    ],
)
def test_ambiguous_word_without_support_is_no_mention(name: str, text: str) -> None:
    assert mentions(text, name) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Will Young", "Mr. Young slept.", "Young"),
        ("Will Young", "His wife Will knows.", "Will"),
        ("Will Young", "We saw Young's wound.", "Young"),
        ("Will Young", "On day 3 Will came back.", "Will"),
        ("May Long", "May was well.", "May"),
        ("May Long", "Dr May came.", "May"),
        ("Jane Doe", "Patient JD was seen.", "JD"),
        ("Jane Doe", "Initials: J.D.", "J.D."),
        ("Mary Dunn", "Mrs M.D. was seen.", "M.D."),
        ("Wei Li", "Mrs Li slept.", "Li"),
    ],
)
def test_ambiguous_word_with_support_is_a_mention(name: str, text: str, found: str) -> None:
    assert mentions(text, name) == [found]


def test_prediction_supports_an_ambiguous_word() -> None:
    weak = Given(1, "May", "NAME", score=0.2, source="tagger")
    hits = search(["# Patient: May Long", "In May"], Given(0, "May Long", "NAME"), weak)
    assert [hit.sources for hit in hits if hit.paragraph == 1] == [("tagger", "carryover")]


@pytest.mark.parametrize("mention", ["CJ1-101-1004", "CJ1/101/1004", "CJ11011004", "CJ1-1O1-1004"])
def test_known_number_is_found_however_it_is_written(mention: str) -> None:
    hits = search(
        ["# Subject CJ1-101-1004", f"Sample {mention} was lost."],
        Given(0, "CJ1-101-1004", "ID", "subject_id"),
    )
    assert found_in(hits, 1) == [mention]


def test_last_part_of_a_number_counts_where_a_word_announces_it() -> None:
    hits = search(
        ["# Subject CJ1-101-1004", "Subject 1004 had 1004 cells."],
        Given(0, "CJ1-101-1004", "ID", "subject_id"),
    )
    assert found_in(hits, 1) == ["1004"]


def test_place_of_a_single_ordinary_word_counts_only_where_it_stands_out() -> None:
    hits = search(
        ["# Subject 1004", "reading glasses. He moved to Reading last year. Reading was hard."],
        Given(0, "1004", "ID", "subject_id"),
        lexicon=lexicon_of(("Reading", "LOCATION", "city")),
    )
    assert found_in(hits, 1) == ["Reading"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Q. Doe", PersonName(("jane", "q"), (), ("doe",))),
        ("DOE, Jane", PersonName(("jane",), (), ("doe",))),
        ("Dr. Ludwig van der Berg, MD, PhD", PersonName(("ludwig",), ("van", "der"), ("berg",))),
        ("Doe J", PersonName(("j",), (), ("doe",))),
        ("Mr. Müller", PersonName(("muller",), (), ())),
        ("García-López, José", PersonName(("jose",), (), ("garcia-lopez",))),
        ("Dr.", None),
    ],
)
def test_names_are_taken_apart(text: str, name: PersonName | None) -> None:
    assert parse_name(text) == name


def test_umlaut_is_known_as_two_letters_too() -> None:
    words = {alias.words for alias in aliases_of("Jörg Müller", "NAME")}
    assert {("muller",), ("mueller",), ("jorg", "muller"), ("joerg", "mueller")} <= words


@pytest.mark.parametrize(
    "text", ["Ko\u0308nig", "K\u00f6nig", "\ufb01t", "a\u00adb", "ß-\nx", "İx"]
)
def test_words_are_found_where_they_stand_in_the_original(text: str) -> None:
    reading = Reading.of(f"A {text}, b")
    assert reading.words[0] == "a" and reading.words[-1] == "b"
    start, end = reading.starts[1], reading.ends[-2]
    assert reading.text[start:end] == text
